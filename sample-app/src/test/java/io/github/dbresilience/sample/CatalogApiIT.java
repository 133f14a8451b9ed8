// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.time.Instant;

import org.junit.jupiter.api.Test;

import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

@SampleIT
class CatalogApiIT {

	private final Api api;

	CatalogApiIT(@LocalServerPort int port) {
		this.api = new Api(port);
	}

	@Test
	void theCatalogIsFreshWhileTheDatabaseIsThere() {
		Instant before = Instant.now();
		this.api.get("/api/catalog")
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.degraded")
			.isEqualTo(false)
			.jsonPath("$.asOf")
			.value(String.class, (asOf) -> assertThat(Instant.parse(asOf)).isBetween(before, Instant.now()))
			.jsonPath("$.items.length()")
			.isEqualTo(12)
			.jsonPath("$.items[?(@.sku == 'ESP-100')].price")
			.isEqualTo(899.0);
	}

}
