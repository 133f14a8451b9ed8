// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import io.github.dbresilience.circuitbreaker.CircuitBreakerStateEvent;

import org.springframework.context.event.EventListener;

/**
 * Adds what circuit breakers do to the recent events. Thread-safe.
 */
public final class RecentBreakerEvents {

	private final HealthMonitor monitor;

	/**
	 * Creates a listener.
	 * @param monitor keeps the recent events
	 */
	public RecentBreakerEvents(HealthMonitor monitor) {
		this.monitor = monitor;
	}

	/**
	 * Takes a change of state.
	 * @param event what changed
	 */
	@EventListener
	void changed(CircuitBreakerStateEvent event) {
		this.monitor.events()
			.add(new MonitorEvent(event.at(), event.dataSource(), MonitorEvent.Kind.CIRCUIT_BREAKER,
					event.from() + " -> " + event.to() + ": " + event.reason()));
	}

}
