// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

import io.github.dbresilience.fault.Fault;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.State;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.StateTransition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The circuit breaker of one data source. Its unit is a lease: permission at acquisition,
 * outcome at the end. Every change of state starts a new generation, and outcomes of an
 * older one are dropped: aborted old work must neither open a breaker that has just
 * closed nor close an open one. Thread-safe.
 */
public final class DataSourceCircuitBreaker {

	private static final Logger logger = LoggerFactory.getLogger(DataSourceCircuitBreaker.class);

	private final String dataSource;

	private final CircuitBreaker delegate;

	private final CircuitBreakerSettings settings;

	private final ConsecutiveFailures row;

	private final StateHistory history;

	private final LongSupplier nanoTime;

	private final BreakerStatistics statistics = new BreakerStatistics();

	private final ReentrantLock transition = new ReentrantLock();

	private volatile CircuitBreakerMode mode = CircuitBreakerMode.ENABLED;

	private volatile @Nullable String nextReason;

	DataSourceCircuitBreaker(String dataSource, CircuitBreaker delegate, CircuitBreakerSettings settings,
			Consumer<CircuitBreakerStateEvent> listener, LongSupplier nanoTime) {
		this.dataSource = dataSource;
		this.delegate = delegate;
		this.settings = settings;
		this.row = new ConsecutiveFailures(settings.failureThreshold(), settings.window());
		this.history = new StateHistory(dataSource, settings.openDuration(), listener, nanoTime);
		this.nanoTime = nanoTime;
		delegate.getEventPublisher().onStateTransition((event) -> changed(event.getStateTransition()));
		setMode(settings.mode());
	}

	/**
	 * Asks for leave to use the database, without waiting.
	 * @return the permit, {@code null} if the breaker is open
	 */
	public @Nullable Permit tryAcquire() {
		if (this.mode == CircuitBreakerMode.DISABLED) {
			return UncountedPermit.INSTANCE;
		}
		if (state() == CircuitBreakerState.CLOSED) {
			LeasePermit permit = permit(false);
			if (this.delegate.tryAcquirePermission()) {
				return permit;
			}
		}
		return tryAcquireTrial();
	}

	/**
	 * Under the lock, as a trial's permit has to belong to the generation that gave it.
	 */
	private @Nullable Permit tryAcquireTrial() {
		this.transition.lock();
		try {
			if (isHeldOpen() || !this.delegate.tryAcquirePermission()) {
				return null;
			}
			return permit(this.delegate.getState() == State.HALF_OPEN);
		}
		finally {
			this.transition.unlock();
		}
	}

	private LeasePermit permit(boolean trial) {
		return new LeasePermit(this, generation(), trial, this.nanoTime.getAsLong());
	}

	/**
	 * Counts an outage that was seen outside an acquisition, by a statement whose
	 * connection stays usable.
	 * @param fault what happened
	 */
	public void recordFailure(Fault fault) {
		if (this.mode != CircuitBreakerMode.DISABLED && this.delegate.getState() != State.HALF_OPEN) {
			permit(false).failed(fault);
		}
	}

	/**
	 * Told by the monitor: the database answers again in the role that is needed. Closes
	 * an open breaker, but not one that was opened by hand.
	 * @param seen the {@link #generation()} in which the probe was made; what was seen
	 * before the breaker opened does not close it
	 */
	public void databaseIsBack(long seen) {
		if (this.settings.activeRecovery() && seen == generation()) {
			transition("the probe reached the database", this.delegate::transitionToClosedState, State.OPEN,
					State.HALF_OPEN);
		}
	}

	/**
	 * Told by the monitor: the database is known to be gone. Opens the breaker, so that
	 * callers need not find out by a time-out each.
	 * @param fault what the probe met
	 */
	public void databaseIsGone(Fault fault) {
		if (this.mode == CircuitBreakerMode.MONITORING) {
			if (this.row.complete()) {
				wouldHaveOpened("the probe cannot reach the database: " + fault.describe());
			}
			return;
		}
		transition("the probe cannot reach the database: " + fault.describe(), this.delegate::transitionToOpenState,
				State.CLOSED);
	}

	/**
	 * Switches the mode. The breaker is closed afterwards and counts anew.
	 * @param mode the new mode
	 */
	public void setMode(CircuitBreakerMode mode) {
		if (mode == this.mode) {
			return;
		}
		logger.info("{} - circuit breaker mode {} (was {})", this.dataSource, mode, this.mode);
		transition("mode set to " + mode, () -> {
			this.mode = mode;
			switch (mode) {
				case ENABLED -> this.delegate.transitionToClosedState();
				case MONITORING -> this.delegate.transitionToMetricsOnlyState();
				case DISABLED -> this.delegate.transitionToDisabledState();
			}
		}, State.values());
	}

	/**
	 * Opens the breaker by hand. It stays open until {@link #close()}.
	 * @throws IllegalStateException if the mode is not {@link CircuitBreakerMode#ENABLED}
	 */
	public void open() {
		if (this.mode != CircuitBreakerMode.ENABLED) {
			throw new IllegalStateException("The circuit breaker of '%s' cannot be opened in mode %s; set it to ENABLED"
				.formatted(this.dataSource, this.mode));
		}
		transition("opened by hand", this.delegate::transitionToForcedOpenState, State.CLOSED, State.OPEN,
				State.HALF_OPEN);
	}

	/**
	 * Closes the breaker by hand.
	 */
	public void close() {
		transition("closed by hand", this.delegate::transitionToClosedState, State.FORCED_OPEN, State.OPEN,
				State.HALF_OPEN);
	}

	/**
	 * Blocks until the state has changed, a trial is due, or the time is over.
	 * @param seen the {@link #generation()} that the caller has looked at
	 * @param nanos the longest wait in nanoseconds
	 * @throws InterruptedException if the thread is interrupted
	 */
	public void awaitChange(long seen, long nanos) throws InterruptedException {
		this.history.await(this.delegate.getState(), seen, nanos);
	}

	/**
	 * Counts the changes of state.
	 * @return a number that grows with each change
	 */
	public long generation() {
		return this.history.generation();
	}

	/**
	 * Whether calls are held back for now: open by hand, or open and not yet due for a
	 * trial.
	 * @return {@code true} if {@link #tryAcquire()} cannot succeed
	 */
	public boolean isHeldOpen() {
		return this.history.isHeldOpen(this.delegate.getState());
	}

	/**
	 * Whether the breaker was opened by hand.
	 * @return {@code true} until {@link #close()}
	 */
	public boolean isOpenedByHand() {
		return this.delegate.getState() == State.FORCED_OPEN;
	}

	/**
	 * The present state.
	 * @return the state
	 */
	public CircuitBreakerState state() {
		return StateHistory.stateOf(this.delegate.getState());
	}

	/**
	 * The present mode.
	 * @return the mode
	 */
	public CircuitBreakerMode mode() {
		return this.mode;
	}

	/**
	 * How the state came about, for an operator.
	 * @return for example {@code open since 1.2 s: 5 consecutive failures …}
	 */
	public String describe() {
		return this.history.describe(this.delegate.getState());
	}

	/**
	 * For how long the present state has lasted.
	 * @return a duration
	 */
	public Duration sinceChange() {
		return this.history.sinceChange();
	}

	/**
	 * After how long another try is sensible.
	 * @return at least one second
	 */
	public Duration retryAfter() {
		long millis = (this.settings.activeRecovery()) ? 1000
				: TimeUnit.NANOSECONDS.toMillis(this.history.nanosUntilTrial(this.delegate.getState()));
		return Duration.ofMillis(Math.max(1000, millis));
	}

	/**
	 * Failures since the last success.
	 * @return the length of the present row
	 */
	public int consecutiveFailures() {
		return this.row.run();
	}

	/**
	 * The counts of calls.
	 * @return the live statistics
	 */
	public BreakerStatistics statistics() {
		return this.statistics;
	}

	private void transition(String reason, Runnable change, State... from) {
		this.transition.lock();
		try {
			if (List.of(from).contains(this.delegate.getState())) {
				this.nextReason = reason;
				change.run();
			}
		}
		finally {
			this.nextReason = null;
			this.transition.unlock();
		}
	}

	/**
	 * Without the lock while nothing has failed, which is nearly always.
	 */
	void succeeded(LeasePermit permit) {
		if (!permit.isTrial() && this.row.run() == 0) {
			countSuccess(permit);
			return;
		}
		this.transition.lock();
		try {
			countSuccess(permit);
		}
		finally {
			this.transition.unlock();
		}
	}

	private void countSuccess(LeasePermit permit) {
		if (permit.generation() == generation()) {
			this.statistics.succeeded();
			this.row.success();
			this.delegate.onSuccess(durationOf(permit), TimeUnit.NANOSECONDS);
		}
	}

	/**
	 * Under the lock, so that no change of state comes between the look at the generation
	 * and the count.
	 */
	void failed(LeasePermit permit, Fault fault) {
		this.transition.lock();
		try {
			if (permit.generation() == generation()) {
				countFailure(permit, fault);
			}
		}
		finally {
			this.transition.unlock();
		}
	}

	private void countFailure(LeasePermit permit, Fault fault) {
		this.statistics.failed();
		boolean complete = this.row.failure(this.nanoTime.getAsLong());
		this.delegate.onError(durationOf(permit), TimeUnit.NANOSECONDS,
				new SQLTransientConnectionException(fault.describe(), fault.sqlState()));
		if (permit.isTrial()) {
			transition("a trial call failed: " + fault.describe(), this.delegate::transitionToOpenState,
					State.HALF_OPEN);
		}
		else if (complete) {
			opens("%d consecutive failures within %d s, the last: %s".formatted(this.settings.failureThreshold(),
					this.settings.window().toSeconds(), fault.describe()));
		}
	}

	void abandoned(LeasePermit permit) {
		if (permit.isTrial() && permit.generation() == generation()) {
			this.delegate.releasePermission();
		}
	}

	private long durationOf(LeasePermit permit) {
		return this.nanoTime.getAsLong() - permit.start();
	}

	private void opens(String why) {
		if (this.mode == CircuitBreakerMode.MONITORING) {
			wouldHaveOpened(why);
		}
		else {
			transition(why, this.delegate::transitionToOpenState, State.CLOSED);
		}
	}

	private void wouldHaveOpened(String why) {
		this.statistics.wouldHaveOpened();
		logger.warn("{} - circuit breaker would have opened ({}), but its mode is MONITORING", this.dataSource, why);
	}

	private void changed(StateTransition change) {
		this.row.reset();
		this.history.changed(change, this.nextReason);
		this.nextReason = null;
	}

}
