// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.circuitbreaker.CircuitBreakerStateEvent;
import io.github.dbresilience.datasource.ResilientDataSource;
import io.github.dbresilience.datasource.ResilientDataSources;
import io.github.dbresilience.endpoint.DbResilienceEndpoint;
import io.github.dbresilience.health.DbResilienceHealthContributor;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.testing.PostgresServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Health, meters, the endpoint and state events through an outage of a real server.
 */
class ActuatorTests {

	private static PostgresServer server;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, MetricsAutoConfiguration.class,
				DbResilienceAutoConfiguration.class, DbResilienceHealthAutoConfiguration.class,
				DbResilienceMetricsAutoConfiguration.class, DbResilienceEndpointAutoConfiguration.class))
		.withBean(SimpleMeterRegistry.class)
		.withUserConfiguration(Listening.class)
		.withPropertyValues("spring.datasource.url=" + server.jdbcUrl(),
				"spring.datasource.username=" + server.username(), "spring.datasource.password=" + server.password(),
				"spring.datasource.hikari.maximum-pool-size=2", "spring.datasource.hikari.minimum-idle=1",
				"spring.datasource.hikari.connection-timeout=300",
				"management.endpoints.web.exposure.include=dbresilience",
				"management.endpoints.jmx.exposure.include=dbresilience");

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void healthMetersAndEventsFollowAnOutage() {
		this.runner.run((context) -> {
			context.getBean(ResilientDataSource.class).getConnection().close();
			awaitStatus(context, Status.UP);
			assertThat(health(context).getDetails()).containsEntry("state", DatabaseState.UP)
				.containsKeys("explanation", "pool", "commits", "connection", "alerts")
				.extractingByKey("circuitBreaker", InstanceOfAssertFactories.MAP)
				.containsEntry("mode", CircuitBreakerMode.ENABLED);
			assertThat(server(context)).containsKeys("address", "latencyMillis", "probedMillisAgo");
			assertThat(gauge(context, "db.resilience.circuit.breaker.state")).isZero();
			assertThat(gauge(context, "db.resilience.probe.latency")).isPositive();
			assertThat(gauge(context, "db.resilience.probe.up")).isEqualTo(1);
			assertThat(context.getBean(MeterRegistry.class)
				.get("db.resilience.pool.connections")
				.tag("state", "open")
				.tag("data.source", "dataSource")
				.gauge()
				.value()).isPositive();

			server.killPostmasterAndBackends();
			awaitStatus(context, Status.DOWN);
			Awaitility.await().until(() -> gauge(context, "db.resilience.circuit.breaker.state") == 1);
			assertThat(server(context)).containsKey("failure");
			assertThat(health(context).getDetails().toString()).doesNotContain(server.password());
			assertThat(gauge(context, "db.resilience.probe.latency")).isNaN();
			assertThat(gauge(context, "db.resilience.probe.up")).isZero();

			server.start();
			awaitStatus(context, Status.UP);
			Awaitility.await()
				.untilAsserted(() -> assertThat(context.getBean(Listening.class).events)
					.extracting(CircuitBreakerStateEvent::to)
					.containsExactly(CircuitBreakerState.OPEN, CircuitBreakerState.CLOSED));
		});
	}

	@Test
	void aDataSourceThatAppearsLaterHasMetersThatOutliveGarbageCollection() {
		this.runner.run((context) -> {
			HikariDataSource late = new HikariDataSource();
			late.setJdbcUrl(server.jdbcUrl());
			context.getBean(ResilientDataSources.class).prepare("late", late);
			WeakReference<Object> garbage = new WeakReference<>(new Object());
			Awaitility.await().until(() -> {
				System.gc();
				return garbage.get() == null;
			});
			assertThat(context.getBean(MeterRegistry.class)
				.get("db.resilience.database.state")
				.tags("data.source", "late", "state", "up")
				.gauge()
				.value()).isNotNaN();
			assertThat(context.getBean(DbResilienceHealthContributor.class).getContributor("late")).isNotNull();
			assertThat(context.getBean(DbResilienceEndpoint.class).dataSource("late")).isNotNull();
			late.close();
		});
	}

	@Test
	void healthNeedsNoConnectionOfThePool() {
		this.runner.run((context) -> {
			ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
			try (Connection first = dataSource.getConnection(); Connection second = dataSource.getConnection()) {
				awaitStatus(context, Status.UP);
				long start = System.nanoTime();
				for (int i = 0; i < 100; i++) {
					health(context);
				}
				assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
			}
		});
	}

	@Test
	void anExhaustedPoolIsNeitherRetriedNorAnOutage() {
		this.runner.run((context) -> {
			ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
			try (Connection first = dataSource.getConnection(); Connection second = dataSource.getConnection()) {
				for (int i = 0; i < 6; i++) {
					assertThatExceptionOfType(SQLTransientConnectionException.class)
						.isThrownBy(dataSource::getConnection)
						.withMessageContaining("Connection is not available");
				}
			}
			assertThat(dataSource.protection().acquisitions().retriesCount()).isZero();
			assertThat(dataSource.protection().breaker().statistics().failureCount()).isZero();
			assertThat(dataSource.protection().breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
		});
	}

	@Test
	void theEndpointControlsTheBreaker() {
		this.runner.run((context) -> {
			DbResilienceEndpoint endpoint = context.getBean(DbResilienceEndpoint.class);
			ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
			assertThat(endpoint.dataSources().dataSources()).containsOnlyKeys("dataSource");
			assertThat(endpoint.dataSource("nothing")).isNull();
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.control("nothing", "disabled", null, null))
				.withMessageContaining("'nothing'")
				.withMessageContaining("dataSource");

			assertThat(endpoint.control("dataSource", null, "open", null).circuitBreaker().state())
				.isEqualTo(CircuitBreakerState.OPEN);
			assertThatExceptionOfType(SQLException.class).isThrownBy(dataSource::getConnection)
				.withMessageContaining("opened by hand");
			assertThat(endpoint.control("dataSource", null, "closed", null).circuitBreaker().state())
				.isEqualTo(CircuitBreakerState.CLOSED);
			dataSource.getConnection().close();

			assertThat(endpoint.control("dataSource", "monitoring", null, null).circuitBreaker().mode())
				.isEqualTo(CircuitBreakerMode.MONITORING);
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.control("dataSource", null, "open", null))
				.withMessageContaining("MONITORING");
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.control("dataSource", null, "half_open", null));
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.control("dataSource", "sometimes", null, null))
				.withMessageContaining("enabled, monitoring or disabled");
			assertThatExceptionOfType(InvalidEndpointRequestException.class)
				.isThrownBy(() -> endpoint.control("dataSource", null, null, null));
		});
	}

	@Test
	void inModeMonitoringNothingIsRejectedAndTheOpeningIsCounted() {
		this.runner
			.withPropertyValues("db.resilience.circuit-breaker.mode=monitoring", "db.resilience.retry.max-duration=5s")
			.run((context) -> {
				ResilientDataSource dataSource = context.getBean(ResilientDataSource.class);
				dataSource.getConnection().close();
				server.killPostmasterAndBackends();
				Awaitility.await()
					.until(() -> dataSource.protection().breaker().statistics().wouldHaveOpenedCount() == 1);
				assertThat(dataSource.protection().breaker().state()).isEqualTo(CircuitBreakerState.CLOSED);
				server.start();
				dataSource.getConnection().close();
				assertThat(dataSource.protection().breaker().statistics().rejectedCount()).isZero();
				assertThat(context.getBean(MeterRegistry.class)
					.get("db.resilience.circuit.breaker.would.have.opened")
					.functionCounter()
					.count()).isEqualTo(1);
			});
	}

	private static Health health(ApplicationContext context) {
		return ((HealthIndicator) context.getBean(DbResilienceHealthContributor.class).getContributor("dataSource"))
			.health();
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Object> server(ApplicationContext context) {
		return (Map<String, Object>) ((List<?>) health(context).getDetails().get("servers")).get(0);
	}

	private static void awaitStatus(ApplicationContext context, Status status) {
		Awaitility.await().until(() -> health(context).getStatus().equals(status));
	}

	private static double gauge(ApplicationContext context, String name) {
		return context.getBean(MeterRegistry.class).get(name).tags(List.of()).gauge().value();
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		private final List<CircuitBreakerStateEvent> events = new CopyOnWriteArrayList<>();

		@EventListener
		void on(CircuitBreakerStateEvent event) {
			this.events.add(event);
		}

	}

}
