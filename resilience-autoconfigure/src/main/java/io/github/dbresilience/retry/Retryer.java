// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.retry.backoff.BackOffInterruptedException;
import org.springframework.retry.support.RetryTemplate;

/**
 * Runs attempts on the caller's thread until one succeeds, one fails for good, attempts
 * or time run out, or the thread is interrupted. Thread-safe.
 */
public final class Retryer {

	private static final Logger logger = LoggerFactory.getLogger(Retryer.class);

	private final RetrySettings settings;

	private final Sleeper sleeper;

	private final DoubleSupplier random;

	/**
	 * Creates a retryer.
	 * @param settings attempts and back-off; {@code maxDuration} is not read, the
	 * deadline is the caller's
	 * @param sleeper waits between attempts
	 * @param random draws the jitter, between 0 and 1
	 */
	public Retryer(RetrySettings settings, Sleeper sleeper, DoubleSupplier random) {
		this.settings = settings;
		this.sleeper = sleeper;
		this.random = random;
	}

	/**
	 * Creates a retryer that really sleeps.
	 * @param settings attempts and back-off
	 * @return the retryer
	 */
	public static Retryer of(RetrySettings settings) {
		return new Retryer(settings, Sleeper.real(), () -> ThreadLocalRandom.current().nextDouble());
	}

	/**
	 * Runs attempts.
	 * @param <T> what an attempt yields
	 * @param name what is tried, for the log
	 * @param attempt the attempt
	 * @param retryable whether a failure may be tried again
	 * @param deadline the end of all attempts
	 * @param statistics counts what happens
	 * @return the result of the attempt that succeeded
	 * @throws SQLException the failure of the last attempt
	 */
	public <T> T run(String name, Attempt<T, SQLException> attempt, Predicate<SQLException> retryable,
			Deadline deadline, RetryStatistics statistics) throws SQLException {
		return run(name, attempt, (failure, attempts) -> {
			if (!(failure instanceof SQLException exception && retryable.test(exception))) {
				return (failure instanceof SQLException) ? Ruling.REFUSED : Ruling.UNRELATED;
			}
			return (attempts < this.settings.maxAttempts() && !deadline.isOver()) ? Ruling.RETRY : Ruling.EXHAUSTED;
		}, deadline, statistics);
	}

	/**
	 * Goes on after a first attempt that the caller made.
	 * @param <T> what an attempt yields
	 * @param first the failure of the first attempt
	 * @param name what is tried, for the log
	 * @param attempt the attempt
	 * @param retryable whether a failure may be tried again
	 * @param deadline the end of all attempts
	 * @param statistics counts what happens
	 * @return the result of the attempt that succeeded
	 * @throws SQLException the failure of the last attempt
	 */
	public <T> T runAfter(SQLException first, String name, Attempt<T, SQLException> attempt,
			Predicate<SQLException> retryable, Deadline deadline, RetryStatistics statistics) throws SQLException {
		return run(name, after(first, attempt), retryable, deadline, statistics);
	}

	/**
	 * Fails once with a failure that there was already.
	 */
	static <T extends @Nullable Object, E extends Throwable> Attempt<T, E> after(E first, Attempt<T, E> attempt) {
		AtomicBoolean made = new AtomicBoolean();
		return () -> {
			if (made.compareAndSet(false, true)) {
				throw first;
			}
			return attempt.run();
		};
	}

	/**
	 * Runs attempts by a rule that knows more than how many there may be.
	 */
	<T extends @Nullable Object, E extends Throwable> T run(String name, Attempt<T, E> attempt, RetryRule rule,
			Deadline deadline, RetryStatistics statistics) throws E {
		BoundedRetryPolicy policy = new BoundedRetryPolicy(rule, deadline);
		RetryTemplate template = new RetryTemplate();
		template.setRetryPolicy(policy);
		template.setBackOffPolicy(new FullJitterBackOff(this.settings, deadline, this.sleeper, this.random));
		RetryProgress progress = new RetryProgress(name, deadline, policy);
		try {
			T result = template.<T, E>execute((context) -> {
				if (context.getRetryCount() > 0) {
					statistics.retried();
					progress.retrying(context.getRetryCount() + 1);
				}
				try {
					return attempt.run();
				}
				catch (Throwable ex) {
					progress.last = ex;
					throw ex;
				}
			});
			progress.succeeded(statistics);
			return result;
		}
		catch (BackOffInterruptedException ex) {
			statistics.interrupted();
			throw progress.<E>interrupted(ex);
		}
		catch (Throwable ex) {
			policy.ruling().count(statistics);
			progress.failed();
			throw ex;
		}
	}

	/**
	 * What has happened so far in one run, and its log lines.
	 */
	private static final class RetryProgress {

		private final String name;

		private final Deadline deadline;

		private final BoundedRetryPolicy policy;

		private int attempts = 1;

		private Throwable last = new SQLException("not attempted");

		RetryProgress(String name, Deadline deadline, BoundedRetryPolicy policy) {
			this.name = name;
			this.deadline = deadline;
			this.policy = policy;
		}

		void retrying(int attempt) {
			this.attempts = attempt;
			logger.debug("{} - attempt {} after {}", this.name, attempt, this.policy.lastFault());
		}

		void succeeded(RetryStatistics statistics) {
			if (this.attempts > 1) {
				statistics.recovered();
				logger.info("{} - succeeded on attempt {} after {} ms, last failure {}", this.name, this.attempts,
						this.deadline.elapsed().toMillis(), this.policy.lastFault());
			}
		}

		void failed() {
			logger.debug("{} - gave up after {} attempts and {} ms", this.name, this.attempts,
					this.deadline.elapsed().toMillis());
		}

		/**
		 * The last failure with the reason why it was the last.
		 */
		@SuppressWarnings("unchecked")
		<E extends Throwable> E interrupted(BackOffInterruptedException cause) {
			String reason = this.name + " - interrupted after " + this.deadline.elapsed().toMillis()
					+ " ms while waiting for another attempt";
			Throwable surfacing = this.last;
			if (this.last instanceof SQLException exception) {
				surfacing = new SQLException(reason, exception.getSQLState(), exception);
			}
			surfacing.addSuppressed(new BackOffInterruptedException(reason, cause));
			return (E) surfacing;
		}

	}

}
