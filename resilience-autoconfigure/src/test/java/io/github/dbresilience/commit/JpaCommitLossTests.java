// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.autoconfigure.DbResilienceJpaAutoConfiguration;
import io.github.dbresilience.autoconfigure.DbResilienceTransactionAutoConfiguration;
import io.github.dbresilience.retry.TransactionOutcomeUnknownException;
import io.github.dbresilience.testing.CommitScript;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.transaction.ResilientTransactions;
import io.github.resilience4j.springboot.circuitbreaker.autoconfigure.CircuitBreakerAutoConfiguration;
import io.github.resilience4j.springboot.timelimiter.autoconfigure.TimeLimiterAutoConfiguration;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The outcome of lost COMMITs with Hibernate.
 */
class JpaCommitLossTests {

	private static PostgresServer server;

	private static FaultProxy proxy;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, TransactionAutoConfiguration.class,
				HibernateJpaAutoConfiguration.class, DbResilienceAutoConfiguration.class,
				DbResilienceJpaAutoConfiguration.class, DbResilienceTransactionAutoConfiguration.class,
				CircuitBreakerAutoConfiguration.class, TimeLimiterAutoConfiguration.class,
				Resilience4JAutoConfiguration.class))
		.withUserConfiguration(Entities.class)
		.withPropertyValues("spring.datasource.url=" + proxy.jdbcUrl(),
				"spring.datasource.username=" + server.username(), "spring.datasource.password=" + server.password(),
				"spring.jpa.hibernate.ddl-auto=create", "spring.jpa.open-in-view=false",
				"spring.cloud.circuitbreaker.resilience4j.disable-thread-pool=true",
				"spring.cloud.circuitbreaker.bulkhead.resilience4j.enabled=false");

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
		proxy = FaultProxy.to(server);
	}

	@AfterAll
	static void stop() {
		proxy.close();
		server.close();
	}

	@Test
	void aLostAnswerIsFoundOutAndCallbacksAreToldTheTruth() {
		run((context) -> {
			AtomicInteger completion = new AtomicInteger(-1);
			proxy.arm(CommitScript.dropReply().when((sql) -> sql.contains("mark")));
			store(context, 1, completion);
			assertThat(completion).hasValue(TransactionSynchronization.STATUS_COMMITTED);
			assertThat(count(context)).isEqualTo(1);
		});
	}

	@Test
	void aLostCommitIsToldAsNotCommitted() {
		run((context) -> {
			AtomicInteger completion = new AtomicInteger(-1);
			proxy.arm(CommitScript.dropCommit().when((sql) -> sql.contains("mark")));
			assertThat(Tally.outcomeOf(() -> store(context, 1, completion))).isEqualTo(CommitOutcome.NOT_COMMITTED);
			assertThat(completion.get()).isNotEqualTo(TransactionSynchronization.STATUS_COMMITTED);
			assertThat(count(context)).isZero();
		});
	}

	@Test
	void theTemplateTriesItAgainAndItHappensOnce() {
		run((context) -> {
			proxy.arm(CommitScript.dropCommit().when((sql) -> sql.contains("mark")).times(3));
			context.getBean(ResilientTransactions.class).execute(() -> {
				entities(context).persist(new Stored(1));
				return null;
			});
			assertThat(count(context)).isEqualTo(1);
		});
	}

	@Test
	void anUnknownOutcomeHasATypeThatSpringUsersCanCatch() {
		this.runner.withPropertyValues("db.resilience.commit-outcome.max-wait=300ms").run((context) -> {
			proxy.arm(CommitScript.dropReply().when((sql) -> sql.contains("mark")));
			assertThatExceptionOfType(TransactionOutcomeUnknownException.class)
				.isThrownBy(() -> context.getBean(ResilientTransactions.class).execute(() -> {
					entities(context).persist(new Stored(1));
					entities(context).flush();
					proxy.refuse();
					return null;
				}));
			proxy.accept();
		});
	}

	private void run(Consumer<ApplicationContext> test) {
		this.runner.run((context) -> {
			try {
				test.accept(context);
			}
			finally {
				proxy.disarm();
			}
		});
	}

	private static void store(ApplicationContext context, long id, AtomicInteger completion) {
		context.getBean(TransactionTemplate.class).executeWithoutResult((status) -> {
			TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
				@Override
				public void afterCompletion(int result) {
					completion.set(result);
				}
			});
			entities(context).persist(new Stored(id));
		});
	}

	private static long count(ApplicationContext context) {
		return entities(context).createQuery("select count(s) from JpaCommitLossTests$Stored s", Long.class)
			.getSingleResult();
	}

	private static EntityManager entities(ApplicationContext context) {
		return SharedEntityManagerCreator
			.createSharedEntityManager(context.getBean(jakarta.persistence.EntityManagerFactory.class));
	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = JpaCommitLossTests.class)
	static class Entities {

	}

	/**
	 * An entity.
	 */
	@Entity
	static class Stored {

		@Id
		private Long id;

		protected Stored() {
		}

		Stored(long id) {
			this.id = id;
		}

	}

}
