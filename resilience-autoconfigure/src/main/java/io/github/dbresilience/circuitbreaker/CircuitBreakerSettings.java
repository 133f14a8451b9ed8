// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When a circuit breaker opens and how it closes again.
 *
 * @param mode What the circuit breaker does with failures.
 * @param failureThreshold How many consecutive failures open the circuit breaker.
 * @param window Time within which these failures have to happen.
 * @param openDuration How long the circuit breaker stays open before it lets trial calls
 * through.
 * @param halfOpenCalls How many trial calls have to succeed before it closes.
 * @param activeRecovery Whether the monitor's probe closes the circuit breaker as soon as
 * the database is back.
 */
public record CircuitBreakerSettings(@DefaultValue("enabled") CircuitBreakerMode mode,
		@DefaultValue("5") int failureThreshold, @DefaultValue("60s") Duration window,
		@DefaultValue("30s") Duration openDuration, @DefaultValue("2") int halfOpenCalls,
		@DefaultValue("true") boolean activeRecovery) {

	/**
	 * The settings that the documentation calls the defaults.
	 * @return the defaults
	 */
	public static CircuitBreakerSettings defaults() {
		return new CircuitBreakerSettings(CircuitBreakerMode.ENABLED, 5, Duration.ofSeconds(60), Duration.ofSeconds(30),
				2, true);
	}

}
