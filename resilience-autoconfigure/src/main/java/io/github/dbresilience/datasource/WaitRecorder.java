// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * Remembers how long callers wait for connections of the pool. Waits that nobody feels
 * cost nothing. Thread-safe.
 */
final class WaitRecorder {

	private static final long FELT_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

	/** One slot per second. */
	private static final int SLOTS = 10;

	private final long[] longest = new long[SLOTS];

	private final long[] second = new long[SLOTS];

	private final LongAdder timedOut = new LongAdder();

	private final LongSupplier nanoTime;

	WaitRecorder(LongSupplier nanoTime) {
		this.nanoTime = nanoTime;
	}

	/**
	 * Notes that a caller was given a connection.
	 * @param since the {@code nanoTime} when it asked
	 */
	void served(long since) {
		long now = this.nanoTime.getAsLong();
		if (now - since >= FELT_NANOS) {
			add(now, now - since);
		}
	}

	private synchronized void add(long now, long waited) {
		long present = now / TimeUnit.SECONDS.toNanos(1);
		int slot = Math.floorMod(present, SLOTS);
		if (this.second[slot] != present) {
			this.second[slot] = present;
			this.longest[slot] = 0;
		}
		this.longest[slot] = Math.max(this.longest[slot], waited);
	}

	/**
	 * Notes that a caller waited in vain while the database was well.
	 */
	void timedOut() {
		this.timedOut.increment();
	}

	synchronized Waits lately() {
		long present = this.nanoTime.getAsLong() / TimeUnit.SECONDS.toNanos(1);
		long most = 0;
		for (int slot = 0; slot < SLOTS; slot++) {
			if (present - this.second[slot] < SLOTS) {
				most = Math.max(most, this.longest[slot]);
			}
		}
		return new Waits(Duration.ofNanos(most), this.timedOut.sum());
	}

}
