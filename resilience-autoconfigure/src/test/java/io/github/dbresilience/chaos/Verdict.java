// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.dbresilience.chaos.Finding.Kind;

/**
 * The result of a run.
 *
 * @param history the operations
 * @param findings everything that must not be
 */
record Verdict(History history, List<Finding> findings) {

	Verdict {
		findings = List.copyOf(findings);
	}

	/**
	 * Checks a run by all checkers.
	 * @param history the operations
	 * @param state what the database holds
	 * @param initialBalance of each account
	 * @return the verdict
	 */
	static Verdict of(History history, FinalState state, long initialBalance) {
		return new Verdict(history, Stream
			.of(new TransferChecker(initialBalance), new InsertChecker(), new CounterChecker(), new ListAppendChecker())
			.flatMap((checker) -> checker.check(history, state).stream())
			.toList());
	}

	long lost() {
		return count(Kind.LOST);
	}

	long duplicated() {
		return count(Kind.DUPLICATED);
	}

	long resurrected() {
		return count(Kind.RESURRECTED);
	}

	long anomalies() {
		return count(Kind.ANOMALY);
	}

	long count(Kind kind) {
		return this.findings.stream().filter((finding) -> finding.kind() == kind).count();
	}

	/**
	 * The findings, with what was done at the time.
	 * @param disturbances the faults of the run
	 * @return at most ten lines of each kind
	 */
	String details(List<Disturbance> disturbances) {
		return Stream.of(Kind.values())
			.flatMap((kind) -> this.findings.stream().filter((finding) -> finding.kind() == kind).limit(10))
			.map((finding) -> "\n  " + finding + disturbances.stream()
				.filter((disturbance) -> finding.operation() != null && disturbance.touches(finding.operation()))
				.map((disturbance) -> "\n      during " + disturbance)
				.collect(Collectors.joining()))
			.collect(Collectors.joining());
	}

	@Override
	public String toString() {
		return "%d operations: %d ok, %d failed, %d unknown; lost %d, duplicated %d, resurrected %d, anomalies %d"
			.formatted(this.history.operations().size(), this.history.count(Outcome.OK),
					this.history.count(Outcome.FAILED), this.history.count(Outcome.UNKNOWN), lost(), duplicated(),
					resurrected(), anomalies());
	}

}
