// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.time.Duration;
import java.util.function.DoubleSupplier;

import org.jspecify.annotations.Nullable;

import org.springframework.retry.RetryContext;
import org.springframework.retry.backoff.BackOffContext;
import org.springframework.retry.backoff.BackOffInterruptedException;
import org.springframework.retry.backoff.BackOffPolicy;

/**
 * Exponential back-off, each wait drawn uniformly below its upper bound and never longer
 * than the deadline.
 *
 * @see <a href=
 * "https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/">Exponential
 * Backoff And Jitter</a>
 */
final class FullJitterBackOff implements BackOffPolicy {

	private final RetrySettings settings;

	private final Deadline deadline;

	private final Sleeper sleeper;

	private final DoubleSupplier random;

	FullJitterBackOff(RetrySettings settings, Deadline deadline, Sleeper sleeper, DoubleSupplier random) {
		this.settings = settings;
		this.deadline = deadline;
		this.sleeper = sleeper;
		this.random = random;
	}

	@Override
	public BackOffContext start(RetryContext context) {
		return new Failures(context);
	}

	@Override
	public void backOff(@Nullable BackOffContext context) {
		int failures = (context instanceof Failures f) ? f.retry().getRetryCount() : 1;
		long nanos = Math.min(draw(this.settings.upperBound(failures)), this.deadline.remainingNanos());
		try {
			this.sleeper.sleep(Duration.ofNanos(nanos));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new BackOffInterruptedException("Interrupted while waiting for the next attempt", ex);
		}
	}

	private long draw(Duration upperBound) {
		return switch (this.settings.jitter()) {
			case FULL -> (long) (this.random.getAsDouble() * upperBound.toNanos());
			case NONE -> upperBound.toNanos();
		};
	}

	private record Failures(RetryContext retry) implements BackOffContext {

	}

}
