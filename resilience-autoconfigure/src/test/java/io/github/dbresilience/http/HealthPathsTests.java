// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.http;

import java.util.List;

import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The short paths of health.
 */
class HealthPathsTests {

	private static PostgresServer server;

	@BeforeAll
	static void create() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void close() {
		server.close();
	}

	@Test
	void eachAnswersItsOwnQuestion() {
		try (WebApplication application = start("db.resilience.health.paths.enabled=true",
				"db.resilience.health.probe-interval=100ms")) {
			await(application, "/health-basic", 200);
			assertThat(application.get("/health-basic").body()).isEqualTo("{\"status\":\"UP\"}");
			assertThat(application.get("/health-ready").body()).isEqualTo("{\"status\":\"UP\"}");
			assertThat(application.get("/health-live").body()).isEqualTo("{\"status\":\"UP\"}");
			assertThat(application.get("/health-detailed").body()).contains("\"dbResilience\"", "\"latencyMillis\"");
			assertThat(application.get("/actuator/health/basic").body()).isEqualTo("{\"status\":\"UP\"}");

			server.killPostmasterAndBackends();
			await(application, "/health-basic", 503);
			await(application, "/health-detailed", 503);
			assertThat(application.get("/health-ready").statusCode()).isEqualTo(200);
			assertThat(application.get("/health-live").statusCode()).isEqualTo(200);
			server.start();
		}
	}

	@Test
	void theyAreOffByDefault() {
		try (WebApplication application = start()) {
			assertThat(application.get("/health-basic").statusCode()).isEqualTo(404);
			assertThat(application.get("/actuator/health/basic").statusCode()).isEqualTo(404);
		}
	}

	@Test
	void theirPrefixPortAndDetailsAreTheUsersChoice() {
		try (WebApplication application = start("db.resilience.health.paths.enabled=true",
				"db.resilience.health.paths.prefix=hz.", "management.server.port=0",
				"management.server.address=localhost", "management.endpoint.health.group.detailed.show-details=never",
				"management.endpoint.health.group.live.additional-path=server:/alive")) {
			assertThat(application.get("/hz.basic").statusCode()).isEqualTo(200);
			assertThat(application.get("/hz.detailed").body()).contains("\"dbResilience\"")
				.doesNotContain("\"latencyMillis\"");
			assertThat(application.get("/alive").statusCode()).isEqualTo(200);
			assertThat(application.get("/hz.live").statusCode()).isEqualTo(404);
			assertThat(application.get("/actuator/health").statusCode()).isEqualTo(404);
		}
		try (WebApplication application = start("db.resilience.health.paths.enabled=true",
				"db.resilience.health.paths.port=management", "management.server.port=0",
				"management.server.address=localhost")) {
			assertThat(application.get("/health-basic").statusCode()).isEqualTo(404);
			assertThat(application.management().get("/health-basic").statusCode()).isEqualTo(200);
		}
	}

	private static WebApplication start(String... properties) {
		return WebApplication.start(server, server.jdbcUrl(), List.of(), properties);
	}

	private static void await(WebApplication application, String path, int status) {
		Awaitility.await().untilAsserted(() -> assertThat(application.get(path).statusCode()).isEqualTo(status));
	}

}
