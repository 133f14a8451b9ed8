// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

@SampleIT
class TransferApiIT {

	private final Api api;

	TransferApiIT(@LocalServerPort int port) {
		this.api = new Api(port);
	}

	@Test
	void aTransferMovesMoneyAndIsFoundWhereTheLocationSays() {
		UUID from = this.api.account("100");
		UUID to = this.api.account("5");
		UUID id = UUID.randomUUID();
		this.api.transfer(id, from, to, "33.33")
			.expectStatus()
			.isCreated()
			.expectHeader()
			.location("/api/transfers/" + id);
		assertThat(this.api.balance(from)).isEqualByComparingTo("66.67");
		assertThat(this.api.balance(to)).isEqualByComparingTo("38.33");
		this.api.get("/api/transfers/" + id)
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.from")
			.isEqualTo(from.toString())
			.jsonPath("$.to")
			.isEqualTo(to.toString())
			.jsonPath("$.amount")
			.isEqualTo(33.33);
		this.api.assertBalanced();
	}

	@Test
	void theSameTransferAgainIsAConflictEvenWhenTheMoneyIsGone() {
		UUID from = this.api.account("10");
		UUID to = this.api.account("0");
		UUID id = UUID.randomUUID();
		this.api.transfer(id, from, to, "10").expectStatus().isCreated();
		Api.assertRefused(this.api.transfer(id, from, to, "10"), 409, "already-exists");
		assertThat(this.api.balance(to)).isEqualByComparingTo("10");
	}

	@Test
	void tooLittleMoneyIsRefusedAndNothingMoves() {
		UUID from = this.api.account("9.99");
		UUID to = this.api.account("0");
		UUID id = UUID.randomUUID();
		Api.assertRefused(this.api.transfer(id, from, to, "10"), 422, "insufficient-funds");
		Api.assertRefused(this.api.transfer(id, to, from, "10"), 422, "insufficient-funds");
		assertThat(this.api.balance(from)).isEqualByComparingTo("9.99");
		assertThat(this.api.balance(to)).isZero();
		Api.assertRefused(this.api.get("/api/transfers/" + id), 404, "not-found");
	}

	@Test
	void anUnknownAccountIsNotFoundOnEitherSide() {
		UUID known = this.api.account("10");
		UUID unknown = UUID.randomUUID();
		Api.assertRefused(this.api.transfer(UUID.randomUUID(), known, unknown, "1"), 404, "not-found");
		Api.assertRefused(this.api.transfer(UUID.randomUUID(), unknown, known, "1"), 404, "not-found");
		assertThat(this.api.balance(known)).isEqualByComparingTo("10");
	}

	@Test
	void anAccountCannotPayItself() {
		UUID account = this.api.account("10");
		Api.assertInvalid(this.api.transfer(UUID.randomUUID(), account, account, "1"), "to");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-1", "0.001", "0.009", "1e-30", "1000000000.01", "1e400", "1e2147483647", "\"1\"",
			"null", "{}", "false" })
	void anAmountThatIsNoneIsRefused(String amount) {
		UUID from = this.api.account("10");
		UUID to = this.api.account("0");
		Api.assertInvalid(this.api.transfer(UUID.randomUUID(), from, to, amount), "amount");
	}

	@ParameterizedTest
	@CsvSource({ "0.01", "1e1", "10.00", "1.5" })
	void anAmountInWholeCentsIsTaken(String amount) {
		UUID from = this.api.account("10");
		UUID to = this.api.account("0");
		this.api.transfer(UUID.randomUUID(), from, to, amount).expectStatus().isCreated();
		assertThat(this.api.balance(to)).isEqualByComparingTo(amount);
	}

	@ParameterizedTest
	@ValueSource(strings = { "id", "from", "to", "amount" })
	void everyFieldHasToBePresent(String field) {
		String json = """
				{"id": "%s", "from": "%s", "to": "%s", "amount": 1}
				""".formatted(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
		Api.assertInvalid(this.api.post("/api/transfers", json.replace("\"" + field + "\"", "\"other\"")), field);
	}

	@ParameterizedTest
	@CsvSource({ "id", "from", "to" })
	void anIdThatIsNoUuidIsRefused(String field) {
		Api.assertInvalid(this.api.post("/api/transfers", "{\"%s\": \"Robert'); drop table account;\"}", field), field);
	}

	@Test
	void anUnknownTransferIsNotFound() {
		Api.assertRefused(this.api.get("/api/transfers/" + UUID.randomUUID()), 404, "not-found");
		Api.assertInvalid(this.api.get("/api/transfers/none"), "id");
	}

}
