// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.sql.SQLException;
import java.util.function.Predicate;

import org.springframework.retry.RetryContext;
import org.springframework.retry.policy.SimpleRetryPolicy;

/**
 * Goes on while attempts and time are left and the last failure may be tried again.
 */
final class BoundedRetryPolicy extends SimpleRetryPolicy {

	private static final long serialVersionUID = 1L;

	private final transient Predicate<SQLException> retryable;

	private final transient Deadline deadline;

	BoundedRetryPolicy(int maxAttempts, Predicate<SQLException> retryable, Deadline deadline) {
		super(maxAttempts);
		this.retryable = retryable;
		this.deadline = deadline;
	}

	@Override
	public boolean canRetry(RetryContext context) {
		Throwable last = context.getLastThrowable();
		if (last == null) {
			return true;
		}
		return context.getRetryCount() < getMaxAttempts() && !this.deadline.isOver()
				&& last instanceof SQLException exception && this.retryable.test(exception);
	}

}
