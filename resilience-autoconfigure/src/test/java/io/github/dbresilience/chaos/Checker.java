// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;

/**
 * Looks for what must not be.
 */
@FunctionalInterface
interface Checker {

	/**
	 * Compares what callers were told with what is there. Pure.
	 * @param history the operations, all of which have ended
	 * @param state what the database holds
	 * @return the findings, none if all is well
	 */
	List<Finding> check(History history, FinalState state);

}
