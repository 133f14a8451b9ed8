// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The settings of named operations. An operation is one that is configured or was run by
 * {@link ResilientOperations}; any other breaker of Spring Cloud's factory is not ours.
 * Thread-safe.
 */
public final class CircuitBreakerSettingsSource {

	private final Function<String, CircuitBreakerSettings> byName;

	private final Set<String> operations = ConcurrentHashMap.newKeySet();

	/**
	 * Creates a source.
	 * @param byName the settings of an operation, the defaults where it has none
	 * @param configured the operations that have settings of their own
	 */
	public CircuitBreakerSettingsSource(Function<String, CircuitBreakerSettings> byName, Set<String> configured) {
		this.byName = byName;
		this.operations.addAll(configured);
	}

	void named(String operation) {
		this.operations.add(operation);
	}

	boolean isOperation(String id) {
		return this.operations.contains(id);
	}

	CircuitBreakerSettings get(String id) {
		return this.byName.apply(id);
	}

}
