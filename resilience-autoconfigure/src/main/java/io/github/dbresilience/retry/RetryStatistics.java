// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what became of retries. Thread-safe.
 */
public final class RetryStatistics {

	private final LongAdder retries = new LongAdder();

	private final LongAdder recovered = new LongAdder();

	private final LongAdder exhausted = new LongAdder();

	private final LongAdder refused = new LongAdder();

	private final LongAdder interrupted = new LongAdder();

	private final LongAdder overBudget = new LongAdder();

	void retried() {
		this.retries.increment();
	}

	void recovered() {
		this.recovered.increment();
	}

	void exhausted() {
		this.exhausted.increment();
	}

	void refused() {
		this.refused.increment();
	}

	void interrupted() {
		this.interrupted.increment();
	}

	void overBudget() {
		this.overBudget.increment();
	}

	/**
	 * Attempts beyond the first.
	 * @return the count since the start
	 */
	public long retriesCount() {
		return this.retries.sum();
	}

	/**
	 * Runs that succeeded on a later attempt.
	 * @return the count since the start
	 */
	public long recoveredCount() {
		return this.recovered.sum();
	}

	/**
	 * Runs that ran out of attempts or time.
	 * @return the count since the start
	 */
	public long exhaustedCount() {
		return this.exhausted.sum();
	}

	/**
	 * Runs that ended with a failure that may not be tried again.
	 * @return the count since the start
	 */
	public long refusedCount() {
		return this.refused.sum();
	}

	/**
	 * Runs that were interrupted between attempts.
	 * @return the count since the start
	 */
	public long interruptedCount() {
		return this.interrupted.sum();
	}

	/**
	 * Runs that were not tried again because there were too many retries in all.
	 * @return the count since the start
	 */
	public long overBudgetCount() {
		return this.overBudget.sum();
	}

}
