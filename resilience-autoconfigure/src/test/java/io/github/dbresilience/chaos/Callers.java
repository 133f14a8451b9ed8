// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.Comparator;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What each kind of caller was told, and in which words.
 */
final class Callers {

	private static final int REASONS = 6;

	private Callers() {
	}

	/**
	 * A table for a reader.
	 * @param history the operations
	 * @return lines
	 */
	static String table(History history) {
		Map<String, List<Operation>> callers = history.operations()
			.stream()
			.collect(Collectors.groupingBy(
					(operation) -> operation.process().replaceFirst("-\\d+$", "") + " " + operation.outcome(),
					TreeMap::new, Collectors.toList()));
		return callers.entrySet()
			.stream()
			.map((entry) -> "%-14s %7d%n%s".formatted(entry.getKey(), entry.getValue().size(),
					reasons(entry.getValue())))
			.collect(Collectors.joining());
	}

	private static String reasons(List<Operation> operations) {
		return operations.stream()
			.filter((operation) -> operation.error() != null)
			.collect(Collectors.groupingBy((operation) -> withoutFigures(operation.error())))
			.entrySet()
			.stream()
			.sorted(Comparator.comparing((reason) -> -reason.getValue().size()))
			.limit(REASONS)
			.map((reason) -> "  %6d after %s: %s%n".formatted(reason.getValue().size(), times(reason.getValue()),
					reason.getKey()))
			.collect(Collectors.joining());
	}

	private static String times(List<Operation> operations) {
		LongSummaryStatistics times = operations.stream()
			.mapToLong((operation) -> operation.completed().minus(operation.invoked()).toMillis())
			.summaryStatistics();
		return times.getMin() + ".." + times.getMax() + " ms";
	}

	private static String withoutFigures(String error) {
		return error.replaceAll("\\b[0-9a-f-]*\\d[0-9a-f-]{5,}\\b|(?<![A-Z0-9])\\d+\\b(?!P)", "#");
	}

}
