// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

/**
 * What a circuit breaker does with failures.
 */
public enum CircuitBreakerMode {

	/** Counts failures and rejects calls while the database is unavailable. */
	ENABLED,

	/** Counts failures, and how often it would have opened; never rejects. */
	MONITORING,

	/** Neither counts nor rejects. */
	DISABLED

}
