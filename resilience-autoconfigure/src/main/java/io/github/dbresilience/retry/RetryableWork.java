// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * A transaction that may be tried again, apart from its body.
 *
 * @param name what it is called in the log
 * @param kind what it is
 * @param maxDuration the deadline over all attempts, {@code null} for the data source's
 * @param maxAttempts the attempts that may reach the server, {@code null} for the data
 * source's
 * @param initialInterval the upper bound of the first back-off, {@code null} for the data
 * source's
 */
public record RetryableWork(String name, TransactionKind kind, @Nullable Duration maxDuration,
		@Nullable Integer maxAttempts, @Nullable Duration initialInterval) {

	/**
	 * A transaction with the settings of its data source.
	 * @param name what it is called in the log
	 * @param kind what it is
	 * @return the transaction
	 */
	public static RetryableWork of(String name, TransactionKind kind) {
		return new RetryableWork(name, kind, null, null, null);
	}

	@Nullable Deadline deadline() {
		return (this.maxDuration != null) ? Deadline.after(this.maxDuration, System::nanoTime) : null;
	}

	RetrySettings settings(RetrySettings common) {
		return (this.initialInterval != null) ? common.withInitialInterval(this.initialInterval) : common;
	}

	int maxAttempts(RetrySettings common) {
		return (this.maxAttempts != null) ? this.maxAttempts : common.maxAttempts();
	}

}
