// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what became of lost COMMITs. Thread-safe.
 */
public final class CommitStatistics {

	private final Map<CommitOutcome, LongAdder> outcomes = new EnumMap<>(CommitOutcome.class);

	private final LongAdder unreplicated = new LongAdder();

	CommitStatistics() {
		for (CommitOutcome outcome : CommitOutcome.values()) {
			this.outcomes.put(outcome, new LongAdder());
		}
	}

	void lost(CommitOutcome outcome) {
		adder(outcome).increment();
	}

	void unreplicated() {
		this.unreplicated.increment();
	}

	/**
	 * Lost COMMITs by what was found out.
	 * @param outcome what was found out
	 * @return the count since the start
	 */
	public long lostCount(CommitOutcome outcome) {
		return adder(outcome).sum();
	}

	/**
	 * Transactions that are committed on the primary, but whose wait for a synchronous
	 * standby was cancelled.
	 * @return the count since the start
	 */
	public long unreplicatedCount() {
		return this.unreplicated.sum();
	}

	private LongAdder adder(CommitOutcome outcome) {
		return this.outcomes.getOrDefault(outcome, this.unreplicated);
	}

}
