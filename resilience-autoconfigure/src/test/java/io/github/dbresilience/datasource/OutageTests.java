// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.github.dbresilience.autoconfigure.DbResilienceAutoConfiguration;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What callers see while a real server is killed, and when it is back.
 */
class OutageTests {

	private static PostgresServer server;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
				DbResilienceAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=" + server.jdbcUrl(),
				"spring.datasource.username=" + server.username(), "spring.datasource.password=" + server.password(),
				"spring.datasource.hikari.maximum-pool-size=10", "spring.datasource.hikari.minimum-idle=5",
				"spring.datasource.hikari.connection-timeout=5000");

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void sessionsEndedAtRestAreNotSeenByTheNextRequests() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			Protection protection = protection(context);
			assertThat(jdbc.queryForObject("select 1", Integer.class)).isEqualTo(1);
			Awaitility.await().until(() -> protection.pool().getHikariPoolMXBean().getIdleConnections() >= 5);
			try (Connection admin = server.connect()) {
				for (int round = 0; round < 50; round++) {
					useAllConnections(context, 5);
					endSessionsAtOnce(admin);
					for (int i = 0; i < 10; i++) {
						assertThat(jdbc.queryForObject("select 1", Integer.class)).isEqualTo(1);
					}
				}
			}
			assertThat(protection.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		});
	}

	@Test
	void callersWaitOutAKillAndRestart() {
		this.runner.run((context) -> {
			JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
			Protection protection = protection(context);
			useAllConnections(context, 5);
			server.killPostmasterAndBackends();
			Awaitility.await()
				.atMost(Duration.ofSeconds(3))
				.until(() -> protection.breaker().state() == CircuitBreakerState.OPEN);
			ExecutorService callers = Executors.newFixedThreadPool(10);
			List<Future<Integer>> results = new ArrayList<>();
			for (int i = 0; i < 10; i++) {
				results.add(callers.submit(() -> jdbc.queryForObject("select 1", Integer.class)));
			}
			Awaitility.await().until(() -> protection.waiting() == 10);
			server.start();
			long back = System.nanoTime();
			for (Future<Integer> result : results) {
				assertThat(result.get(10, TimeUnit.SECONDS)).isEqualTo(1);
			}
			System.out.printf("all callers answered %d ms after the server%n",
					TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - back));
			callers.shutdown();
			assertThat(protection.breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		});
	}

	@Test
	void aCallerIsToldWithinTheDeadlineThatTheDatabaseIsAway() {
		this.runner.withPropertyValues("db.resilience.retry.max-duration=2s").run((context) -> {
			ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
			server.killPostmasterAndBackends();
			try {
				long start = System.nanoTime();
				assertThatExceptionOfType(DatabaseUnavailableException.class).isThrownBy(dataSource::getConnection)
					.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(server.password()));
				assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
			}
			finally {
				server.start();
			}
		});
	}

	private static Protection protection(ApplicationContext context) {
		return context.getBean(ResilientDataSource.class).protection();
	}

	/**
	 * Faster than the half second in which HikariCP trusts a connection unseen.
	 */
	private static void endSessionsAtOnce(Connection admin) throws SQLException {
		try (Statement statement = admin.createStatement()) {
			statement.execute("create temporary table if not exists ended (pid int)");
			statement.execute("truncate ended");
			statement.execute(
					"insert into ended select pid from pg_stat_activity where usename = '" + server.username() + "'");
			statement.execute("select pg_terminate_backend(pid) from ended");
			boolean gone = false;
			while (!gone) {
				try (ResultSet left = statement
					.executeQuery("select count(*) = 0 from pg_stat_activity join ended using (pid)")) {
					gone = left.next() && left.getBoolean(1);
				}
			}
		}
	}

	private static void useAllConnections(ApplicationContext context, int count) throws SQLException {
		ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
		List<Connection> connections = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			connections.add(dataSource.getConnection());
		}
		for (Connection connection : connections) {
			connection.createStatement().execute("select 1");
			connection.close();
		}
	}

}
