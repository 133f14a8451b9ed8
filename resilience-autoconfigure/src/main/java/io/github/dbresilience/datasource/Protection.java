// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.SQLExceptionOverride;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.commit.CommitOutcomes;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.retry.RetryBudget;
import io.github.dbresilience.retry.RetrySettings;
import io.github.dbresilience.retry.RetryStatistics;
import io.github.dbresilience.retry.RetryTarget;
import io.github.dbresilience.retry.Retryer;
import io.github.dbresilience.retry.Sleeper;
import org.jspecify.annotations.Nullable;

/**
 * What protects one data source: its settings, its circuit breaker and what is known of
 * its pool. It outlives the pools of a scoped data source. Thread-safe.
 */
public final class Protection {

	private final String name;

	private final DataSourceSettings settings;

	private final DataSourceCircuitBreaker breaker;

	private final Retryer retryer;

	private final RetryStatistics acquisitions = new RetryStatistics();

	private final RetryTarget retryTarget;

	private final Suspicion suspicion = new Suspicion(System::nanoTime);

	private final LostSessions lostSessions = new LostSessions();

	private final PoolStarter poolStarter = new PoolStarter();

	private final OutageWait outageWait;

	private final CommitOutcomes commits;

	private final ServerSessions sessions;

	private final AtomicReference<@Nullable HikariDataSource> pool = new AtomicReference<>();

	private volatile Runnable suspicionListener = () -> {
	};

	Protection(String name, DataSourceSettings settings, DataSourceCircuitBreaker breaker, int maxWaiting) {
		this.name = name;
		this.settings = settings;
		this.breaker = breaker;
		this.retryer = Retryer.of(settings.retry());
		RetrySettings.Budget budget = settings.retry().budget();
		this.retryTarget = new RetryTarget(name, settings.retry(),
				new RetryBudget(budget.ratio(), budget.minPerSecond(), System::nanoTime), new RetryStatistics());
		this.sessions = new ServerSessions(name);
		this.commits = new CommitOutcomes(name, settings.commitOutcome(), unpooled()::open, breaker::isHeldOpen);
		this.outageWait = new OutageWait(name, breaker, maxWaiting, Sleeper.real());
	}

	FaultTap tap(@Nullable SQLExceptionOverride userOverride) {
		return new FaultTap(userOverride, this.retryTarget, this::lost, this::outage);
	}

	private void lost(Fault fault) {
		this.lostSessions.add(fault);
		suspect();
	}

	private void outage(Fault fault) {
		this.lostSessions.addOutage();
		this.breaker.recordFailure(fault);
		this.suspicionListener.run();
	}

	/**
	 * What becomes of lost COMMITs.
	 * @return the outcomes
	 */
	public CommitOutcomes commits() {
		return this.commits;
	}

	/**
	 * Whether a connection pooler was met between us and the server.
	 * @return {@code true} if the next transaction of a connection may be another
	 * session's
	 */
	public boolean isBehindPooler() {
		return this.sessions.isBehindPooler();
	}

	ServerSessions sessions() {
		return this.sessions;
	}

	void suspect() {
		this.suspicion.raise();
		this.suspicionListener.run();
	}

	void pool(HikariDataSource pool) {
		this.pool.set(pool);
	}

	/**
	 * The bean name of the data source.
	 * @return the name
	 */
	public String name() {
		return this.name;
	}

	/**
	 * The settings of the data source.
	 * @return the settings
	 */
	public DataSourceSettings settings() {
		return this.settings;
	}

	/**
	 * The circuit breaker of the data source.
	 * @return the breaker
	 */
	public DataSourceCircuitBreaker breaker() {
		return this.breaker;
	}

	/**
	 * What became of acquisitions that were tried again.
	 * @return the live statistics
	 */
	public RetryStatistics acquisitions() {
		return this.acquisitions;
	}

	/**
	 * The data source as whoever tries its transactions again sees it.
	 * @return the target
	 */
	public RetryTarget retryTarget() {
		return this.retryTarget;
	}

	/**
	 * How many callers wait out an outage now.
	 * @return a count
	 */
	public int waiting() {
		return this.outageWait.waiting();
	}

	/**
	 * The present pool.
	 * @return the pool, {@code null} before the first one of a scoped data source
	 */
	public @Nullable HikariDataSource pool() {
		return this.pool.get();
	}

	/**
	 * Sets who is told when a session was lost or an acquisition failed.
	 * @param listener must return at once
	 */
	public void onSuspicion(Runnable listener) {
		this.suspicionListener = listener;
	}

	/**
	 * Opens connections outside the pool.
	 * @return the opener
	 */
	public UnpooledConnections unpooled() {
		Supplier<@Nullable HikariDataSource> current = this.pool::get;
		return new UnpooledConnections(this.name, current);
	}

	Retryer retryer() {
		return this.retryer;
	}

	Suspicion suspicion() {
		return this.suspicion;
	}

	LostSessions lostSessions() {
		return this.lostSessions;
	}

	PoolStarter poolStarter() {
		return this.poolStarter;
	}

	OutageWait outageWait() {
		return this.outageWait;
	}

}
