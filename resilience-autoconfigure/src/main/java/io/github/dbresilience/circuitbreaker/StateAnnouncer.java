// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs changes of state and hands them to the listener, outside the breaker's lock, so
 * that a slow listener never holds up other threads. Thread-safe.
 */
final class StateAnnouncer {

	private static final Logger logger = LoggerFactory.getLogger(DataSourceCircuitBreaker.class);

	private final String dataSource;

	private final Consumer<CircuitBreakerStateEvent> listener;

	private final Queue<CircuitBreakerStateEvent> pending = new ConcurrentLinkedQueue<>();

	StateAnnouncer(String dataSource, Consumer<CircuitBreakerStateEvent> listener) {
		this.dataSource = dataSource;
		this.listener = listener;
	}

	void add(CircuitBreakerState from, CircuitBreakerState to, String reason) {
		this.pending.add(new CircuitBreakerStateEvent(this.dataSource, from, to, reason, Instant.now()));
	}

	void announce() {
		for (CircuitBreakerStateEvent event = this.pending.poll(); event != null; event = this.pending.poll()) {
			log(event);
			try {
				this.listener.accept(event);
			}
			catch (RuntimeException ex) {
				logger.warn("{} - a listener of the circuit breaker failed", this.dataSource, ex);
			}
		}
	}

	private void log(CircuitBreakerStateEvent event) {
		String text = "{} - circuit breaker {} -> {}: {}";
		if (event.to() == CircuitBreakerState.OPEN) {
			logger.warn(text, event.dataSource(), event.from(), event.to(), event.reason());
		}
		else {
			logger.info(text, event.dataSource(), event.from(), event.to(), event.reason());
		}
	}

}
