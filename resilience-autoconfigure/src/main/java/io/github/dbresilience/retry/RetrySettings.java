// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How often and how long something is tried again.
 *
 * @param enabled Whether anything is tried again: the acquisition of a connection, and
 * transactions.
 * @param maxAttempts Attempts that may reach the server, the first one included.
 * @param initialInterval Upper bound of the first back-off.
 * @param multiplier Factor by which the upper bound of the back-off grows.
 * @param maxInterval Largest upper bound of a back-off.
 * @param jitter How the back-off is drawn below its upper bound.
 * @param maxDuration One deadline over all attempts, back-offs and the wait for an open
 * circuit breaker.
 * @param maxWaiting How many callers may wait out an outage at the same time; the rest
 * fail fast. Twice the maximum pool size if not set.
 * @param transactions Which whole transactions are tried again.
 * @param budget How many retries of transactions there may be in all.
 * @param insideTransaction What happens to a method with {@code @RetryableTransaction}
 * that is called inside a transaction which nobody tries again.
 */
public record RetrySettings(@DefaultValue("true") boolean enabled, @DefaultValue("5") int maxAttempts,
		@DefaultValue("100ms") Duration initialInterval, @DefaultValue("2") double multiplier,
		@DefaultValue("10s") Duration maxInterval, @DefaultValue("full") Jitter jitter,
		@DefaultValue("15s") Duration maxDuration, @Nullable Integer maxWaiting,
		@DefaultValue("annotated") Transactions transactions, @DefaultValue Budget budget,
		@DefaultValue("refuse") InsideTransaction insideTransaction) {

	/**
	 * The settings that the documentation calls the defaults.
	 * @return the defaults
	 */
	public static RetrySettings defaults() {
		return new RetrySettings(true, 5, Duration.ofMillis(100), 2, Duration.ofSeconds(10), Jitter.FULL,
				Duration.ofSeconds(15), null, Transactions.ANNOTATED, new Budget(0.2, 10), InsideTransaction.REFUSE);
	}

	/**
	 * Which whole transactions are tried again where nothing is switched off.
	 * @return {@link Transactions#OFF} if nothing is tried again
	 */
	public Transactions effectiveTransactions() {
		return this.enabled ? this.transactions : Transactions.OFF;
	}

	RetrySettings withInitialInterval(Duration own) {
		Duration longest = (own.compareTo(this.maxInterval) > 0) ? own : this.maxInterval;
		return new RetrySettings(this.enabled, this.maxAttempts, own, this.multiplier, longest, this.jitter,
				this.maxDuration, this.maxWaiting, this.transactions, this.budget, this.insideTransaction);
	}

	Duration upperBound(int failures) {
		double millis = this.initialInterval.toMillis() * Math.pow(this.multiplier, Math.max(0, failures - 1));
		return Duration.ofMillis((long) Math.min(millis, this.maxInterval.toMillis()));
	}

	/**
	 * How a back-off is drawn.
	 */
	public enum Jitter {

		/** Uniformly between nothing and the upper bound, so that callers spread out. */
		FULL,

		/** Always the upper bound. */
		NONE

	}

	/**
	 * Which whole transactions are tried again.
	 */
	public enum Transactions {

		/** None. */
		OFF,

		/** Those that are declared read-only. */
		READ_ONLY,

		/** Read-only ones, and those with {@code @RetryableTransaction}. */
		ANNOTATED,

		/** All. */
		ALL

	}

	/**
	 * What happens to a method that has to be tried again as a whole and is called inside
	 * a transaction that is not.
	 */
	public enum InsideTransaction {

		/** It fails, so that the mistake is seen before the fault. */
		REFUSE,

		/** It joins the transaction and is not tried again. */
		JOIN

	}

	/**
	 * How many retries of transactions there may be over the last ten seconds.
	 *
	 * @param ratio Retries per transaction.
	 * @param minPerSecond Retries per second that are always allowed.
	 */
	public record Budget(@DefaultValue("0.2") double ratio, @DefaultValue("10") int minPerSecond) {

	}

}
