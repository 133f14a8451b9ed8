// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;

/**
 * All operations of a run.
 *
 * @param operations in the order of their completion
 */
record History(List<Operation> operations) {

	History {
		operations = List.copyOf(operations);
	}

	/**
	 * The operations of a kind.
	 * @param kind the type of their action
	 * @return operations in the order of their completion
	 */
	List<Operation> of(Class<? extends Action> kind) {
		return this.operations.stream().filter((operation) -> kind.isInstance(operation.action())).toList();
	}

	/**
	 * The operations of others.
	 * @param caller the name of a kind of caller
	 * @return a history without its operations
	 */
	History without(String caller) {
		return new History(
				this.operations.stream().filter((operation) -> !operation.process().startsWith(caller)).toList());
	}

	long count(Outcome outcome) {
		return this.operations.stream().filter((operation) -> operation.outcome() == outcome).count();
	}

}
