// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.retry.RetryContext;
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
	public <T> T run(String name, Attempt<T> attempt, Predicate<SQLException> retryable, Deadline deadline,
			RetryStatistics statistics) throws SQLException {
		RetryTemplate template = new RetryTemplate();
		template.setRetryPolicy(new BoundedRetryPolicy(this.settings.maxAttempts(), retryable, deadline));
		template.setBackOffPolicy(new FullJitterBackOff(this.settings, deadline, this.sleeper, this.random));
		RetryProgress progress = new RetryProgress(name, deadline);
		try {
			T result = template.<T, SQLException>execute((context) -> {
				if (context.getRetryCount() > 0) {
					statistics.retried();
					progress.retrying(context);
				}
				try {
					return attempt.run();
				}
				catch (SQLException ex) {
					progress.last = ex;
					throw ex;
				}
			});
			progress.succeeded(statistics);
			return result;
		}
		catch (BackOffInterruptedException ex) {
			statistics.interrupted();
			throw progress.interrupted(ex);
		}
		catch (SQLException ex) {
			progress.failed(ex, retryable, statistics);
			throw ex;
		}
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
	public <T> T runAfter(SQLException first, String name, Attempt<T> attempt, Predicate<SQLException> retryable,
			Deadline deadline, RetryStatistics statistics) throws SQLException {
		AtomicBoolean made = new AtomicBoolean();
		return run(name, () -> {
			if (made.compareAndSet(false, true)) {
				throw first;
			}
			return attempt.run();
		}, retryable, deadline, statistics);
	}

	/**
	 * What has happened so far in one run, and its log lines.
	 */
	private static final class RetryProgress {

		private final String name;

		private final Deadline deadline;

		private int attempts = 1;

		private SQLException last = new SQLException("not attempted");

		RetryProgress(String name, Deadline deadline) {
			this.name = name;
			this.deadline = deadline;
		}

		void retrying(RetryContext context) {
			this.attempts = context.getRetryCount() + 1;
			logger.debug("{} - attempt {} after [{}] {}", this.name, this.attempts, this.last.getSQLState(),
					this.last.getMessage());
		}

		void succeeded(RetryStatistics statistics) {
			if (this.attempts > 1) {
				statistics.recovered();
				logger.info("{} - succeeded on attempt {} after {} ms, last failure [{}] {}", this.name, this.attempts,
						this.deadline.elapsed().toMillis(), this.last.getSQLState(), this.last.getMessage());
			}
		}

		void failed(SQLException failure, Predicate<SQLException> retryable, RetryStatistics statistics) {
			if (retryable.test(failure)) {
				statistics.exhausted();
			}
			else {
				statistics.refused();
			}
			logger.debug("{} - gave up after {} attempts and {} ms", this.name, this.attempts,
					this.deadline.elapsed().toMillis());
		}

		SQLException interrupted(BackOffInterruptedException cause) {
			Duration elapsed = this.deadline.elapsed();
			SQLException interrupted = new SQLException(
					this.name + " - interrupted after " + elapsed.toMillis() + " ms while waiting for another attempt",
					this.last.getSQLState(), this.last);
			interrupted.addSuppressed(cause);
			return interrupted;
		}

	}

}
