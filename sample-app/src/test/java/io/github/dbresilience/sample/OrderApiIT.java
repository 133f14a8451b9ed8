// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.util.Collections;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

@SampleIT
class OrderApiIT {

	private static final String CUP = "{\"sku\": \"CUP-600\", \"quantity\": 2}";

	private final Api api;

	private final JdbcClient jdbc;

	OrderApiIT(@LocalServerPort int port, JdbcClient jdbc) {
		this.api = new Api(port);
		this.jdbc = jdbc;
	}

	@Test
	void anOrderTakesStockAndMoneyAndIsFoundWhereTheLocationSays() {
		UUID account = this.api.account("100");
		UUID id = UUID.randomUUID();
		int stock = stock("CUP-600");
		this.api.order(id, account, CUP, "null")
			.expectStatus()
			.isCreated()
			.expectHeader()
			.location("/api/orders/" + id);
		assertThat(this.api.balance(account)).isEqualByComparingTo("72");
		assertThat(stock("CUP-600")).isEqualTo(stock - 2);
		this.api.get("/api/orders/" + id)
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.accountId")
			.isEqualTo(account.toString())
			.jsonPath("$.lines[0].sku")
			.isEqualTo("CUP-600")
			.jsonPath("$.lines[0].quantity")
			.isEqualTo(2)
			.jsonPath("$.lines[0].unitPrice")
			.isEqualTo(14.0)
			.jsonPath("$.discount.applied")
			.isEqualTo(false)
			.jsonPath("$.total")
			.isEqualTo(28.0);
		this.api.assertBalanced();
	}

	@Test
	void linesOfTheSameArticleAreOne() {
		UUID account = this.api.account("100");
		this.api.order(UUID.randomUUID(), account, CUP + "," + CUP, "\" \"")
			.expectStatus()
			.isCreated()
			.expectBody()
			.jsonPath("$.lines.length()")
			.isEqualTo(1)
			.jsonPath("$.lines[0].quantity")
			.isEqualTo(4)
			.jsonPath("$.discount.coupon")
			.isEmpty();
	}

	@Test
	void theSameOrderAgainIsAConflict() {
		UUID account = this.api.account("100");
		UUID id = UUID.randomUUID();
		this.api.order(id, account, CUP, "null").expectStatus().isCreated();
		Api.assertRefused(this.api.order(id, account, CUP, "null"), 409, "already-exists");
		assertThat(this.api.balance(account)).isEqualByComparingTo("72");
	}

	@Test
	void tooLittleStockRefusesTheWholeOrder() {
		UUID account = this.api.account("100000");
		UUID id = UUID.randomUUID();
		int cups = stock("CUP-600");
		Api.assertRefused(this.api.order(id, account, CUP + ", {\"sku\": \"TMP-900\", \"quantity\": 2}", "null"), 422,
				"out-of-stock");
		assertThat(stock("CUP-600")).isEqualTo(cups);
		assertThat(stock("TMP-900")).isEqualTo(1);
		assertThat(this.api.balance(account)).isEqualByComparingTo("100000");
		Api.assertRefused(this.api.get("/api/orders/" + id), 404, "not-found");
	}

	@Test
	void tooLittleMoneyRefusesTheWholeOrderAndGivesTheCouponBack() {
		UUID account = this.api.account("10");
		int stock = stock("CUP-600");
		Api.assertRefused(this.api.order(UUID.randomUUID(), account, CUP, "\"HALF50\""), 422, "insufficient-funds");
		assertThat(stock("CUP-600")).isEqualTo(stock);
		assertThat(redemptions(account)).isZero();
	}

	@Test
	void anUnknownAccountOrArticleIsNotFound() {
		Api.assertRefused(this.api.order(UUID.randomUUID(), UUID.randomUUID(), CUP, "null"), 404, "not-found");
		Api.assertRefused(this.api.order(UUID.randomUUID(), this.api.account("1"),
				"{\"sku\": \"NOPE\", \"quantity\": 1}", "null"), 404, "not-found");
	}

	@Test
	void aCouponIsDeductedAndRemembered() {
		UUID account = this.api.account("100");
		UUID id = UUID.randomUUID();
		this.api.order(id, account, CUP, "\"WELCOME10\"").expectStatus().isCreated();
		assertThat(this.api.balance(account)).isEqualByComparingTo("74.80");
		assertThat(redemptions(account)).isEqualTo(1);
		this.api.get("/api/orders/" + id)
			.expectBody()
			.jsonPath("$.discount.coupon")
			.isEqualTo("WELCOME10")
			.jsonPath("$.discount.applied")
			.isEqualTo(true)
			.jsonPath("$.discount.amount")
			.isEqualTo(2.8)
			.jsonPath("$.total")
			.isEqualTo(25.2);
		this.api.assertBalanced();
	}

	@ParameterizedTest
	@CsvSource({ "NOPE, The coupon is not known or has expired.", "EXPIRED20, The coupon is not known or has expired.",
			"USEDUP30, The coupon is used up." })
	void aCouponThatDoesNotApplyIsExplainedAndTheOrderStands(String coupon, String refusal) {
		UUID account = this.api.account("100");
		UUID id = UUID.randomUUID();
		this.api.order(id, account, CUP, "\"" + coupon + "\"").expectStatus().isCreated();
		assertThat(this.api.balance(account)).isEqualByComparingTo("72");
		assertThat(redemptions(account)).isZero();
		this.api.get("/api/orders/" + id)
			.expectBody()
			.jsonPath("$.discount.coupon")
			.isEqualTo(coupon)
			.jsonPath("$.discount.applied")
			.isEqualTo(false)
			.jsonPath("$.discount.amount")
			.isEqualTo(0.0)
			.jsonPath("$.discount.refusal")
			.isEqualTo(refusal);
		this.api.assertBalanced();
	}

	@Test
	void aCouponUsedTwiceIsRolledBackToTheSavepointAndTheOrderStands() {
		UUID account = this.api.account("100");
		this.api.order(UUID.randomUUID(), account, CUP, "\"HALF50\"").expectStatus().isCreated();
		int usesLeft = usesLeft("HALF50");
		this.api.order(UUID.randomUUID(), account, CUP, "\"HALF50\"")
			.expectStatus()
			.isCreated()
			.expectBody()
			.jsonPath("$.discount.refusal")
			.isEqualTo("The account has used the coupon before.");
		assertThat(usesLeft("HALF50")).as("decremented before the violation").isEqualTo(usesLeft);
		assertThat(this.api.balance(account)).isEqualByComparingTo("58");
		this.api.assertBalanced();
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			``                                              | lines
			null                                            | lines[0]
			{}                                              | lines[0].sku,lines[0].quantity
			{"quantity": 1}                                 | lines[0].sku
			{"sku": "CUP-600"}                              | lines[0].quantity
			{"sku": "CUP-600", "quantity": 0}               | lines[0].quantity
			{"sku": "CUP-600", "quantity": 1001}            | lines[0].quantity
			{"sku": "CUP-600", "quantity": 1.5}             | lines[0].quantity
			{"sku": "CUP-600", "quantity": "1"}             | lines[0].quantity
			{"sku": "CUP-600", "quantity": 9999999999}      | lines[0].quantity
			{"sku": "a\\u0000b", "quantity": 1}             | lines[0].sku
			""")
	void aBadLineIsRefusedByTheNameOfItsField(String lines, String fields) {
		this.api.order(UUID.randomUUID(), UUID.randomUUID(), lines, "null")
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.errors[*].field")
			.value(List.class, (found) -> assertThat((List<?>) found).map(String::valueOf)
				.containsExactlyInAnyOrder(fields.split(",")));
	}

	@Test
	void badFieldsOfAnOrderAreRefusedByTheirNames() {
		UUID id = UUID.randomUUID();
		Api.assertInvalid(this.api.post("/api/orders", "{\"accountId\": \"%s\", \"lines\": [%s]}", id, CUP), "id");
		Api.assertInvalid(this.api.post("/api/orders", "{\"id\": \"%s\", \"lines\": [%s]}", id, CUP), "accountId");
		Api.assertInvalid(this.api.order(id, id, CUP, "\"" + "x".repeat(101) + "\""), "coupon");
		Api.assertInvalid(this.api.order(id, id, String.join(",", Collections.nCopies(51, CUP)), "null"), "lines");
		Api.assertInvalid(this.api.get("/api/orders/none"), "id");
		Api.assertRefused(this.api.get("/api/orders/" + id), 404, "not-found");
	}

	private int stock(String sku) {
		return this.jdbc.sql("select stock from product where sku = ?").param(sku).query(Integer.class).single();
	}

	private int usesLeft(String coupon) {
		return this.jdbc.sql("select uses_left from coupon where code = ?").param(coupon).query(Integer.class).single();
	}

	private int redemptions(UUID account) {
		return this.jdbc.sql("select count(*) from coupon_redemption where account_id = ?")
			.param(account)
			.query(Integer.class)
			.single();
	}

}
