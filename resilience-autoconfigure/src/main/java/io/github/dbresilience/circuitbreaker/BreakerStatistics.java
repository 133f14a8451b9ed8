// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts the calls of a circuit breaker. Thread-safe.
 */
public final class BreakerStatistics {

	private final LongAdder successes = new LongAdder();

	private final LongAdder failures = new LongAdder();

	private final LongAdder rejected = new LongAdder();

	private final LongAdder wouldHaveOpened = new LongAdder();

	void succeeded() {
		this.successes.increment();
	}

	void failed() {
		this.failures.increment();
	}

	void wouldHaveOpened() {
		this.wouldHaveOpened.increment();
	}

	/**
	 * A caller was turned away.
	 */
	public void rejected() {
		this.rejected.increment();
	}

	/**
	 * Leases that ended without an outage.
	 * @return the count since the start
	 */
	public long successCount() {
		return this.successes.sum();
	}

	/**
	 * Leases and acquisitions that met an outage.
	 * @return the count since the start
	 */
	public long failureCount() {
		return this.failures.sum();
	}

	/**
	 * Callers that were turned away.
	 * @return the count since the start
	 */
	public long rejectedCount() {
		return this.rejected.sum();
	}

	/**
	 * How often the breaker would have opened while its mode is monitoring.
	 * @return the count since the start
	 */
	public long wouldHaveOpenedCount() {
		return this.wouldHaveOpened.sum();
	}

}
