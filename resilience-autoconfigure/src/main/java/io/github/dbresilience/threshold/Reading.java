// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What a threshold was measured to be.
 *
 * @param value in the unit of the threshold; of a condition 1 if it is met, 0 if not
 * @param measuredAt when it was measured, which may be before it was looked at
 * @param detail what belongs into the sentence beside the value, may be empty
 */
record Reading(double value, Instant measuredAt, String detail) {

	private static final int LONGEST_DETAIL = 400;

	/** What servers and files say goes into log lines and messages. */
	private static final Pattern UNFIT = Pattern.compile("\\s+|\\p{Cntrl}");

	Reading {
		detail = detail.isEmpty() ? detail : fit(detail);
	}

	static Reading of(double value, Instant measuredAt) {
		return new Reading(value, measuredAt, "");
	}

	static @Nullable Reading of(@Nullable Duration value, Instant measuredAt) {
		return (value != null) ? of(ThresholdUnit.seconds(value), measuredAt) : null;
	}

	static Reading met(Instant measuredAt, String detail) {
		return new Reading(1, measuredAt, detail);
	}

	static Reading notMet(Instant measuredAt) {
		return of(0, measuredAt);
	}

	private static String fit(String detail) {
		String line = UNFIT.matcher(detail).replaceAll(" ").strip();
		return (line.length() > LONGEST_DETAIL) ? line.substring(0, LONGEST_DETAIL) + "…" : line;
	}

	Reading detail(String text) {
		return new Reading(this.value, this.measuredAt, text);
	}

}
