// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.outage;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.circuitbreaker.CircuitBreakerStateEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Notes how long an outage lasted. <b>Usage example: alert listener.</b> The changes of a
 * circuit breaker are application events; a listener has to return at once, as it runs on
 * the thread that caused the change.
 */
@Component
class OutageListener {

	private static final Logger log = LoggerFactory.getLogger(OutageListener.class);

	private final AtomicReference<@Nullable Instant> since = new AtomicReference<>();

	private final Clock clock;

	OutageListener(Clock clock) {
		this.clock = clock;
	}

	@EventListener
	void on(CircuitBreakerStateEvent event) {
		if (event.to() == CircuitBreakerState.OPEN) {
			this.since.compareAndSet(null, event.at());
		}
		else if (event.to() == CircuitBreakerState.CLOSED) {
			Instant start = this.since.getAndSet(null);
			if (start != null) {
				log.info("The database was away for {} ms", Duration.between(start, this.clock.instant()).toMillis());
			}
		}
	}

}
