// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import io.github.dbresilience.chaos.Finding.Kind;

/**
 * Serializable transactions that read lists and append unique values to them. The final
 * lists tell the order of all versions, so everything that a transaction read places it
 * (Kingsbury and Alvaro, "Elle", 2020).
 */
final class ListAppendChecker implements Checker {

	@Override
	public List<Finding> check(History history, FinalState state) {
		List<Operation> operations = history.of(Action.Lists.class);
		Map<Long, Operation> writers = new HashMap<>();
		for (Operation operation : operations) {
			((Action.Lists) operation.action()).appends().forEach((append) -> writers.put(append.value(), operation));
		}
		List<Long> present = state.lists().values().stream().flatMap(List::stream).toList();
		List<Finding> findings = new ArrayList<>(Presence.check("append", writers, present));
		findings.addAll(torn(operations, present));
		Map<Integer, List<Long>> order = new HashMap<>();
		state.lists().forEach((key, values) -> order.put(key, values.stream().distinct().toList()));
		List<Operation> acknowledged = operations.stream()
			.filter((operation) -> operation.outcome() == Outcome.OK)
			.toList();
		findings.addAll(new ReadChecks(writers, order).check(acknowledged));
		List<Dependency> dependencies = new Dependencies(writers, order).of(acknowledged);
		new CycleSearch(dependencies).cycles()
			.forEach((cycle) -> findings.add(new Finding(Kind.ANOMALY, cycle.anomaly(), cycle.toString(), null)));
		return findings;
	}

	/** A transaction is there as a whole or not at all. */
	private static List<Finding> torn(List<Operation> operations, List<Long> present) {
		Map<Long, Boolean> there = new HashMap<>();
		present.forEach((value) -> there.put(value, true));
		return operations.stream().map((operation) -> {
			List<Action.Append> appends = ((Action.Lists) operation.action()).appends();
			long count = appends.stream().filter((append) -> there.containsKey(append.value())).count();
			return (count > 0 && count < appends.size()) ? new Finding(Kind.ANOMALY, "torn",
					"torn: " + count + " of " + appends.size() + " appends are there", operation) : null;
		}).filter(Objects::nonNull).toList();
	}

}
