// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.util.Arrays;
import java.util.List;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.Traffic;
import org.awaitility.Awaitility;

/**
 * Counts, on the wire, how often a transaction asks the server for an answer, and that
 * exactly the starter's writing ones leave a token.
 */
final class RoundTripCounter {

	private static final int TRANSACTIONS = 100;

	private final PostgresServer server;

	private final FaultProxy proxy;

	/**
	 * Creates a counter.
	 * @param server where the tokens are
	 * @param proxy through which both contenders reach the server, with one connection
	 * each
	 */
	RoundTripCounter(PostgresServer server, FaultProxy proxy) {
		this.server = server;
		this.proxy = proxy;
	}

	List<RoundTrips> count(Contender plain, Contender starter) {
		plain.calmDown();
		starter.calmDown();
		for (Contender contender : List.of(plain, starter)) {
			contender.transactions().readDeclared(0);
		}
		// A probe that was under way has ended once only the pools are connected
		Awaitility.await("calm").until(() -> this.proxy.openConnections() == 2);
		return Arrays.stream(Workload.values())
			.map((workload) -> new RoundTrips(workload, count(plain, workload, 0),
					count(starter, workload, (workload == Workload.WRITING) ? TRANSACTIONS : 0)))
			.toList();
	}

	private double count(Contender contender, Workload workload, int expectedTokens) {
		AccountTransactions transactions = contender.transactions();
		workload.run(transactions, 0);
		long tokensBefore = AccountTable.tokens(this.server);
		Traffic before = this.proxy.traffic();
		for (int i = 0; i < TRANSACTIONS; i++) {
			workload.run(transactions, 0);
		}
		long asked = this.proxy.traffic().since(before).roundTrips();
		long tokens = AccountTable.tokens(this.server) - tokensBefore;
		if (tokens != expectedTokens) {
			throw new IllegalStateException("%d commit tokens instead of %d were left by the workload '%s'"
				.formatted(tokens, expectedTokens, workload.title()));
		}
		return (double) asked / TRANSACTIONS;
	}

}
