// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.Random;

/**
 * Something bad that is over when it returns.
 *
 * @param name for the table
 * @param deed does it and undoes it
 */
record Fault(String name, Deed deed) {

	/** Does it and undoes it. */
	@FunctionalInterface
	interface Deed {

		/**
		 * Does it and undoes it.
		 * @param random draws what it is like
		 * @param hit to be called again if it has to wait for its victim
		 * @throws Exception if it cannot be done
		 */
		void inflict(Random random, Runnable hit) throws Exception;

	}

}
