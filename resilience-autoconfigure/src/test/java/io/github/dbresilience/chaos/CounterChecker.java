// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.dbresilience.chaos.Finding.Kind;

/**
 * Counters end between what was acknowledged and that plus what is unknown.
 */
final class CounterChecker implements Checker {

	@Override
	public List<Finding> check(History history, FinalState state) {
		Map<Integer, Long> least = new TreeMap<>();
		Map<Integer, Long> most = new TreeMap<>();
		state.counters().keySet().forEach((key) -> least.put(key, 0L));
		for (Operation operation : history.of(Action.Increment.class)) {
			int key = ((Action.Increment) operation.action()).key();
			least.merge(key, (operation.outcome() == Outcome.OK) ? 1L : 0L, Long::sum);
			most.merge(key, (operation.outcome() != Outcome.FAILED) ? 1L : 0L, Long::sum);
		}
		List<Finding> findings = new ArrayList<>();
		least.forEach((key, lower) -> {
			long upper = most.getOrDefault(key, 0L);
			long value = state.counters().getOrDefault(key, 0L);
			String text = "counter " + key + " is " + value + ", acknowledged " + lower + ", unknown "
					+ (upper - lower);
			if (value < lower) {
				findings.add(new Finding(Kind.LOST, key, text, null));
			}
			if (value > upper) {
				findings.add(new Finding(Kind.DUPLICATED, key, text, null));
			}
		});
		return findings;
	}

}
