// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.util.Arrays;

import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.testing.TestDatabase;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * JPA goes through the resilient data source, and comes up after the wait for the
 * database.
 */
class JpaTests {

	@Test
	void entitiesAreStoredThroughTheResilientDataSource() {
		try (TestDatabase database = TestDatabase.create()) {
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DataSourceAutoConfiguration.class, TransactionAutoConfiguration.class,
								HibernateJpaAutoConfiguration.class, DbResilienceAutoConfiguration.class))
				.withUserConfiguration(Entities.class)
				.withPropertyValues(database.springProperties())
				.withPropertyValues("spring.jpa.hibernate.ddl-auto=create")
				.run((context) -> {
					assertThat(Arrays
						.asList(context.getBeanFactory().getBeanDefinition("entityManagerFactory").getDependsOn()))
						.contains("dbResilienceStartupWait");
					EntityManager manager = context.getBean(EntityManagerFactory.class).createEntityManager();
					manager.getTransaction().begin();
					manager.persist(new Note(1L));
					manager.getTransaction().commit();
					manager.close();
					long count = context.getBean(TransactionTemplate.class)
						.execute((status) -> context.getBean(EntityManagerFactory.class)
							.createEntityManager()
							.createQuery("select count(n) from JpaTests$Note n", Long.class)
							.getSingleResult());
					assertThat(count).isEqualTo(1);
					assertThat(context.getBean(ResilientDataSource.class)
						.protection()
						.breaker()
						.statistics()
						.successCount()).isPositive();
				});
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = JpaTests.class)
	static class Entities {

	}

	/**
	 * An entity.
	 */
	@Entity
	static class Note {

		@Id
		private Long id;

		protected Note() {
		}

		Note(Long id) {
			this.id = id;
		}

	}

}
