// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

@SampleIT
class ProblemApiIT {

	private final Api api;

	ProblemApiIT(@LocalServerPort int port) {
		this.api = new Api(port);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/", "/api", "/api/nothing", "/api/accounts/a/b", "/error" })
	void anUnknownPathIsNotFound(String path) {
		assertProblem(this.api.get(path), 404);
	}

	@Test
	void aMethodThatIsNotOfferedIsNotAllowed() {
		assertProblem(this.api.client().delete().uri("/api/catalog").exchange(), 405);
		assertProblem(this.api.client().put().uri("/api/transfers").exchange(), 405);
	}

	@Test
	void aBodyThatIsNotJsonIsUnsupported() {
		assertProblem(this.api.client()
			.post()
			.uri("/api/transfers")
			.contentType(MediaType.TEXT_PLAIN)
			.body("pay Ann 10")
			.exchange(), 415);
	}

	@Test
	void anAnswerThatIsNotJsonIsNotAcceptable() {
		assertProblem(this.api.client().get().uri("/api/catalog").accept(MediaType.APPLICATION_XML).exchange(), 406);
	}

	@Test
	void aBrowserIsAnsweredInTheSameForm() {
		assertProblem(this.api.client().get().uri("/api/nothing").accept(MediaType.TEXT_HTML).exchange(), 404);
	}

	@Test
	void noBodyAtAllIsRefused() {
		Api.assertInvalid(
				this.api.client().post().uri("/api/transfers").contentType(MediaType.APPLICATION_JSON).exchange(), "");
	}

	private static void assertProblem(ResponseSpec response, int status) {
		response.expectStatus()
			.isEqualTo(status)
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody()
			.jsonPath("$.status")
			.isEqualTo(status);
	}

}
