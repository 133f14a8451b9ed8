// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

import javax.sql.DataSource;

import io.github.dbresilience.retry.RetriedTransactions.Failing;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Role;
import org.springframework.context.annotation.Scope;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.DefaultTransactionAttribute;
import org.springframework.transaction.interceptor.MatchAlwaysTransactionAttributeSource;
import org.springframework.transaction.interceptor.TransactionInterceptor;
import org.springframework.transaction.support.TransactionSynchronizationManager;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every way to make a method transactional makes it one that is tried again.
 */
class RetryWiringTests {

	private static RetriedTransactions world;

	@BeforeAll
	static void start() {
		world = new RetriedTransactions();
	}

	@AfterAll
	static void stop() {
		world.close();
	}

	@Test
	void annotationsOfAnInterfaceCountBehindAnInterfaceProxy() {
		world.run(OnlineShop.class, (context) -> {
			Shop shop = context.getBean(Shop.class);
			assertThat(AopUtils.isJdkDynamicProxy(shop)).isTrue();
			assertTriedAgain(context, shop::sell);
		}, "spring.aop.proxy-target-class=false");
	}

	@Test
	void annotationsOfAnInterfaceCountBehindAClassProxy() {
		world.run(OnlineShop.class, (context) -> {
			assertThat(AopUtils.isCglibProxy(context.getBean(Shop.class))).isTrue();
			assertTriedAgain(context, context.getBean(Shop.class)::sell);
		});
	}

	@Test
	void anAnnotationMadeOfTheAnnotationCounts() {
		world.run(Warehouse.class, (context) -> assertTriedAgain(context, context.getBean(Warehouse.class)::move));
	}

	@Test
	void beansThatReferToEachOtherAreTriedAgain() {
		world.runner().withBean(Hen.class).withBean(Egg.class).withAllowCircularReferences(true).run((context) -> {
			assertTriedAgain(context, context.getBean(Hen.class)::lay);
			assertTriedAgain(context, context.getBean(Egg.class).hen::lay);
		});
	}

	@Test
	void aScopedBeanIsTriedAgain() {
		world.runner()
			.withUserConfiguration(Scoped.class)
			.run((context) -> assertTriedAgain(context, context.getBean("stock", Stock.class)::take));
	}

	@Test
	void aPointcutOfTheUsersIsTriedAgain() {
		world.runner()
			.withUserConfiguration(OwnPointcut.class)
			.withPropertyValues("db.resilience.retry.transactions=all")
			.run((context) -> assertTriedAgain(context, context.getBean(Plain.class)::touch));
	}

	@Test
	void eachTransactionManagerIsTriedAgain() {
		world.runner().withUserConfiguration(TwoManagers.class).run((context) -> {
			assertTriedAgain(context, context.getBean(Both.class)::first);
			assertTriedAgain(context, context.getBean(Both.class)::second);
		});
	}

	@Test
	void theInterceptorIsThereOnceAndDirectlyBeforeTheTransaction() {
		world.run(Warehouse.class, (context) -> {
			Advisor[] advisors = ((Advised) context.getBean(Warehouse.class)).getAdvisors();
			for (int i = 0; i < advisors.length; i++) {
				if (advisors[i].getAdvice() instanceof TransactionInterceptor) {
					assertThat(advisors[i - 1].getAdvice()).isInstanceOf(TransactionRetryInterceptor.class);
				}
			}
			assertThat(advisors).filteredOn((advisor) -> advisor.getAdvice() instanceof TransactionRetryInterceptor)
				.hasSize(1);
		});
	}

	private static void assertTriedAgain(ApplicationContext context, Work work) {
		Failing killed = world.killOnce(context);
		work.run(killed);
		assertThat(killed.attempts()).isEqualTo(2);
	}

	@FunctionalInterface
	interface Work {

		void run(Runnable fault);

	}

	/**
	 * Does something after the fault.
	 */
	static class Database {

		@Autowired
		JdbcTemplate jdbc;

		void use(Runnable fault) {
			assertThat(TransactionSynchronizationManager.isActualTransactionActive()).isTrue();
			fault.run();
			this.jdbc.queryForObject("select 1", Integer.class);
		}

	}

	interface Shop {

		@Transactional
		@RetryableTransaction
		void sell(Runnable fault);

	}

	static class OnlineShop extends Database implements Shop {

		@Override
		public void sell(Runnable fault) {
			use(fault);
		}

	}

	@Transactional
	@RetryableTransaction
	@Retention(RetentionPolicy.RUNTIME)
	@interface Unit {

	}

	static class Warehouse extends Database {

		@Unit
		public void move(Runnable fault) {
			use(fault);
		}

	}

	@RetryableTransaction
	@Transactional
	static class Hen extends Database {

		@Autowired
		Egg egg;

		public void lay(Runnable fault) {
			use(fault);
		}

	}

	static class Egg {

		@Autowired
		Hen hen;

	}

	@RetryableTransaction
	@Transactional
	static class Stock extends Database {

		public void take(Runnable fault) {
			use(fault);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Scoped {

		@Bean
		@Scope(value = "prototype", proxyMode = ScopedProxyMode.TARGET_CLASS)
		Stock stock() {
			return new Stock();
		}

	}

	static class Plain extends Database {

		public void touch(Runnable fault) {
			use(fault);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnPointcut {

		@Bean
		Plain plain() {
			return new Plain();
		}

		@Bean
		static TransactionInterceptor ownInterceptor(BeanFactory beans) {
			MatchAlwaysTransactionAttributeSource always = new MatchAlwaysTransactionAttributeSource();
			always.setTransactionAttribute(new DefaultTransactionAttribute());
			TransactionInterceptor interceptor = new TransactionInterceptor();
			interceptor.setTransactionAttributeSource(always);
			interceptor.setBeanFactory(beans);
			return interceptor;
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static Advisor ownAdvisor(@Qualifier("ownInterceptor") TransactionInterceptor ownInterceptor) {
			NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut();
			pointcut.addMethodName("touch");
			return new DefaultPointcutAdvisor(pointcut, ownInterceptor);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoManagers {

		@Bean
		@Primary
		PlatformTransactionManager transactionManager(DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		PlatformTransactionManager secondManager(@Qualifier("dataSource") DataSource dataSource) {
			return new JdbcTransactionManager(dataSource);
		}

		@Bean
		Both both() {
			return new Both();
		}

	}

	@RetryableTransaction
	static class Both extends Database {

		@Transactional
		public void first(Runnable fault) {
			use(fault);
		}

		@Transactional("secondManager")
		public void second(Runnable fault) {
			use(fault);
		}

	}

}
