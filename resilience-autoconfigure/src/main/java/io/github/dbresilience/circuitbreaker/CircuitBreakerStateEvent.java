// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Instant;

/**
 * A circuit breaker of a data source changed its state. Published as a Spring application
 * event on a thread of its own, one after the other; <b>a listener that fails is logged
 * and affects nobody</b>, one that blocks delays later events only.
 *
 * @param dataSource the bean name of the data source
 * @param from the state before
 * @param to the state after
 * @param reason why, for an operator
 * @param at when
 */
public record CircuitBreakerStateEvent(String dataSource, CircuitBreakerState from, CircuitBreakerState to,
		String reason, Instant at) {

}
