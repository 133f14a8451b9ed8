// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.health.ReadinessHealthIndicator;
import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.actuate.endpoint.CompositeHealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthDescriptor;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.AvailabilityProbesAutoConfiguration;
import org.springframework.boot.health.autoconfigure.actuate.endpoint.HealthEndpointAutoConfiguration;
import org.springframework.boot.health.autoconfigure.application.AvailabilityHealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.autoconfigure.registry.HealthContributorRegistryAutoConfiguration;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.health.DataSourceHealthContributorAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Readiness and liveness, and the health groups that they are made of, while a real
 * server goes and comes.
 */
class ReadinessTests {

	private static PostgresServer server;

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withInitializer((context) -> new DefaultsEnvironmentPostProcessor()
			.postProcessEnvironment(context.getEnvironment(), new SpringApplication()))
		.withConfiguration(
				AutoConfigurations.of(DataSourceAutoConfiguration.class, ApplicationAvailabilityAutoConfiguration.class,
						AvailabilityHealthContributorAutoConfiguration.class, AvailabilityProbesAutoConfiguration.class,
						HealthContributorAutoConfiguration.class, HealthContributorRegistryAutoConfiguration.class,
						HealthEndpointAutoConfiguration.class, DataSourceHealthContributorAutoConfiguration.class,
						DbResilienceAutoConfiguration.class, DbResilienceHealthAutoConfiguration.class))
		.withPropertyValues("spring.datasource.url=" + server.jdbcUrl(),
				"spring.datasource.username=" + server.username(), "spring.datasource.password=" + server.password(),
				"db.resilience.health.probe-interval=100ms", "db.resilience.startup.max-wait=200ms",
				"db.resilience.startup.on-timeout=continue", "management.endpoints.web.exposure.include=health",
				"management.endpoints.jmx.exposure.include=health");

	@BeforeAll
	static void create() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void close() {
		server.close();
	}

	@BeforeEach
	void start() {
		if (!server.isRunning()) {
			server.start();
		}
	}

	@Test
	void onceReachedTheApplicationIsReadyForGood() {
		this.runner.run((context) -> {
			traffic(context);
			await(context, "readiness", Status.UP);
			server.killPostmasterAndBackends();
			await(context, "dbResilience", Status.DOWN);
			assertThat(status(context, "readiness")).isEqualTo(Status.UP);
			assertThat(status(context, "liveness")).isEqualTo(Status.UP);
		});
	}

	@Test
	void anApplicationThatStartsWithoutItsDatabaseIsReadyWhenItComes() {
		server.stop();
		this.runner.run((context) -> {
			traffic(context);
			await(context, "dbResilience", Status.DOWN);
			assertThat(status(context, "readiness")).isEqualTo(Status.OUT_OF_SERVICE);
			assertThat(status(context, "liveness")).isEqualTo(Status.UP);
			server.start();
			await(context, "readiness", Status.UP);
			server.stop();
			await(context, "dbResilience", Status.DOWN);
			assertThat(status(context, "readiness")).isEqualTo(Status.UP);
		});
	}

	@Test
	void strictReadinessFollowsTheDatabaseAndLivenessDoesNot() {
		this.runner.withPropertyValues("db.resilience.readiness=strict").run((context) -> {
			traffic(context);
			await(context, "readiness", Status.UP);
			server.killPostmasterAndBackends();
			await(context, "readiness", Status.OUT_OF_SERVICE);
			assertThat(status(context, "liveness")).isEqualTo(Status.UP);
			server.start();
			await(context, "readiness", Status.UP);
		});
	}

	@Test
	void readinessIsNotOnlyTheDatabase() {
		this.runner.run((context) -> {
			traffic(context);
			await(context, "readiness", Status.UP);
			AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
			assertThat(status(context, "readiness")).isEqualTo(Status.OUT_OF_SERVICE);
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "off", "false", "OFF" })
	void switchedOffItIsSpringBootsOwn(String off) {
		this.runner.withPropertyValues("db.resilience.readiness=" + off).run((context) -> {
			assertThat(context).doesNotHaveBean(ReadinessHealthIndicator.class);
			assertThat(member(context, "readiness", "readinessState")).isTrue();
			assertThat(member(context, "readiness", "dbReadiness")).isFalse();
		});
	}

	@Test
	void withoutOurHealthItIsSpringBootsOwn() {
		this.runner.withPropertyValues("management.health.dbresilience.enabled=false").run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(member(context, "readiness", "readinessState")).isTrue();
			assertThat(member(context, "readiness", "dbReadiness")).isFalse();
		});
	}

	@Test
	void aReadinessGroupOfTheUserStaysAsItIs() {
		this.runner.withPropertyValues("management.endpoint.health.group.readiness.include=readinessState,ping")
			.run((context) -> {
				assertThat(member(context, "readiness", "ping")).isTrue();
				assertThat(member(context, "readiness", "dbReadiness")).isFalse();
			});
	}

	@Test
	void aReadinessGroupOfTheUserWithoutMembersHasAllAsWithoutUs() {
		this.runner.withPropertyValues("management.endpoint.health.group.readiness.show-details=always")
			.run((context) -> assertThat(member(context, "readiness", "dbResilience/dataSource")).isTrue());
	}

	@Test
	void theDefaultGroupHasBoth() {
		this.runner.run((context) -> {
			assertThat(member(context, "readiness", "readinessState")).isTrue();
			assertThat(member(context, "readiness", "dbReadiness")).isTrue();
			assertThat(member(context, "readiness", "dbResilience/dataSource")).isFalse();
			assertThat(member(context, "liveness", "dbReadiness")).isFalse();
			assertThat(member(context, "liveness", "dbResilience/dataSource")).isFalse();
		});
	}

	@Test
	void withoutProbesThereIsNoGroupUnlessTheUserDefinesOne() {
		ApplicationContextRunner without = this.runner
			.withPropertyValues("management.endpoint.health.probes.enabled=false");
		without.run((context) -> assertThat(context.getBean(HealthEndpointGroups.class).getNames()).isEmpty());
		without.withPropertyValues("management.endpoint.health.group.readiness.include=dbReadiness").run((context) -> {
			await(context, "readiness", Status.UP);
			assertThat(member(context, "readiness", "dbReadiness")).isTrue();
		});
		without.withPropertyValues("db.resilience.health.paths.enabled=true").run((context) -> {
			assertThat(context.getBean(HealthEndpointGroups.class).getNames()).containsExactlyInAnyOrder("basic",
					"detailed", "ready", "live");
			await(context, "ready", Status.UP);
			assertThat(status(context, "live")).isEqualTo(Status.UP);
			assertThat(member(context, "ready", "dbResilience/dataSource")).isFalse();
			assertThat(member(context, "live", "dbReadiness")).isFalse();
		});
	}

	@Test
	void anInvalidReadinessIsRefused() {
		this.runner.withPropertyValues("db.resilience.readiness=sometimes").run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasStackTraceContaining("db.resilience.readiness")
				.hasStackTraceContaining("sometimes");
		});
	}

	@Test
	void springBootsOwnIndicatorIsThereOnlyIfItIsAskedFor() {
		this.runner.run((context) -> assertThat(component(context, "db")).isNull());
		this.runner.withPropertyValues("management.health.db.enabled=true")
			.run((context) -> assertThat(status(context, "db")).isEqualTo(Status.UP));
	}

	private static void traffic(ApplicationContext context) {
		AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
		AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
	}

	private static void await(ApplicationContext context, String path, Status status) {
		Awaitility.await().untilAsserted(() -> assertThat(status(context, path)).isEqualTo(status));
	}

	private static @Nullable Status status(ApplicationContext context, String path) {
		HealthDescriptor health = component(context, path);
		return (health != null) ? health.getStatus() : null;
	}

	private static @Nullable HealthDescriptor component(ApplicationContext context, String path) {
		HealthDescriptor health = context.getBean(HealthEndpoint.class).healthForPath(path.split("/"));
		if (health instanceof CompositeHealthDescriptor composite) {
			assertThat(composite.getComponents()).isNotEmpty();
		}
		return health;
	}

	private static boolean member(ApplicationContext context, String group, String contributor) {
		return context.getBean(HealthEndpointGroups.class).get(group).isMember(contributor);
	}

}
