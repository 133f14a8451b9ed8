// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import org.jspecify.annotations.Nullable;

import org.springframework.retry.RetryContext;
import org.springframework.retry.policy.NeverRetryPolicy;

/**
 * Goes on while the rule says so and time is left. For one run.
 */
final class BoundedRetryPolicy extends NeverRetryPolicy {

	private static final long serialVersionUID = 1L;

	private final transient RetryRule rule;

	private final transient Deadline deadline;

	private Ruling ruling = Ruling.RETRY;

	private String lastFault = "";

	BoundedRetryPolicy(RetryRule rule, Deadline deadline) {
		this.rule = rule;
		this.deadline = deadline;
	}

	@Override
	public void registerThrowable(RetryContext context, @Nullable Throwable failure) {
		super.registerThrowable(context, failure);
		if (failure != null) {
			this.ruling = this.rule.judge(failure, context.getRetryCount());
			this.lastFault = this.rule.describe(failure);
		}
	}

	@Override
	public boolean canRetry(RetryContext context) {
		if (context.getLastThrowable() != null && this.ruling == Ruling.RETRY && this.deadline.isOver()) {
			this.ruling = Ruling.EXHAUSTED;
		}
		return this.ruling == Ruling.RETRY;
	}

	/**
	 * What the last failure was, for the log.
	 */
	String lastFault() {
		return this.lastFault;
	}

	Ruling ruling() {
		return this.ruling;
	}

}
