// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

@SampleIT
class AccountApiIT {

	private final Api api;

	AccountApiIT(@LocalServerPort int port) {
		this.api = new Api(port);
	}

	@Test
	void anOpenedAccountIsFoundWhereTheLocationSays() {
		UUID id = UUID.randomUUID();
		this.api.post("/api/accounts", "{\"id\": \"%s\", \"owner\": \"Zoë\", \"balance\": 12.5}", id)
			.expectStatus()
			.isCreated()
			.expectHeader()
			.location("/api/accounts/" + id);
		this.api.get("/api/accounts/" + id)
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.owner")
			.isEqualTo("Zoë")
			.jsonPath("$.balance")
			.isEqualTo(12.5)
			.jsonPath("$.createdAt")
			.exists();
	}

	@Test
	void anAccountWithoutAnIdIsGivenOne() {
		this.api.post("/api/accounts", "{\"owner\": \"Ann\", \"balance\": 0}")
			.expectStatus()
			.isCreated()
			.expectBody()
			.jsonPath("$.id")
			.value(String.class, (id) -> assertThat(UUID.fromString(id)).isNotNull());
	}

	@Test
	void anIdThatIsTakenIsAConflict() {
		UUID id = this.api.account("1");
		Api.assertRefused(this.api.post("/api/accounts", "{\"id\": \"%s\", \"owner\": \"Bob\", \"balance\": 99}", id),
				409, "already-exists");
		assertThat(this.api.balance(id)).isEqualByComparingTo("1");
	}

	@Test
	void anUnknownAccountIsNotFound() {
		Api.assertRefused(this.api.get("/api/accounts/" + UUID.randomUUID()), 404, "not-found");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{"balance": 1}                                  | owner
			{"owner": " ", "balance": 1}                    | owner
			{"owner": "a\\u0000b", "balance": 1}            | owner
			{"owner": "a\\ud800b", "balance": 1}            | owner
			{"owner": 7, "balance": 1}                      | owner
			{"owner": "Ann"}                                | balance
			{"owner": "Ann", "balance": null}               | balance
			{"owner": "Ann", "balance": -0.01}              | balance
			{"owner": "Ann", "balance": 0.001}              | balance
			{"owner": "Ann", "balance": 1000000000.01}      | balance
			{"owner": "Ann", "balance": 1e2147483647}       | balance
			{"owner": "Ann", "balance": "1"}                | balance
			{"owner": "Ann", "balance": true}               | balance
			{"owner": "Ann", "balance": [1]}                | balance
			{"id": "no", "owner": "Ann", "balance": 1}      | id
			{"id": 1, "owner": "Ann", "balance": 1}         | id
			{"id": "{}", "owner": "Ann", "balance": 1}      | id
			{"owner": "Ann", "balance":                     | ``
			[]                                              | ``
			7                                               | ``
			null                                            | ``
			""")
	void badInputIsRefusedByTheNameOfItsField(String json, String field) {
		Api.assertInvalid(this.api.post("/api/accounts", json.replace("%", "%%")), field);
	}

	@Test
	void anOwnerOfMoreThanAHundredCharactersIsRefused() {
		Api.assertInvalid(this.api.post("/api/accounts", "{\"owner\": \"%s\", \"balance\": 1}", "x".repeat(101)),
				"owner");
		this.api.post("/api/accounts", "{\"owner\": \"%s\", \"balance\": 1}", "x".repeat(100))
			.expectStatus()
			.isCreated();
	}

	@Test
	void allWrongFieldsAreNamedAtOnce() {
		this.api.post("/api/accounts", "{\"owner\": \"\", \"balance\": -1}")
			.expectStatus()
			.isBadRequest()
			.expectBody()
			.jsonPath("$.detail")
			.isEqualTo("balance has to be at least 0; owner has to be present");
	}

	@Test
	void thePagesTogetherShowEveryAccountOnceAndTheOldestFirst() {
		UUID first = this.api.account("1");
		UUID second = this.api.account("2");
		List<String> ids = new ArrayList<>();
		List<String> page = ids(0);
		for (int next = 1; !page.isEmpty(); next++) {
			ids.addAll(page);
			page = ids(next);
		}
		assertThat(ids).doesNotHaveDuplicates().containsSubsequence(first.toString(), second.toString());
	}

	private List<String> ids(int page) {
		Page body = this.api.get("/api/accounts?size=100&page=" + page)
			.expectBody(Page.class)
			.returnResult()
			.getResponseBody();
		return Objects.requireNonNull(body, "a page").items().stream().map(Item::id).toList();
	}

	@Test
	void aPageSaysWhichOneItIs() {
		this.api.account("1");
		this.api.account("2");
		this.api.get("/api/accounts?page=1&size=1")
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.page")
			.isEqualTo(1)
			.jsonPath("$.size")
			.isEqualTo(1)
			.jsonPath("$.items.length()")
			.isEqualTo(1);
	}

	@Test
	void aPageHasTwentyAccountsUnlessSaidOtherwise() {
		IntStream.range(0, 21).forEach((i) -> this.api.account("1"));
		this.api.get("/api/accounts").expectBody().jsonPath("$.items.length()").isEqualTo(20);
	}

	@ParameterizedTest
	@CsvSource({ "page=-1,page", "page=x,page", "page=1.5,page", "page=99999999999,page", "size=0,size",
			"size=101,size", "size=x,size" })
	void aPageOutOfBoundsIsRefused(String query, String field) {
		Api.assertInvalid(this.api.get("/api/accounts?" + query), field);
	}

	@Test
	void aPageBeyondTheLastOneIsEmpty() {
		this.api.get("/api/accounts?page=2147483647&size=100")
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.items")
			.isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "1", "0123456789abcdef0123456789abcdef", "'", "%00" })
	void anIdThatIsNoUuidIsRefused(String id) {
		Api.assertInvalid(this.api.get("/api/accounts/{id}", id), "id");
	}

	@Test
	void aBatchIsOpenedWhole() {
		String accounts = IntStream.range(0, 1000)
			.mapToObj((i) -> "{\"owner\": \"Clerk %d\", \"balance\": %d}".formatted(i, i))
			.collect(Collectors.joining(","));
		this.api.post("/api/accounts/batch", "{\"accounts\": [%s]}", accounts)
			.expectStatus()
			.isCreated()
			.expectBody()
			.jsonPath("$.opened")
			.isEqualTo(1000);
		Api.assertInvalid(this.api.post("/api/accounts/batch", "{\"accounts\": [%s, %s]}", accounts, accounts),
				"accounts");
	}

	@Test
	void oneBadAccountUndoesTheBatch() {
		UUID taken = this.api.account("1");
		UUID fresh = UUID.randomUUID();
		String batch = """
				{"accounts": [{"id": "%s", "owner": "Ann", "balance": 1}, {"id": "%s", "owner": "Bob", "balance": 1}]}
				""";
		Api.assertRefused(this.api.post("/api/accounts/batch", batch, fresh, taken), 409, "already-exists");
		Api.assertRefused(this.api.post("/api/accounts/batch", batch, fresh, fresh), 409, "already-exists");
		Api.assertRefused(this.api.get("/api/accounts/" + fresh), 404, "not-found");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{}                                                                    | accounts
			{"accounts": []}                                                      | accounts
			{"accounts": {}}                                                      | accounts
			{"accounts": [null]}                                                  | accounts[0]
			{"accounts": [{"owner": "Ann", "balance": 1}, {"owner": "Ann"}]}      | accounts[1].balance
			{"accounts": [{"owner": "Ann", "balance": "1"}]}                      | accounts[0].balance
			""")
	void aBadBatchIsRefusedByTheNameOfItsField(String json, String field) {
		Api.assertInvalid(this.api.post("/api/accounts/batch", json), field);
	}

	record Page(List<Item> items) {
	}

	record Item(String id) {
	}

}
