// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Tells when so many failures came in a row, without a success in between, within so much
 * time. Resilience4j's windows cannot: one by count ignores time, one by time ignores the
 * row. Thread-safe; a success while there is no failure costs one volatile read.
 */
final class ConsecutiveFailures {

	private final int threshold;

	private final long windowNanos;

	private final Deque<Long> times = new ArrayDeque<>();

	private volatile int run;

	private boolean complete;

	ConsecutiveFailures(int threshold, Duration window) {
		this.threshold = threshold;
		this.windowNanos = window.toNanos();
	}

	/**
	 * Records a failure.
	 * @param nanoTime when it happened
	 * @return {@code true} if this failure completes the row; only once per row
	 */
	synchronized boolean failure(long nanoTime) {
		this.run++;
		this.times.addLast(nanoTime);
		if (this.times.size() > this.threshold) {
			this.times.removeFirst();
		}
		return this.times.size() == this.threshold && nanoTime - this.times.getFirst() <= this.windowNanos
				&& complete();
	}

	/**
	 * Completes the row whatever its length, as when a probe knows that the database is
	 * gone.
	 * @return {@code true} if it was not complete before
	 */
	synchronized boolean complete() {
		boolean first = !this.complete;
		this.complete = true;
		this.run = Math.max(this.run, 1);
		return first;
	}

	void success() {
		if (this.run > 0) {
			reset();
		}
	}

	synchronized void reset() {
		this.run = 0;
		this.times.clear();
		this.complete = false;
	}

	/**
	 * The length of the present row.
	 * @return failures since the last success
	 */
	int run() {
		return this.run;
	}

}
