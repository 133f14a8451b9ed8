// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Right after a session was lost, others of the pool may be dead too. HikariCP validates
 * only connections that were not used for half a second, so for as long every connection
 * is suspected. Thread-safe.
 */
final class Suspicion {

	private static final long WINDOW_NANOS = TimeUnit.MILLISECONDS
		.toNanos(Long.getLong("com.zaxxer.hikari.aliveBypassWindowMs", 500L) + 250);

	private final LongSupplier nanoTime;

	private volatile boolean raised;

	private volatile long raisedAt;

	Suspicion(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	void raise() {
		this.raisedAt = this.nanoTime.getAsLong();
		this.raised = true;
	}

	boolean isRaised() {
		if (!this.raised) {
			return false;
		}
		if (this.nanoTime.getAsLong() - this.raisedAt <= WINDOW_NANOS) {
			return true;
		}
		this.raised = false;
		return false;
	}

}
