// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A point in monotonic time after which nothing more is tried. Immutable.
 */
public final class Deadline {

	private final LongSupplier nanoTime;

	private final long startNanos;

	private final long lengthNanos;

	private Deadline(LongSupplier nanoTime, long lengthNanos) {
		this.nanoTime = nanoTime;
		this.startNanos = nanoTime.getAsLong();
		this.lengthNanos = lengthNanos;
	}

	/**
	 * A deadline that starts now.
	 * @param length how long until it is over
	 * @param nanoTime the monotonic clock, usually {@link System#nanoTime()}
	 * @return the deadline
	 */
	public static Deadline after(Duration length, LongSupplier nanoTime) {
		return new Deadline(nanoTime, length.toNanos());
	}

	/**
	 * What is left.
	 * @return the rest in nanoseconds, 0 when it is over
	 */
	public long remainingNanos() {
		return Math.max(0, this.lengthNanos - elapsedNanos());
	}

	/**
	 * Whether nothing is left.
	 * @return {@code true} when the deadline is over
	 */
	public boolean isOver() {
		return remainingNanos() == 0;
	}

	/**
	 * The time since the deadline was set.
	 * @return the time in milliseconds' precision
	 */
	public Duration elapsed() {
		return Duration.ofMillis(Duration.ofNanos(elapsedNanos()).toMillis());
	}

	private long elapsedNanos() {
		return this.nanoTime.getAsLong() - this.startNanos;
	}

}
