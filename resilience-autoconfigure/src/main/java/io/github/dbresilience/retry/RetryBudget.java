// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Keeps retries to a share of the traffic, so that they never feed an outage. It counts
 * over the last ten seconds, as the retry budget of Finagle does: so many retries for
 * each first attempt, and a steady minimum. Thread-safe.
 */
public final class RetryBudget {

	private static final int SECONDS = 10;

	private final double ratio;

	private final int minPerSecond;

	private final LongSupplier nanoTime;

	private final long startNanos;

	private final long[] firstAttempts = new long[SECONDS];

	private final long[] retries = new long[SECONDS];

	private long second;

	/**
	 * Creates a budget.
	 * @param ratio retries per first attempt, for example 0.2
	 * @param minPerSecond retries per second that are always allowed
	 * @param nanoTime the monotonic clock, usually {@link System#nanoTime()}
	 */
	public RetryBudget(double ratio, int minPerSecond, LongSupplier nanoTime) {
		this.ratio = ratio;
		this.minPerSecond = minPerSecond;
		this.nanoTime = nanoTime;
		this.startNanos = nanoTime.getAsLong();
	}

	/**
	 * Counts a first attempt.
	 */
	public synchronized void firstAttempt() {
		this.firstAttempts[slot()]++;
	}

	/**
	 * Takes leave for one retry.
	 * @return {@code false} if the budget is used up
	 */
	public synchronized boolean tryRetry() {
		int slot = slot();
		double allowed = this.ratio * sum(this.firstAttempts) + (double) this.minPerSecond * SECONDS;
		if (sum(this.retries) + 1 > allowed) {
			return false;
		}
		this.retries[slot]++;
		return true;
	}

	private int slot() {
		long now = TimeUnit.NANOSECONDS.toSeconds(this.nanoTime.getAsLong() - this.startNanos);
		if (now - this.second > SECONDS) {
			this.second = now - SECONDS;
		}
		while (this.second < now) {
			this.second++;
			int cleared = (int) (this.second % SECONDS);
			this.firstAttempts[cleared] = 0;
			this.retries[cleared] = 0;
		}
		return (int) (now % SECONDS);
	}

	private static long sum(long[] counts) {
		long sum = 0;
		for (long count : counts) {
			sum += count;
		}
		return sum;
	}

}
