// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What a kind of fault did to callers.
 *
 * @param times how often it was done
 * @param running the operations that were running when it hit
 * @param begun those that were begun while it lasted
 */
record Impact(int times, Share running, Share begun) {

	/**
	 * The impact by kind of fault.
	 * @param history the operations
	 * @param disturbances the faults
	 * @return impacts by the name of the fault
	 */
	static Map<String, Impact> of(History history, List<Disturbance> disturbances) {
		return disturbances.stream()
			.collect(Collectors.groupingBy(Disturbance::fault, TreeMap::new,
					Collectors.collectingAndThen(Collectors.toList(), (all) -> summarize(history, all))));
	}

	private static Impact summarize(History history, List<Disturbance> disturbances) {
		return new Impact(disturbances.size(),
				Share.of(history,
						(operation) -> disturbances.stream()
							.anyMatch((disturbance) -> operation.isRunningAt(disturbance.from()))),
				Share.of(history, (operation) -> disturbances.stream()
					.anyMatch((disturbance) -> operation.isBegunWithin(disturbance.from(), disturbance.until()))));
	}

	/**
	 * A table for a reader.
	 * @param impacts by the name of the fault
	 * @return lines
	 */
	static String table(Map<String, Impact> impacts) {
		StringBuilder table = new StringBuilder("%-36s %5s | %s | %s%n".formatted("fault", "times",
				Share.header("running when it hit"), Share.header("begun while it lasted")));
		impacts.forEach((fault, impact) -> table
			.append("%-36s %5d | %s | %s%n".formatted(fault, impact.times(), impact.running(), impact.begun())));
		return table.toString();
	}

	/**
	 * How operations fared.
	 *
	 * @param ok succeeded, the caller has not noticed
	 * @param failed failed honestly
	 * @param unknown nobody knows, and the caller was told so
	 */
	record Share(long ok, long failed, long unknown) {

		static Share of(History history, Predicate<Operation> which) {
			Map<Outcome, Long> counts = history.operations()
				.stream()
				.filter(which)
				.collect(Collectors.groupingBy(Operation::outcome, Collectors.counting()));
			return new Share(counts.getOrDefault(Outcome.OK, 0L), counts.getOrDefault(Outcome.FAILED, 0L),
					counts.getOrDefault(Outcome.UNKNOWN, 0L));
		}

		static String header(String title) {
			return "%21s: unnoticed failed unknown".formatted(title);
		}

		@Override
		public String toString() {
			long all = this.ok + this.failed + this.unknown;
			String share = (all != 0) ? "%.1f %%".formatted(100.0 * this.ok / all) : "-";
			return "%21d  %9s %6d %7d".formatted(all, share, this.failed, this.unknown);
		}

	}

}
