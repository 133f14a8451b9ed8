// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.fault;

import java.net.http.HttpResponse;
import java.util.UUID;

import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What clients are told while the database is away.
 */
class UnavailableDatabaseIT {

	private static final String[] IMPATIENT = { "db.resilience.retry.max-duration=1s",
			"spring.datasource.hikari.connection-timeout=500", "db.resilience.operations.catalog.failure-threshold=1" };

	@Test
	void clientsAreToldToComeBackAndTheCatalogComesFromMemory() {
		try (PostgresServer server = PostgresServer.create();
				RunningSample sample = RunningSample.on(server, IMPATIENT)) {
			String transfer = "{\"id\": \"%s\", \"from\": \"%s\", \"to\": \"%s\", \"amount\": 1}"
				.formatted(UUID.randomUUID(), account(sample), account(sample));
			assertThat(sample.get("/api/catalog").body()).contains("\"degraded\":false");

			server.stop();
			assertUnavailable(sample.post("/api/transfers", transfer), server);
			assertUnavailable(sample.get("/api/accounts"), server);
			assertUnavailable(sample.get("/api/orders?q=cup"), server);
			assertUnavailable(sample.get("/api/ledger/check"), server);
			Awaitility.await().until(() -> sample.get("/api/catalog").statusCode() == 200);
			assertThat(sample.get("/api/catalog").body()).contains("\"degraded\":true").contains("CUP-600");

			server.start();
			Awaitility.await().until(() -> sample.get("/api/ledger/check").statusCode() == 200);
			assertThat(sample.post("/api/transfers", transfer).statusCode()).isEqualTo(201);
		}
	}

	@Test
	void aCatalogThatWasNeverReadIsUnavailableToo() {
		try (PostgresServer server = PostgresServer.create();
				RunningSample sample = RunningSample.on(server, IMPATIENT)) {
			server.stop();
			assertUnavailable(sample.get("/api/catalog"), server);
			assertUnavailable(sample.get("/api/catalog"), server);
		}
	}

	private static String account(RunningSample sample) {
		String id = UUID.randomUUID().toString();
		assertThat(sample.post("/api/accounts", "{\"id\": \"%s\", \"owner\": \"Ann\", \"balance\": 10}".formatted(id))
			.statusCode()).isEqualTo(201);
		return id;
	}

	private static void assertUnavailable(HttpResponse<String> response, PostgresServer server) {
		assertThat(response.statusCode()).isEqualTo(503);
		assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
		assertThat(response.headers().firstValue("Retry-After")).map(Integer::parseInt)
			.hasValueSatisfying((seconds) -> assertThat(seconds).isPositive());
		assertThat(response.body()).contains("urn:db-resilience:problem:database-unavailable")
			.doesNotContain(Integer.toString(server.port()), server.username(), server.password(), "Exception",
					"select");
	}

}
