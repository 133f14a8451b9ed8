// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.Set;

/**
 * The application's service: each method is one transaction.
 */
interface Ledger {

	/**
	 * {@return what it can do}
	 */
	default Set<ActionKind> kinds() {
		return Set.of(ActionKind.values());
	}

	void transfer(Action.Transfer transfer);

	void insert(Action.Insert insert);

	void increment(Action.Increment increment);

	/**
	 * Executes the steps.
	 * @param lists steps
	 * @return the same with what was read
	 */
	Action.Lists execute(Action.Lists lists);

	/**
	 * Executes the steps, none of which writes, in a read-only transaction.
	 * @param lists steps
	 * @return the same with what was read
	 */
	Action.Lists read(Action.Lists lists);

	/**
	 * Does what is asked for. Static, because a call on itself would pass by the proxies.
	 * @param ledger who does it
	 * @param action what is asked for
	 * @return the same with what was read
	 */
	static Action perform(Ledger ledger, Action action) {
		if (action instanceof Action.Transfer transfer) {
			ledger.transfer(transfer);
		}
		else if (action instanceof Action.Insert insert) {
			ledger.insert(insert);
		}
		else if (action instanceof Action.Increment increment) {
			ledger.increment(increment);
		}
		else if (action instanceof Action.Lists lists) {
			return lists.appends().isEmpty() ? ledger.read(lists) : ledger.execute(lists);
		}
		return action;
	}

}
