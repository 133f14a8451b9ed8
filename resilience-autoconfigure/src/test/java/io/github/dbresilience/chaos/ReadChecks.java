// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import io.github.dbresilience.chaos.Finding.Kind;
import io.github.dbresilience.chaos.ListReads.External;
import org.jspecify.annotations.Nullable;

/**
 * What a single read must not show.
 */
final class ReadChecks {

	private final Map<Long, Operation> writers;

	private final Map<Integer, List<Long>> order;

	private final Map<Integer, List<Long>> acknowledged = new HashMap<>();

	private final Map<External, Operation> updates = new HashMap<>();

	private final List<Finding> findings = new ArrayList<>();

	/**
	 * Creates the checks of a run.
	 * @param writers who appended a value
	 * @param order the final lists
	 */
	ReadChecks(Map<Long, Operation> writers, Map<Integer, List<Long>> order) {
		this.writers = writers;
		this.order = order;
		writers.forEach((value, writer) -> {
			if (writer.outcome() == Outcome.OK) {
				keysOf(writer, value)
					.forEach((key) -> this.acknowledged.computeIfAbsent(key, (list) -> new ArrayList<>()).add(value));
			}
		});
	}

	List<Finding> check(List<Operation> operations) {
		for (Operation operation : operations) {
			ListReads reads = ListReads.of(operation);
			reads.contradictions()
				.forEach((read) -> report("internal", "its own steps do not explain the read of list " + read.key(),
						operation));
			reads.external().forEach((read) -> check(operation, read));
		}
		return this.findings;
	}

	private void check(Operation operation, External read) {
		Set<Long> seen = new HashSet<>(read.seen());
		String list = "list " + read.key();
		if (seen.size() != read.seen().size()) {
			report("doubled", "read something twice in " + list, operation);
		}
		for (long value : read.seen()) {
			Operation writer = this.writers.get(value);
			if (writer == null) {
				report("garbage", "read " + value + " in " + list + ", which nobody wrote", operation);
			}
			else if (writer.outcome() == Outcome.FAILED) {
				report("G1a", "aborted read of " + value + " in " + list + ", written by " + writer, operation);
			}
			else if (writer.equals(operation)) {
				report("internal", "read " + value + " in " + list + " before it was appended", operation);
			}
		}
		intermediate(operation, read);
		if (!read.isPrefixOf(this.order.getOrDefault(read.key(), List.of()))) {
			report("incompatible", "incompatible order of " + list + ", in the end " + this.order.get(read.key()),
					operation);
		}
		for (long value : this.acknowledged.getOrDefault(read.key(), List.of())) {
			if (!seen.contains(value) && this.writers.get(value).completed().compareTo(operation.invoked()) < 0) {
				report("stale", "stale read of " + list + " without " + value + ", which was acknowledged before to "
						+ this.writers.get(value), operation);
			}
		}
		if (!keysOf(operation, null).contains(read.key())) {
			return;
		}
		Operation other = this.updates.put(read, operation);
		if (other != null) {
			report("lost update", "lost update of " + list + ", read in the same state by " + other, operation);
		}
	}

	private void intermediate(Operation operation, External read) {
		if (read.seen().isEmpty()) {
			return;
		}
		long last = read.seen().get(read.seen().size() - 1);
		Operation writer = this.writers.get(last);
		if (writer != null && !writer.equals(operation)) {
			List<Action.Append> appends = ((Action.Lists) writer.action()).appends()
				.stream()
				.filter((append) -> append.key() == read.key())
				.toList();
			if (!appends.isEmpty() && appends.get(appends.size() - 1).value() != last) {
				report("G1b", "intermediate read of " + last + " in list " + read.key() + ", written by " + writer,
						operation);
			}
		}
	}

	private static List<Integer> keysOf(Operation operation, @Nullable Long value) {
		return ((Action.Lists) operation.action()).appends()
			.stream()
			.filter((append) -> value == null || append.value() == value)
			.map(Action.Append::key)
			.toList();
	}

	private void report(String subject, String text, Operation operation) {
		this.findings.add(new Finding(Kind.ANOMALY, subject, text, operation));
	}

}
