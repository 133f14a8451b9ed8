// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

@SampleIT
class OrderSearchIT {

	private static final String GRINDER_AND_BEANS = """
			{"sku": "GRD-200", "quantity": 1}, {"sku": "BNS-720", "quantity": 3}
			""";

	private final Api api;

	private final JdbcClient jdbc;

	OrderSearchIT(@LocalServerPort int port, JdbcClient jdbc) {
		this.api = new Api(port);
		this.jdbc = jdbc;
	}

	@ParameterizedTest
	@CsvSource({ "grinders, true", "GRINDER beans, true", "\"burr grinder\", true", "\"grinder burr\", false",
			"grinder -yirgacheffe, false", "kettle or yirgacheffe, true", "welcome10, true", "zeppelin, false" })
	void wordsAreFoundInAnyFormTheWayASearchEngineDoes(String q, boolean found) {
		UUID id = order();
		String body = this.api.get("/api/orders?size=100&q={q}", q)
			.expectStatus()
			.isOk()
			.expectBody(String.class)
			.returnResult()
			.getResponseBody();
		assertThat(String.valueOf(body).contains(id.toString())).isEqualTo(found);
	}

	@ParameterizedTest
	@ValueSource(strings = { "'", "\"", "' or 1=1 --", "'; drop table orders; --", "& | ! ( ) <-> :*", "\\", "\"\"\"\"",
			"-", "or or or", "a\u0000b", "\ud800", "%", "${jndi:x}", "the and of", "🦔", "((((((((((((((((((((",
			"a:b:c:*", "\n\t", "-\"x\" or " })
	void aHostileSearchFindsNothingAndBreaksNothing(String q) {
		order();
		this.api.client()
			.get()
			.uri((uri) -> uri.path("/api/orders").queryParam("q", "{q}").build(q))
			.exchange()
			.expectStatus()
			.isOk();
		assertThat(this.jdbc.sql("select count(*) from orders").query(Long.class).single()).isPositive();
	}

	@Test
	void anEmptySearchShowsTheNewestOrdersFirst() {
		UUID older = order();
		UUID newer = order();
		this.api.get("/api/orders?q=&size=2")
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.items[0].id")
			.isEqualTo(newer.toString())
			.jsonPath("$.items[1].id")
			.isEqualTo(older.toString())
			.jsonPath("$.items[0].summary")
			.isEqualTo("3 x Beans from Yirgacheffe, 1 x Burr grinder")
			.jsonPath("$.items.length()")
			.isEqualTo(2);
	}

	@Test
	void aSearchIsBounded() {
		Api.assertInvalid(this.api.get("/api/orders?q=a&size=101"), "size");
		Api.assertInvalid(this.api.get("/api/orders?q=a&size=0"), "size");
		Api.assertInvalid(this.api.get("/api/orders?q={q}", "x".repeat(201)), "q");
		order();
		order();
		this.api.get("/api/orders?q=grinder&size=1").expectBody().jsonPath("$.items.length()").isEqualTo(1);
	}

	private UUID order() {
		UUID id = UUID.randomUUID();
		this.api.order(id, this.api.account("1000"), GRINDER_AND_BEANS, "\"WELCOME10\"").expectStatus().isCreated();
		return id;
	}

}
