// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

/**
 * Whether a circuit breaker lets calls through.
 */
public enum CircuitBreakerState {

	/** All calls pass. */
	CLOSED(0),

	/** Calls are rejected, or wait. */
	OPEN(1),

	/** A few trial calls pass. */
	HALF_OPEN(2);

	private final int code;

	CircuitBreakerState(int code) {
		this.code = code;
	}

	/**
	 * The state as a metric's value.
	 * @return 0 closed, 1 open, 2 half-open
	 */
	public int code() {
		return this.code;
	}

}
