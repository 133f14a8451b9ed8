// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import io.github.dbresilience.fault.Fault;

/**
 * The leave of a circuit breaker to use the database once. Exactly one of its methods has
 * to be called; later calls do nothing. Thread-safe.
 */
public interface Permit {

	/**
	 * The database answered.
	 */
	void succeeded();

	/**
	 * The database was unavailable.
	 * @param fault what happened
	 */
	void failed(Fault fault);

	/**
	 * Nothing was learned about the database.
	 */
	void abandoned();

	/**
	 * Whether this is a trial call of a half-open breaker, whose outcome has to be told
	 * at once and not at the end of the lease.
	 * @return {@code true} for a trial call
	 */
	boolean isTrial();

}
