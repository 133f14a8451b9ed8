// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import io.github.dbresilience.chaos.Finding.Kind;

/**
 * The rule of all that has an id: acknowledged is there once, refused is not there,
 * unknown is there at most once, and nothing is there that nobody wrote.
 */
final class Presence {

	private Presence() {
	}

	/**
	 * Applies the rule.
	 * @param <T> type of the ids
	 * @param what name of the thing
	 * @param claims what was asked for, by id
	 * @param present the ids that are there, as often as they are there
	 * @return the findings
	 */
	static <T> List<Finding> check(String what, Map<T, Operation> claims, Collection<T> present) {
		Map<T, Long> counts = present.stream()
			.collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
		List<Finding> findings = new ArrayList<>();
		claims.forEach((id, operation) -> {
			long count = counts.getOrDefault(id, 0L);
			if (count == 0 && operation.outcome() == Outcome.OK) {
				findings.add(new Finding(Kind.LOST, id, what + " " + id, operation));
			}
			if (count > 0 && operation.outcome() == Outcome.FAILED) {
				findings.add(new Finding(Kind.RESURRECTED, id, what + " " + id, operation));
			}
			if (count > 1) {
				findings.add(
						new Finding(Kind.DUPLICATED, id, what + " " + id + " is there " + count + " times", operation));
			}
		});
		counts.keySet()
			.stream()
			.filter((id) -> !claims.containsKey(id))
			.forEach((id) -> findings
				.add(new Finding(Kind.ANOMALY, id, what + " " + id + " was written by nobody", null)));
		return findings;
	}

}
