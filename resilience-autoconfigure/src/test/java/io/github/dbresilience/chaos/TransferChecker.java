// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import io.github.dbresilience.chaos.Finding.Kind;

/**
 * Transfers between accounts: none is lost or doubled, the sum stays, and each balance is
 * what the recorded transfers make of it.
 */
final class TransferChecker implements Checker {

	private final long initialBalance;

	/**
	 * Creates a checker.
	 * @param initialBalance of each account
	 */
	TransferChecker(long initialBalance) {
		this.initialBalance = initialBalance;
	}

	@Override
	public List<Finding> check(History history, FinalState state) {
		Map<UUID, Operation> claims = new LinkedHashMap<>();
		for (Operation operation : history.of(Action.Transfer.class)) {
			claims.put(((Action.Transfer) operation.action()).id(), operation);
		}
		List<UUID> present = state.transfers().stream().map(Action.Transfer::id).toList();
		List<Finding> findings = new ArrayList<>(Presence.check("transfer", claims, present));
		Map<Integer, Long> expected = new HashMap<>();
		state.balances().keySet().forEach((account) -> expected.put(account, this.initialBalance));
		for (Action.Transfer row : state.transfers()) {
			expected.merge(row.from(), -row.amount(), Long::sum);
			expected.merge(row.to(), row.amount(), Long::sum);
			Operation claim = claims.get(row.id());
			if (claim != null && !row.equals(claim.action())) {
				findings.add(new Finding(Kind.ANOMALY, row.id(), "recorded as " + row, claim));
			}
		}
		long sum = state.balances().values().stream().mapToLong(Long::longValue).sum();
		if (sum != this.initialBalance * state.balances().size()) {
			findings.add(new Finding(Kind.ANOMALY, "sum",
					"the balances add up to " + sum + " instead of " + this.initialBalance * state.balances().size(),
					null));
		}
		expected.forEach((account, balance) -> {
			if (!balance.equals(state.balances().get(account))) {
				findings.add(new Finding(Kind.ANOMALY, account, "account " + account + " has "
						+ state.balances().get(account) + " but its transfers make " + balance, null));
			}
		});
		return findings;
	}

}
