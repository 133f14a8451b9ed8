// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.util.function.Consumer;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;

/**
 * Makes the circuit breakers of data sources, in the registry that operations and Spring
 * Cloud share. Thread-safe.
 */
public final class CircuitBreakers {

	/** So that an operation may have the name of a data source. */
	private static final String REGISTRY_PREFIX = "db.";

	private final CircuitBreakerRegistry registry;

	private final Consumer<CircuitBreakerStateEvent> listener;

	CircuitBreakers(CircuitBreakerRegistry registry, Consumer<CircuitBreakerStateEvent> listener) {
		this.registry = registry;
		this.listener = listener;
	}

	/**
	 * Makes circuit breakers in a registry of their own, for use without Spring.
	 * @param listener told of every change of state
	 * @return the breakers
	 */
	public static CircuitBreakers standalone(Consumer<CircuitBreakerStateEvent> listener) {
		return new CircuitBreakers(CircuitBreakerRegistry.ofDefaults(), listener);
	}

	/**
	 * Makes the circuit breaker of a data source.
	 * @param dataSource the bean name of the data source; the breaker is called
	 * {@code db.} and that name
	 * @param settings when it opens and closes
	 * @return the circuit breaker
	 */
	public DataSourceCircuitBreaker forDataSource(String dataSource, CircuitBreakerSettings settings) {
		CircuitBreaker breaker = this.registry.circuitBreaker(REGISTRY_PREFIX + dataSource,
				CircuitBreakerConfigs.forDataSource(settings));
		return new DataSourceCircuitBreaker(dataSource, breaker, settings, this.listener, System::nanoTime);
	}

}
