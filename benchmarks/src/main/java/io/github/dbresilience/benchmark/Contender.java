// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.time.Duration;
import java.util.Map;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/**
 * An application with its pool, whose transactions are measured.
 */
final class Contender implements AutoCloseable {

	private final ConfigurableApplicationContext application;

	private Contender(ConfigurableApplicationContext application) {
		this.application = application;
	}

	/**
	 * Starts an application with plain HikariCP and Spring's own transactions.
	 */
	static Contender plain(PostgresServer server, String url, int poolSize) {
		Contender contender = new Contender(
				start(PlainApplication.class, server, url, poolSize, Map.of("db.resilience.enabled", "false")));
		contender.require(contender.dataSource() instanceof HikariDataSource, "The plain data source is not plain");
		return contender;
	}

	/**
	 * Starts an application with the starter, as an application gets it that sets
	 * nothing.
	 */
	static Contender starter(PostgresServer server, String url, int poolSize) {
		Contender contender = new Contender(start(StarterApplication.class, server, url, poolSize, Map.of()));
		contender.require(contender.dataSource() instanceof ResilientDataSource, "The starter is not in use");
		Awaitility.await("commit tokens are on").atMost(Duration.ofSeconds(30)).until(contender::leavesTokens);
		return contender;
	}

	private static ConfigurableApplicationContext start(Class<?> application, PostgresServer server, String url,
			int poolSize, Map<String, Object> more) {
		return new SpringApplicationBuilder(application).web(WebApplicationType.NONE)
			.registerShutdownHook(false)
			.properties(Map.of("spring.main.banner-mode", "off", "logging.level.root", "warn", "spring.datasource.url",
					url, "spring.datasource.username", server.username(), "spring.datasource.password",
					server.password(), "spring.datasource.hikari.maximum-pool-size", poolSize,
					"spring.datasource.hikari.minimum-idle", poolSize))
			.properties(more)
			.run();
	}

	private void require(boolean condition, String otherwise) {
		if (!condition) {
			close();
			throw new IllegalStateException(otherwise);
		}
	}

	private DataSource dataSource() {
		return this.application.getBean(DataSource.class);
	}

	private boolean leavesTokens() {
		return dataSource() instanceof ResilientDataSource resilient
				&& resilient.protection().commits().keeper().isTokenOn();
	}

	AccountTransactions transactions() {
		return this.application.getBean(AccountTransactions.class);
	}

	/**
	 * Ends what goes on beside the transactions: the starter probes the database, and
	 * looks after its tokens.
	 */
	void calmDown() {
		this.application.stop();
	}

	@Override
	public void close() {
		this.application.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, DataSourceTransactionManagerAutoConfiguration.class,
			JdbcTemplateAutoConfiguration.class, TransactionAutoConfiguration.class })
	@Import(AccountTransactions.class)
	static class PlainApplication {

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(AccountTransactions.class)
	static class StarterApplication {

	}

}
