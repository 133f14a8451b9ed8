// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a transaction read of others, and whether it saw its own appends.
 *
 * @param external what others had written, in the order of the reads
 * @param contradictions reads that its own steps do not explain
 */
record ListReads(List<External> external, List<Action.Read> contradictions) {

	/**
	 * Sorts out the reads of a transaction.
	 * @param operation a list transaction
	 * @return its reads
	 */
	static ListReads of(Operation operation) {
		List<External> external = new ArrayList<>();
		List<Action.Read> contradictions = new ArrayList<>();
		Map<Integer, List<Long>> own = new HashMap<>();
		Map<Integer, List<Long>> expected = new HashMap<>();
		for (Action.Step step : ((Action.Lists) operation.action()).steps()) {
			if (step instanceof Action.Append append) {
				own.computeIfAbsent(step.key(), (key) -> new ArrayList<>()).add(append.value());
				expected.computeIfPresent(step.key(), (key, list) -> with(list, append.value()));
			}
			else if (step instanceof Action.Read read && read.seen() != null) {
				List<Long> tail = own.getOrDefault(step.key(), List.of());
				List<Long> known = expected.put(step.key(), read.seen());
				if (!endsWith(read.seen(), tail) || (known != null && !known.equals(read.seen()))) {
					contradictions.add(read);
				}
				else if (known == null) {
					external.add(new External(step.key(), read.seen().subList(0, read.seen().size() - tail.size())));
				}
			}
		}
		return new ListReads(external, contradictions);
	}

	private static List<Long> with(List<Long> list, long value) {
		List<Long> longer = new ArrayList<>(list);
		longer.add(value);
		return longer;
	}

	private static boolean endsWith(List<Long> list, List<Long> tail) {
		return list.size() >= tail.size() && list.subList(list.size() - tail.size(), list.size()).equals(tail);
	}

	/**
	 * The first read of a list.
	 *
	 * @param key the list
	 * @param seen its elements, without those that the transaction itself had appended
	 */
	record External(int key, List<Long> seen) {

		boolean isPrefixOf(List<Long> order) {
			return this.seen.size() <= order.size() && order.subList(0, this.seen.size()).equals(this.seen);
		}

	}

}
