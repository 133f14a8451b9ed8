// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;

/**
 * Decides about failures. Asked exactly once for each.
 */
@FunctionalInterface
interface RetryRule {

	/**
	 * Decides what follows from a failure.
	 * @param failure what the attempt threw
	 * @param attempts the attempts that were made, this one included
	 * @return the ruling
	 */
	Ruling judge(Throwable failure, int attempts);

	/**
	 * Tells the log what happened.
	 * @param failure what the attempt threw, judged already
	 * @return SQLState and message of the fault that decided, if there was one
	 */
	default String describe(Throwable failure) {
		return FaultClassifier.find(failure, Phase.IN_TRANSACTION).map(Fault::describe).orElseGet(failure::toString);
	}

}
