// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.Map;

import io.github.dbresilience.testing.TestDatabase;
import io.github.dbresilience.transaction.SavepointJpaDialect;
import io.github.dbresilience.transaction.SavepointServiceContributor;
import jakarta.persistence.EntityManagerFactory;
import org.hibernate.Session;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Savepoints with JPA are switched on where they are right, and nowhere else.
 */
@Timeout(60)
class JpaSavepointAutoConfigurationTests {

	private static TestDatabase database;

	private final ApplicationContextRunner application = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, TransactionAutoConfiguration.class,
				HibernateJpaAutoConfiguration.class, DbResilienceAutoConfiguration.class,
				DbResilienceJpaAutoConfiguration.class))
		.withPropertyValues(database.springProperties());

	@BeforeAll
	static void create() {
		database = TestDatabase.create();
	}

	@AfterAll
	static void drop() {
		database.close();
	}

	@Test
	void theTransactionManagerOfSpringBootGetsSavepoints() {
		this.application.run((context) -> {
			JpaTransactionManager manager = context.getBean(JpaTransactionManager.class);
			assertThat(manager.getJpaDialect()).isInstanceOf(SavepointJpaDialect.class);
			assertThat(manager.isNestedTransactionAllowed()).isTrue();
		});
	}

	@Test
	void aLazyDataSourceGetsSavepoints() {
		this.application.withPropertyValues("spring.datasource.connection-fetch=lazy")
			.run((context) -> assertThat(context.getBean(JpaTransactionManager.class).getJpaDialect())
				.isInstanceOf(SavepointJpaDialect.class));
	}

	@Test
	void aTransactionManagerOfTheUsersGetsSavepoints() {
		this.application.withUserConfiguration(OwnTransactionManager.class)
			.run((context) -> assertThat(context.getBean(JpaTransactionManager.class).getJpaDialect())
				.isInstanceOf(SavepointJpaDialect.class));
	}

	@Test
	void aDialectOfTheUsersStays() {
		this.application.withUserConfiguration(OwnDialect.class).run((context) -> {
			JpaTransactionManager manager = context.getBean(JpaTransactionManager.class);
			assertThat(manager.getJpaDialect()).isInstanceOf(OwnDialect.Dialect.class);
			assertThat(manager.isNestedTransactionAllowed()).isFalse();
		});
	}

	@Test
	void aDataSourceThatIsNotOursIsLeftAlone() {
		leftAlone("db.resilience.data-sources.exclude=dataSource");
	}

	@Test
	void nothingIsDoneWhereTheStarterIsSwitchedOff() {
		leftAlone("db.resilience.enabled=false");
	}

	@Test
	void anApplicationWithoutHibernateStarts() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					DbResilienceAutoConfiguration.class, DbResilienceJpaAutoConfiguration.class))
			.withPropertyValues(database.springProperties())
			.withClassLoader(new FilteredClassLoader(Session.class, JpaTransactionManager.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(SavepointBeanPostProcessor.class));
	}

	private void leftAlone(String property) {
		this.application.withPropertyValues(property).run((context) -> {
			JpaTransactionManager manager = context.getBean(JpaTransactionManager.class);
			assertThat(manager.getJpaDialect()).isExactlyInstanceOf(HibernateJpaDialect.class);
			assertThat(manager.isNestedTransactionAllowed()).isFalse();
			Map<String, Object> settings = context.getBean(EntityManagerFactory.class).getProperties();
			assertThat(settings).doesNotContainKey(SavepointServiceContributor.ENABLED);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnTransactionManager {

		@Bean
		JpaTransactionManager transactionManager(EntityManagerFactory factory) {
			return new JpaTransactionManager(factory);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnDialect {

		@Bean
		HibernateJpaVendorAdapter jpaVendorAdapter() {
			return new HibernateJpaVendorAdapter() {

				@Override
				public HibernateJpaDialect getJpaDialect() {
					return new Dialect();
				}

			};
		}

		@SuppressWarnings("serial")
		static class Dialect extends HibernateJpaDialect {

		}

	}

}
