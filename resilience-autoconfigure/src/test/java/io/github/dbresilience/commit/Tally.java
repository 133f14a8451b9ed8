// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;

/**
 * Compares what the application was told of its commits with what is in the table.
 */
final class Tally {

	private final String title;

	private final Map<Integer, CommitOutcome> told = new TreeMap<>();

	private final List<Integer> wrong = new ArrayList<>();

	Tally(String title) {
		this.title = title;
	}

	/**
	 * Runs a transaction and tells its outcome as a caller sees it.
	 */
	static CommitOutcome outcomeOf(Runnable transaction) {
		try {
			transaction.run();
			return CommitOutcome.COMMITTED;
		}
		catch (RuntimeException ex) {
			Fault fault = FaultClassifier.find(ex, Phase.IN_TRANSACTION).orElseThrow(() -> ex);
			return switch (fault.verdict()) {
				case UNKNOWN -> CommitOutcome.UNKNOWN;
				case RETRY -> CommitOutcome.NOT_COMMITTED;
				case FAIL -> throw ex;
			};
		}
	}

	void count(int id, CommitOutcome outcome) {
		this.told.put(id, outcome);
	}

	/**
	 * Compares what was told with the table.
	 */
	void check(IntUnaryOperator occurrences) {
		this.told.forEach((id, outcome) -> {
			int found = occurrences.applyAsInt(id);
			boolean right = switch (outcome) {
				case COMMITTED -> found == 1;
				case NOT_COMMITTED -> found == 0;
				case UNKNOWN -> found <= 1;
			};
			if (!right) {
				this.wrong.add(id);
			}
		});
		System.out.println(this);
	}

	List<Integer> wrong() {
		return this.wrong;
	}

	long told(CommitOutcome outcome) {
		return this.told.values().stream().filter(outcome::equals).count();
	}

	@Override
	public String toString() {
		return "%-50s committed %d, not committed %d, unknown %d, wrong %d".formatted(this.title,
				told(CommitOutcome.COMMITTED), told(CommitOutcome.NOT_COMMITTED), told(CommitOutcome.UNKNOWN),
				this.wrong.size());
	}

}
