// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.autoconfigure.DbResilienceJpaAutoConfiguration;
import io.github.dbresilience.testing.TestDatabase;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * An application with JPA on a database of its own.
 */
final class JpaApplication implements AutoCloseable {

	private final TestDatabase database = TestDatabase.create();

	private final ConfigurableApplicationContext context;

	private final EntityManager entityManager;

	JpaApplication(List<Class<?>> configurations, String... properties) {
		SpringApplicationBuilder builder = new SpringApplicationBuilder(Application.class)
			.sources(configurations.toArray(Class<?>[]::new))
			.properties(this.database.springProperties())
			.properties("spring.jpa.hibernate.ddl-auto=create", "spring.main.web-application-type=none",
					"spring.main.banner-mode=off", "spring.jpa.properties.hibernate.jdbc.batch_size=20")
			.properties(properties);
		this.context = builder.run();
		this.entityManager = SharedEntityManagerCreator
			.createSharedEntityManager(this.context.getBean(EntityManagerFactory.class));
	}

	/**
	 * {@return an application as Spring Boot makes it}
	 */
	static JpaApplication start() {
		return new JpaApplication(List.of());
	}

	TestDatabase database() {
		return this.database;
	}

	EntityManager entityManager() {
		return this.entityManager;
	}

	JdbcTemplate jdbc() {
		return this.context.getBean(JdbcTemplate.class);
	}

	PlatformTransactionManager transactionManager() {
		return this.context.getBean(PlatformTransactionManager.class);
	}

	void empty() {
		jdbc().execute("truncate account, line, ticket, note");
	}

	List<String> accounts() {
		return jdbc().queryForList("select name from account order by id", String.class);
	}

	void transaction(Consumer<TransactionStatus> work) {
		run(TransactionDefinition.PROPAGATION_REQUIRED, work);
	}

	void nested(Consumer<TransactionStatus> work) {
		run(TransactionDefinition.PROPAGATION_NESTED, work);
	}

	/**
	 * Work that is rolled back without an exception.
	 */
	void undone(Runnable work) {
		nested((status) -> {
			work.run();
			status.setRollbackOnly();
		});
	}

	<T> T read(Supplier<T> work) {
		TransactionTemplate template = new TransactionTemplate(transactionManager());
		template.setReadOnly(true);
		return template.execute((status) -> work.get());
	}

	private void run(int propagation, Consumer<TransactionStatus> work) {
		TransactionTemplate template = new TransactionTemplate(transactionManager());
		template.setPropagationBehavior(propagation);
		template.executeWithoutResult(work);
	}

	@Override
	public void close() {
		this.context.close();
		this.database.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EntityScan(basePackageClasses = SavepointEntities.class)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, TransactionAutoConfiguration.class,
			HibernateJpaAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			DbResilienceAutoConfiguration.class, DbResilienceJpaAutoConfiguration.class })
	static class Application {

	}

}
