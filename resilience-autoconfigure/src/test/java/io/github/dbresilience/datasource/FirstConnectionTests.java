// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.testing.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The server is killed at the very moment at which the pool learns from its first
 * connection what the default isolation level is.
 */
class FirstConnectionTests {

	private static PostgresServer server;

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void aPoolRecoversFromACrashInItsFirstConnection() {
		KilledAtFirst dataSource = new KilledAtFirst();
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(JdbcTemplateAutoConfiguration.class, DbResilienceAutoConfiguration.class))
			.withBean("db", HikariDataSource.class, () -> {
				HikariDataSource pool = new HikariDataSource();
				pool.setDataSource(dataSource);
				return pool;
			})
			.run((context) -> {
				JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
				assertThat(jdbc.queryForObject("select 1", Integer.class)).isEqualTo(1);
				assertThat(dataSource.asked).hasValueGreaterThan(1);
				assertThat(jdbc.queryForObject("show transaction_isolation", String.class)).isEqualTo("read committed");
			});
	}

	private static final class KilledAtFirst extends PGSimpleDataSource {

		private static final long serialVersionUID = 1L;

		private final transient AtomicInteger asked = new AtomicInteger();

		KilledAtFirst() {
			setUrl(server.jdbcUrl());
			setUser(server.username());
			setPassword(server.password());
		}

		@Override
		public Connection getConnection() throws SQLException {
			return new DelegatingConnection(super.getConnection()) {

				@Override
				void beforeStatement() {
				}

				@Override
				public int getTransactionIsolation() throws SQLException {
					if (KilledAtFirst.this.asked.incrementAndGet() == 1) {
						server.killPostmasterAndBackends();
						server.start();
					}
					return super.getTransactionIsolation();
				}

			};
		}

	}

}
