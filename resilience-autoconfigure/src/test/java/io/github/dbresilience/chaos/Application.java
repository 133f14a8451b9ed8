// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.stream.Stream;

import jakarta.persistence.EntityManager;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A Spring Boot application, started as a user would: with all auto-configurations that
 * are on the class path.
 */
final class Application implements AutoCloseable {

	/** They tell each failure of each statement, with a stack trace. */
	private static final List<String> SILENCED = List.of("com.zaxxer.hikari", "org.hibernate.orm",
			"org.springframework");

	private final ConfigurableApplicationContext context;

	private Application(Class<?> configuration, List<String> properties) {
		List<String> silence = SILENCED.stream().map((logger) -> "logging.level." + logger + "=OFF").toList();
		this.context = new SpringApplicationBuilder(configuration).web(WebApplicationType.NONE)
			.logStartupInfo(false)
			.run(Stream.of(properties, silence,
					List.of("spring.main.banner-mode=off", "spring.jmx.enabled=false", "spring.liquibase.enabled=false",
							"spring.jpa.open-in-view=false", "spring.datasource.hikari.maximum-pool-size=10",
							"spring.datasource.hikari.data-source-properties.socketTimeout=1",
							"spring.datasource.hikari.data-source-properties.connectTimeout=1",
							"spring.datasource.hikari.data-source-properties.loginTimeout=2"))
				.flatMap(List::stream)
				.map((property) -> "--" + property)
				.toArray(String[]::new));
	}

	/**
	 * Starts an application that uses JDBC.
	 * @param properties {@code key=value}
	 * @return the application
	 */
	static Application jdbc(List<String> properties) {
		return new Application(JdbcConfiguration.class, properties);
	}

	/**
	 * Starts an application that uses JPA.
	 * @param properties {@code key=value}
	 * @return the application
	 */
	static Application jpa(List<String> properties) {
		return new Application(JpaConfiguration.class, properties);
	}

	Ledger ledger() {
		return this.context.getBean("ledger", Ledger.class);
	}

	Ledger autocommitLedger() {
		return new AutocommitLedger(this.context.getBean(JdbcTemplate.class));
	}

	@Override
	public void close() {
		this.context.close();
		LoggingSystem logging = LoggingSystem.get(getClass().getClassLoader());
		SILENCED.forEach((logger) -> logging.setLogLevel(logger, null));
	}

	/** By SQL. */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration(
			exclude = { HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class })
	static class JdbcConfiguration {

		@Bean
		Ledger ledger(JdbcTemplate jdbc) {
			return new JdbcLedger(jdbc);
		}

	}

	/** By Hibernate. */
	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@EntityScan(basePackageClasses = Entities.class)
	static class JpaConfiguration {

		@Bean
		Ledger ledger(EntityManager manager) {
			return new JpaLedger(manager);
		}

	}

}
