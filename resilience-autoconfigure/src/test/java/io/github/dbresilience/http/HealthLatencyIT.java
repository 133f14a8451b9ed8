// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.http;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How fast {@code /actuator/health} answers over HTTP while the database fails and
 * callers wait for it, beside a servlet that does nothing, asked in turn. The bound holds
 * for the best of three rounds; where even the servlet needs longer than the bound, the
 * machine is busy, and health may need that much longer. That nothing ever hangs holds
 * for each request.
 */
class HealthLatencyIT {

	private static final Logger logger = LoggerFactory.getLogger(HealthLatencyIT.class);

	private static final Duration BOUND = Duration.ofMillis(5);

	private static final Duration NEVER = Duration.ofSeconds(1);

	private static final int REQUESTS = 400;

	private static final int ROUNDS = 3;

	private static final int CALLERS = 6;

	private static PostgresServer server;

	private static FaultProxy proxy;

	private static WebApplication application;

	private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);

	private final List<Connection> held = new ArrayList<>();

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
		proxy = FaultProxy.to(server);
		application = WebApplication.start(server, proxy.jdbcUrl(), List.of(Idle.class),
				"spring.datasource.hikari.maximum-pool-size=4");
		awaitStatus(200);
		Latencies.interleaved(3000, HealthLatencyIT::nothing, () -> health(200));
	}

	@AfterAll
	static void stop() {
		application.close();
		proxy.close();
		server.close();
	}

	@AfterEach
	void heal() throws SQLException, InterruptedException {
		proxy.heal();
		if (!server.isRunning()) {
			server.start();
		}
		for (Connection connection : this.held) {
			connection.close();
		}
		this.callers.shutdownNow();
		assertThat(this.callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
		awaitStatus(200);
	}

	@Test
	void withTheDatabaseWell() {
		measure("database well", 200);
	}

	@Test
	void withThePoolExhausted() throws SQLException {
		for (int i = 0; i < 4; i++) {
			this.held.add(application.dataSource().getConnection());
		}
		call();
		Awaitility.await().until(() -> application.get("/actuator/health").body().contains("\"waiting\":" + CALLERS));
		measure("pool exhausted", 200);
		assertThat(application.get("/actuator/health").body()).contains("\"inUse\":4");
	}

	@Test
	void withTheDatabaseDown() {
		call();
		server.killPostmasterAndBackends();
		begin("database down");
		awaitStatus(503);
		measure("database down", 503);
	}

	@Test
	void withTheDatabaseBlackHoled() {
		call();
		proxy.blackHole();
		begin("black hole");
		awaitStatus(503);
		measure("black hole", 503);
	}

	/**
	 * Callers that want a connection and a query for as long as the test runs.
	 */
	private void call() {
		ResilientDataSource dataSource = application.dataSource();
		for (int i = 0; i < CALLERS; i++) {
			this.callers.execute(() -> {
				while (!Thread.currentThread().isInterrupted()) {
					query(dataSource);
				}
			});
		}
	}

	private static void query(ResilientDataSource dataSource) {
		try (Connection connection = dataSource.getConnection(); var statement = connection.createStatement()) {
			statement.execute("select pg_sleep(0.01)");
		}
		catch (SQLException ex) {
			logger.debug("as expected", ex);
		}
	}

	/**
	 * From the fault on, while it is being noticed: whatever is answered, is answered.
	 */
	private static void begin(String condition) {
		Latencies first = Latencies.interleaved(REQUESTS, () -> application.get("/actuator/health")).get(0);
		logger.info("{}, as it begins: {}", condition, first);
		assertThat(first.percentile(1)).isLessThan(NEVER);
	}

	private static void measure(String condition, int status) {
		List<Duration> beyondBound = new ArrayList<>();
		for (int i = 0; i < ROUNDS; i++) {
			List<Latencies> round = Latencies.interleaved(REQUESTS, HealthLatencyIT::nothing, () -> health(status));
			Latencies nothing = round.get(0);
			Latencies health = round.get(1);
			logger.info("{}, round {}: {} (a servlet that does nothing: {})", condition, i + 1, health, nothing);
			assertThat(health.percentile(1)).isLessThan(NEVER);
			beyondBound.add(health.percentile(0.99).minus(bound(nothing.percentile(0.99))));
		}
		assertThat(beyondBound.stream().min(Comparator.naturalOrder()).orElseThrow()).isNegative();
	}

	private static Duration bound(Duration nothing) {
		return (nothing.compareTo(BOUND) < 0) ? BOUND : BOUND.plus(nothing);
	}

	private static void nothing() {
		assertThat(application.get("/nothing").statusCode()).isEqualTo(200);
	}

	private static void health(int status) {
		assertThat(application.get("/actuator/health").statusCode()).isEqualTo(status);
	}

	private static void awaitStatus(int status) {
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.untilAsserted(() -> assertThat(application.get("/actuator/health").statusCode()).isEqualTo(status));
	}

	@Configuration(proxyBeanMethods = false)
	static class Idle {

		@Bean
		ServletRegistrationBean<HttpServlet> nothing() {
			return new ServletRegistrationBean<>(new HttpServlet() {
				@Override
				protected void doGet(HttpServletRequest request, HttpServletResponse response) {
					response.setContentType("text/plain");
				}
			}, "/nothing");
		}

	}

}
