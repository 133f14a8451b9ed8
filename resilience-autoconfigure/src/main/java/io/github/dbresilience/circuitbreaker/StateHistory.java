// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import org.jspecify.annotations.Nullable;

/**
 * When and why the state of a circuit breaker changed last, and who waits for the next
 * change. Each change starts a new generation. Thread-safe.
 */
final class StateHistory {

	private static final long SHORTEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

	private final Duration openDuration;

	private final LongSupplier nanoTime;

	private final StateAnnouncer announcer;

	private final StateChangeSignal signal = new StateChangeSignal();

	private volatile long generation;

	private volatile long changedAt;

	private volatile String reason = "started";

	StateHistory(String dataSource, Duration openDuration, Consumer<CircuitBreakerStateEvent> listener,
			LongSupplier nanoTime) {
		this.openDuration = openDuration;
		this.nanoTime = nanoTime;
		this.announcer = new StateAnnouncer(dataSource, listener);
		this.changedAt = nanoTime.getAsLong();
	}

	/**
	 * Records a change.
	 * @param change what Resilience4j did
	 * @param why the reason, {@code null} if it did so by itself
	 */
	synchronized void changed(StateTransition change, @Nullable String why) {
		this.reason = (why != null) ? why : reasonOf(change);
		this.changedAt = this.nanoTime.getAsLong();
		this.generation++;
		this.signal.changed();
		CircuitBreakerState from = stateOf(change.getFromState());
		CircuitBreakerState to = stateOf(change.getToState());
		if (from != to) {
			this.announcer.announce(from, to, this.reason);
		}
	}

	long generation() {
		return this.generation;
	}

	void await(State state, long seen, long nanos) throws InterruptedException {
		this.signal.await(seen, this::generation, Math.min(nanos, nanosUntilTrial(state)));
	}

	long nanosUntilTrial(State state) {
		if (state == State.HALF_OPEN) {
			// A trial's permit that comes back is no change of state
			return SHORTEST_WAIT_NANOS;
		}
		return Math.max(SHORTEST_WAIT_NANOS, this.openDuration.toNanos() - nanosSinceChange());
	}

	boolean isHeldOpen(State state) {
		return state == State.FORCED_OPEN || (state == State.OPEN && nanosSinceChange() < this.openDuration.toNanos());
	}

	String describe(State state) {
		long tenths = TimeUnit.NANOSECONDS.toMillis(nanosSinceChange()) / 100;
		return stateOf(state).name().toLowerCase(Locale.ROOT).replace('_', '-') + " since " + tenths / 10 + "."
				+ tenths % 10 + " s: " + this.reason;
	}

	Duration sinceChange() {
		return Duration.ofNanos(nanosSinceChange());
	}

	private long nanosSinceChange() {
		return this.nanoTime.getAsLong() - this.changedAt;
	}

	private static String reasonOf(StateTransition change) {
		return switch (change.getToState()) {
			case HALF_OPEN -> "the open duration is over";
			case CLOSED -> "the trial calls succeeded";
			case OPEN -> "the trial calls did not succeed";
			default -> change.toString();
		};
	}

	static CircuitBreakerState stateOf(State state) {
		return switch (state) {
			case OPEN, FORCED_OPEN -> CircuitBreakerState.OPEN;
			case HALF_OPEN -> CircuitBreakerState.HALF_OPEN;
			case CLOSED, METRICS_ONLY, DISABLED -> CircuitBreakerState.CLOSED;
		};
	}

}
