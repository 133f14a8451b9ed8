// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs changes of state and hands them to the listener, one after the other on a thread
 * of its own, so that a slow listener never holds up the breaker. Thread-safe.
 */
final class StateAnnouncer {

	private static final Logger logger = LoggerFactory.getLogger(DataSourceCircuitBreaker.class);

	private final String dataSource;

	private final Consumer<CircuitBreakerStateEvent> listener;

	private final Executor executor;

	StateAnnouncer(String dataSource, Consumer<CircuitBreakerStateEvent> listener) {
		this.dataSource = dataSource;
		this.listener = listener;
		ThreadPoolExecutor inOrder = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
				(task) -> {
					Thread thread = new Thread(task, "db-resilience-events-" + dataSource);
					thread.setDaemon(true);
					return thread;
				});
		inOrder.allowCoreThreadTimeOut(true);
		this.executor = inOrder;
	}

	void announce(CircuitBreakerState from, CircuitBreakerState to, String reason) {
		CircuitBreakerStateEvent event = new CircuitBreakerStateEvent(this.dataSource, from, to, reason, Instant.now());
		log(event);
		this.executor.execute(() -> tell(event));
	}

	private void tell(CircuitBreakerStateEvent event) {
		try {
			this.listener.accept(event);
		}
		catch (RuntimeException | LinkageError ex) {
			logger.warn("{} - a listener of the circuit breaker failed", this.dataSource, ex);
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
