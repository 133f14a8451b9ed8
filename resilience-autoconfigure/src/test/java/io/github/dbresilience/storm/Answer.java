// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.storm;

import java.time.Duration;

import io.github.dbresilience.retry.TransactionOutcomeUnknownException;
import org.jspecify.annotations.Nullable;

/**
 * What a client was told.
 *
 * @param client its number
 * @param id the number of the request
 * @param start when it asked, by {@link System#nanoTime()}
 * @param end when it was told, by {@link System#nanoTime()}
 * @param failure what it was told instead of a result, {@code null} if it went well
 */
record Answer(int client, long id, long start, long end, @Nullable Throwable failure) {

	boolean isAcknowledged() {
		return this.failure == null;
	}

	boolean isUnknown() {
		return this.failure instanceof TransactionOutcomeUnknownException;
	}

	Duration latency() {
		return Duration.ofNanos(this.end - this.start);
	}

	/**
	 * Whether the client waited for it at some time between two others.
	 */
	boolean overlaps(long from, long to) {
		return this.end - from >= 0 && this.start - to <= 0;
	}

	/**
	 * Compares what was told with how often it happened.
	 */
	boolean isTrue(long occurrences) {
		return isUnknown() ? occurrences <= 1 : occurrences == (isAcknowledged() ? 1 : 0);
	}

}
