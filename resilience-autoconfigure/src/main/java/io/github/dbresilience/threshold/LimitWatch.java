// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * One limit: passed once the value was above it for long enough, and back only once the
 * value was below nine tenths of it for long enough. Not thread-safe.
 */
final class LimitWatch {

	private static final double BACK = 0.9;

	private final double limit;

	private final Duration forAtLeast;

	private final Duration resolveAfter;

	private boolean passed;

	private @Nullable Instant aboveSince;

	private @Nullable Instant measuredFirst;

	private @Nullable Instant backSince;

	LimitWatch(double limit, Duration forAtLeast, Duration resolveAfter) {
		this.limit = limit;
		this.forAtLeast = forAtLeast;
		this.resolveAfter = resolveAfter;
	}

	/**
	 * Takes a value.
	 * @param reading the value, {@code null} if there is none
	 * @param now the time
	 */
	void look(@Nullable Reading reading, Instant now) {
		if (this.passed) {
			whilePassed(reading, now);
		}
		else {
			whileWell(reading, now);
		}
	}

	private void whileWell(@Nullable Reading reading, Instant now) {
		if (reading == null || !(reading.value() > this.limit)) {
			this.aboveSince = null;
			return;
		}
		if (this.aboveSince == null) {
			this.aboveSince = now;
			this.measuredFirst = reading.measuredAt();
		}
		boolean longEnough = !now.isBefore(this.aboveSince.plus(this.forAtLeast));
		// One slow sample, looked at thirty times, is still one sample
		boolean seenTwice = this.forAtLeast.isZero() || !reading.measuredAt().equals(this.measuredFirst);
		if (longEnough && seenTwice) {
			this.passed = true;
			this.backSince = null;
		}
	}

	private void whilePassed(@Nullable Reading reading, Instant now) {
		if (reading != null && reading.value() > this.limit * BACK) {
			this.backSince = null;
			return;
		}
		if (this.backSince == null) {
			this.backSince = now;
		}
		if (!now.isBefore(this.backSince.plus(this.resolveAfter))) {
			this.passed = false;
			this.aboveSince = null;
		}
	}

	/**
	 * Starts waiting anew: nobody has looked for a while.
	 */
	void restart() {
		this.backSince = null;
		if (!this.passed) {
			this.aboveSince = null;
		}
	}

	boolean isPassed() {
		return this.passed;
	}

	/**
	 * {@return since when the value has been above the limit, {@code null} if it is not}
	 */
	@Nullable Instant aboveSince() {
		return this.aboveSince;
	}

}
