// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.client.RestTestClient;
import org.springframework.test.web.servlet.client.RestTestClient.ResponseSpec;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A client of the running application. Thread-safe.
 */
final class Api {

	private final RestTestClient client;

	Api(int port) {
		this.client = RestTestClient.bindToServer().baseUrl("http://localhost:" + port).build();
	}

	ResponseSpec get(String path, Object... variables) {
		return this.client.get().uri(path, variables).exchange();
	}

	ResponseSpec post(String path, String json, Object... values) {
		return this.client.post()
			.uri(path)
			.contentType(MediaType.APPLICATION_JSON)
			.body(json.formatted(values))
			.exchange();
	}

	RestTestClient client() {
		return this.client;
	}

	UUID account(String balance) {
		UUID id = UUID.randomUUID();
		post("/api/accounts", "{\"id\": \"%s\", \"owner\": \"Ann\", \"balance\": %s}", id, balance).expectStatus()
			.isCreated();
		return id;
	}

	BigDecimal balance(UUID account) {
		Balance body = get("/api/accounts/{id}", account).expectBody(Balance.class).returnResult().getResponseBody();
		return Objects.requireNonNull(body, "an account").balance();
	}

	ResponseSpec transfer(UUID id, UUID from, UUID to, String amount) {
		return post("/api/transfers", "{\"id\": \"%s\", \"from\": \"%s\", \"to\": \"%s\", \"amount\": %s}", id, from,
				to, amount);
	}

	ResponseSpec order(UUID id, UUID account, String lines, String coupon) {
		return post("/api/orders", "{\"id\": \"%s\", \"accountId\": \"%s\", \"lines\": [%s], \"coupon\": %s}", id,
				account, lines, coupon);
	}

	void assertBalanced() {
		get("/api/ledger/check").expectStatus().isOk().expectBody().jsonPath("$.balanced").isEqualTo(true);
	}

	/** A refusal says its status and type in the body too, and nothing of its inside. */
	static void assertRefused(ResponseSpec response, int status, String type) {
		response.expectStatus()
			.isEqualTo(status)
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody(String.class)
			.value((body) -> assertThat(body).contains("\"status\":" + status)
				.contains("\"type\":\"urn:db-resilience:problem:" + type + "\"")
				.doesNotContainIgnoringCase("sql")
				.doesNotContain("Exception"));
	}

	static void assertInvalid(ResponseSpec response, String field) {
		response.expectStatus()
			.isBadRequest()
			.expectHeader()
			.contentType(MediaType.APPLICATION_PROBLEM_JSON)
			.expectBody()
			.jsonPath("$.type")
			.isEqualTo("urn:db-resilience:problem:invalid-input")
			.jsonPath("$.errors[*].field")
			.value(List.class, (fields) -> assertThat((List<?>) fields).isNotEmpty().allMatch(field::equals));
	}

	record Balance(BigDecimal balance) {
	}

}
