// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample;

import java.util.UUID;

import org.junit.jupiter.api.Test;

import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;

@SampleIT
class LedgerApiIT {

	private final Api api;

	private final JdbcClient jdbc;

	LedgerApiIT(@LocalServerPort int port, JdbcClient jdbc) {
		this.api = new Api(port);
		this.jdbc = jdbc;
	}

	@Test
	void theBooksBalanceAfterTransfersAndOrders() {
		UUID from = this.api.account("1000");
		UUID to = this.api.account("0");
		this.api.transfer(UUID.randomUUID(), from, to, "10").expectStatus().isCreated();
		this.api.order(UUID.randomUUID(), from, "{\"sku\": \"FLT-500\", \"quantity\": 1}", "\"WELCOME10\"")
			.expectStatus()
			.isCreated();
		this.api.get("/api/ledger/check")
			.expectStatus()
			.isOk()
			.expectBody()
			.jsonPath("$.balanced")
			.isEqualTo(true)
			.jsonPath("$.wrongAccounts")
			.isEqualTo(0)
			.jsonPath("$.transfers")
			.isEqualTo(count("transfer"))
			.jsonPath("$.payments")
			.isEqualTo(count("payment"))
			.jsonPath("$.accounts")
			.isEqualTo(count("account"));
	}

	@Test
	void moneyThatAppearedOrVanishedIsNoticedEvenIfTheSumIsRight() {
		UUID one = this.api.account("10");
		UUID two = this.api.account("10");
		add(one, 1);
		add(two, -1);
		try {
			this.api.get("/api/ledger/check")
				.expectStatus()
				.isOk()
				.expectBody()
				.jsonPath("$.balanced")
				.isEqualTo(false)
				.jsonPath("$.wrongAccounts")
				.isEqualTo(2);
		}
		finally {
			add(one, -1);
			add(two, 1);
		}
		this.api.assertBalanced();
	}

	private void add(UUID account, int amount) {
		this.jdbc.sql("update account set balance = balance + ? where id = ?").param(amount).param(account).update();
	}

	private int count(String table) {
		return this.jdbc.sql("select count(*) from " + table).query(Integer.class).single();
	}

}
