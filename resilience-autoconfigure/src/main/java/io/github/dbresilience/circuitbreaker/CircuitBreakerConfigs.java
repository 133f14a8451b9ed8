// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;

/**
 * Makes Resilience4j configurations that count failures of the database only and never
 * open by a rate: {@link ConsecutiveFailures} decides. Thread-safe.
 */
final class CircuitBreakerConfigs {

	/** Leases and operations may rightly last; their duration says nothing. */
	private static final Duration NEVER_SLOW = Duration.ofDays(365);

	private final Map<CircuitBreakerConfig, CircuitBreakerSettings> made = Collections
		.synchronizedMap(new IdentityHashMap<>());

	private final Set<CircuitBreaker> attached = ConcurrentHashMap.newKeySet();

	/**
	 * The configuration of a data source's breaker: every failure that it is told counts.
	 */
	static CircuitBreakerConfig forDataSource(CircuitBreakerSettings settings) {
		return base(settings).build();
	}

	/**
	 * The configuration of a named operation: an exception that is not the database's is
	 * ignored.
	 */
	CircuitBreakerConfig forOperation(CircuitBreakerSettings settings) {
		return remember(settings,
				base(settings).recordException((failure) -> isUnavailable(failure).orElse(false))
					.ignoreException(CircuitBreakerConfigs::saysNothing)
					.build());
	}

	/**
	 * The configuration of any other breaker of Spring Cloud's factory: an exception that
	 * is not the database's counts as it always did, and our mode is not theirs.
	 */
	CircuitBreakerConfig forOther(CircuitBreakerSettings settings) {
		CircuitBreakerSettings enabled = new CircuitBreakerSettings(CircuitBreakerMode.ENABLED,
				settings.failureThreshold(), settings.window(), settings.openDuration(), settings.halfOpenCalls(),
				settings.activeRecovery());
		return remember(enabled,
				base(enabled).recordException((failure) -> isUnavailable(failure).orElse(true)).build());
	}

	private CircuitBreakerConfig remember(CircuitBreakerSettings settings, CircuitBreakerConfig config) {
		this.made.put(config, settings);
		return config;
	}

	private static CircuitBreakerConfig.Builder base(CircuitBreakerSettings settings) {
		return CircuitBreakerConfig.custom()
			.slidingWindow((int) Math.max(1, settings.window().toSeconds()), Integer.MAX_VALUE,
					SlidingWindowType.TIME_BASED)
			.failureRateThreshold(100f / settings.halfOpenCalls())
			.slowCallDurationThreshold(NEVER_SLOW)
			.waitDurationInOpenState(settings.openDuration())
			.permittedNumberOfCallsInHalfOpenState(settings.halfOpenCalls())
			.maxWaitDurationInHalfOpenState(settings.openDuration());
	}

	/**
	 * Lets a breaker that was made from one of these configurations open after so many
	 * consecutive failures. Others are left alone.
	 * @param breaker a new breaker
	 */
	void attach(CircuitBreaker breaker) {
		CircuitBreakerSettings settings = this.made.get(breaker.getCircuitBreakerConfig());
		if (settings == null) {
			return;
		}
		switch (settings.mode()) {
			case DISABLED -> breaker.transitionToDisabledState();
			case MONITORING -> breaker.transitionToMetricsOnlyState();
			case ENABLED -> {
				openAfter(new ConsecutiveFailures(settings.failureThreshold(), settings.window()), breaker);
				this.attached.add(breaker);
			}
		}
	}

	/**
	 * Lets operations try again once a database is back: their breakers must not outlive
	 * the outage.
	 */
	void databaseIsBack() {
		this.attached.stream()
			.filter((breaker) -> breaker.getState() == State.OPEN)
			.forEach(CircuitBreaker::transitionToClosedState);
	}

	private static void openAfter(ConsecutiveFailures failures, CircuitBreaker breaker) {
		breaker.getEventPublisher()
			.onSuccess((event) -> failures.success())
			.onStateTransition((event) -> failures.reset())
			.onError((event) -> {
				State state = breaker.getState();
				if (state == State.HALF_OPEN || (state == State.CLOSED && failures.failure(System.nanoTime()))) {
					breaker.transitionToOpenState();
				}
			});
	}

	private static Optional<Boolean> isUnavailable(Throwable failure) {
		return FaultClassifier.find(failure, Phase.IN_TRANSACTION).map(Fault::countsForBreaker);
	}

	/**
	 * A failure that is not the database's, and an exhausted pool, say nothing about the
	 * database: they neither break nor continue a row of failures.
	 */
	private static boolean saysNothing(Throwable failure) {
		if (isRefusedByDataSource(failure)) {
			return true;
		}
		return FaultClassifier.find(failure, Phase.ACQUISITION)
			.map((fault) -> fault.kind() == FaultKind.POOL_EXHAUSTED || fault.kind() == FaultKind.TOO_MANY_CONNECTIONS)
			.orElse(true);
	}

	/**
	 * The open breaker of a data source refused at once. It knows by itself when the
	 * database is back.
	 */
	private static boolean isRefusedByDataSource(Throwable failure) {
		Throwable t = failure;
		for (int depth = 0; t != null && depth < 20; depth++, t = t.getCause()) {
			if (t instanceof DatabaseUnavailableException && t.getCause() == null) {
				return true;
			}
		}
		return false;
	}

}
