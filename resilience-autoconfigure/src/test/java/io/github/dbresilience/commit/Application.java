// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.monitor.HealthMonitor;
import org.awaitility.Awaitility;
import io.github.resilience4j.springboot.circuitbreaker.autoconfigure.CircuitBreakerAutoConfiguration;
import io.github.resilience4j.springboot.timelimiter.autoconfigure.TimeLimiterAutoConfiguration;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.cloud.circuitbreaker.resilience4j.Resilience4JAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A small application with the starter and one data source.
 */
final class Application implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private Application(ConfigurableApplicationContext context) {
		this.context = context;
	}

	static Application start(String url, String username, String password, String... properties) {
		String[] all = Arrays.copyOf(properties, properties.length + 6);
		all[properties.length] = "spring.datasource.url=" + url;
		all[properties.length + 1] = "spring.datasource.username=" + username;
		all[properties.length + 2] = "spring.datasource.password=" + password;
		all[properties.length + 3] = "spring.cloud.circuitbreaker.resilience4j.disable-thread-pool=true";
		all[properties.length + 4] = "spring.cloud.circuitbreaker.bulkhead.resilience4j.enabled=false";
		all[properties.length + 5] = "spring.main.banner-mode=off";
		Application application = new Application(
				new SpringApplicationBuilder(Beans.class).web(WebApplicationType.NONE).properties(all).run());
		application.awaitFirstSample();
		return application;
	}

	/**
	 * A sample ends with a COMMIT, which a fault meant for the application's could meet.
	 */
	private void awaitFirstSample() {
		Awaitility.await()
			.until(() -> this.context.getBean(HealthMonitor.class)
				.all()
				.stream()
				.flatMap((watched) -> watched.snapshot().servers().stream())
				.allMatch((server) -> server.sample() != null));
	}

	ResilientDataSource dataSource() {
		return this.context.getBean(ResilientDataSource.class);
	}

	Connection connection() throws SQLException {
		Connection connection = dataSource().getConnection();
		connection.setAutoCommit(false);
		return connection;
	}

	Protection protection() {
		return dataSource().protection();
	}

	CommitOutcomes commits() {
		return protection().commits();
	}

	JdbcTemplate jdbc() {
		return this.context.getBean(JdbcTemplate.class);
	}

	TransactionTemplate transaction() {
		return this.context.getBean(TransactionTemplate.class);
	}

	@Override
	public void close() {
		this.context.close();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
			DataSourceTransactionManagerAutoConfiguration.class, TransactionAutoConfiguration.class,
			DbResilienceAutoConfiguration.class, CircuitBreakerAutoConfiguration.class,
			TimeLimiterAutoConfiguration.class, Resilience4JAutoConfiguration.class })
	static class Beans {

	}

}
