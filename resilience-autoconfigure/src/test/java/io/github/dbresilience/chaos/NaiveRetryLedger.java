// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.Set;

import org.springframework.retry.support.RetryTemplate;

/**
 * What is often done: any exception is a reason to try again.
 */
final class NaiveRetryLedger implements Ledger {

	private final RetryTemplate retry = RetryTemplate.builder()
		.maxAttempts(5)
		.fixedBackoff(50)
		.retryOn(Exception.class)
		.build();

	private final Ledger target;

	NaiveRetryLedger(Ledger target) {
		this.target = target;
	}

	@Override
	public Set<ActionKind> kinds() {
		return this.target.kinds();
	}

	@Override
	public void transfer(Action.Transfer transfer) {
		perform(transfer);
	}

	@Override
	public void insert(Action.Insert insert) {
		perform(insert);
	}

	@Override
	public void increment(Action.Increment increment) {
		perform(increment);
	}

	@Override
	public Action.Lists execute(Action.Lists lists) {
		return (Action.Lists) perform(lists);
	}

	@Override
	public Action.Lists read(Action.Lists lists) {
		return (Action.Lists) perform(lists);
	}

	private Action perform(Action action) {
		return this.retry.execute((context) -> Ledger.perform(this.target, action));
	}

}
