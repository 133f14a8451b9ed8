// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

@SampleIT
class ActuatorIT {

	private final Api api;

	ActuatorIT(@LocalServerPort int port) {
		this.api = new Api(port);
	}

	@ParameterizedTest
	@ValueSource(strings = { "health", "info", "metrics", "dbresilience", "prometheus" })
	void anExposedEndpointAnswers(String endpoint) {
		this.api.get("/actuator/" + endpoint).expectStatus().isOk();
	}

	@ParameterizedTest
	@ValueSource(strings = { "env", "beans", "configprops", "heapdump", "loggers", "liquibase", "shutdown" })
	void anythingElseIsNotExposed(String endpoint) {
		this.api.get("/actuator/" + endpoint).expectStatus().isNotFound();
	}

	@Test
	void healthShowsDetails() {
		this.api.get("/actuator/health")
			.expectBody(String.class)
			.value((body) -> assertThat(body).contains("\"components\"").contains("dataSource"));
	}

}
