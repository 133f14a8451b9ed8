// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
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
import io.github.dbresilience.topology.TimelineFence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What protects one data source: its settings, its circuit breaker and what is known of
 * its pool. It outlives the pools of a scoped data source. Thread-safe.
 */
public final class Protection {

	private static final Logger logger = LoggerFactory.getLogger(Protection.class);

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

	private final ServerChoice choice = new ServerChoice();

	private final WaitRecorder waits = new WaitRecorder(System::nanoTime);

	private final AbortNotice abortNotice = new AbortNotice(System::nanoTime);

	private final AtomicReference<@Nullable HikariDataSource> pool = new AtomicReference<>();

	private volatile SuspicionListener suspicionListener = (suspicion) -> {
	};

	Protection(String name, DataSourceSettings settings, DataSourceCircuitBreaker breaker, int maxWaiting) {
		this.name = name;
		this.settings = settings;
		this.breaker = breaker;
		this.retryer = Retryer.of(settings.retry());
		RetrySettings.Budget budget = settings.retry().budget();
		this.retryTarget = new RetryTarget(name, settings.retry(),
				new RetryBudget(budget.ratio(), budget.minPerSecond(), System::nanoTime), new RetryStatistics());
		this.sessions = new ServerSessions(name, this.choice);
		this.commits = new CommitOutcomes(name, settings.commitOutcome(), unpooled()::openValid, breaker::isHeldOpen);
		this.choice.fence().onRaised((seen) -> abortStale());
		this.outageWait = new OutageWait(name, breaker, maxWaiting, Sleeper.real());
	}

	FaultTap tap(@Nullable SQLExceptionOverride userOverride) {
		return new FaultTap(userOverride, this.retryTarget, this.abortNotice, new FaultTap.Listener() {

			@Override
			public void lost(Fault fault) {
				Protection.this.lost(fault);
			}

			@Override
			public void outage(Fault fault) {
				Protection.this.outage(fault);
			}

			@Override
			public void readOnly() {
				Protection.this.suspicionListener.suspected(SuspicionListener.Reason.READ_ONLY);
			}

		});
	}

	private void lost(Fault fault) {
		this.lostSessions.add(fault);
		suspect();
	}

	private void outage(Fault fault) {
		this.lostSessions.addOutage();
		this.breaker.recordFailure(fault);
		this.suspicionListener.suspected(SuspicionListener.Reason.FAULT);
	}

	void connectFailed() {
		this.suspicionListener.suspected(SuspicionListener.Reason.CONNECT_FAILED);
	}

	/**
	 * Which of its servers is used.
	 * @return the choice
	 */
	public ServerChoice choice() {
		return this.choice;
	}

	/**
	 * What callers have waited for connections lately.
	 * @return the waits
	 */
	public Waits waits() {
		return this.waits.lately();
	}

	WaitRecorder waitRecorder() {
		return this.waits;
	}

	/**
	 * How many connections the pool has opened since the start of the application.
	 * @return a count
	 */
	public long openedConnections() {
		return this.sessions.openedCount();
	}

	/**
	 * Ends what is under way on primaries that were left behind: it would be lost.
	 */
	private void abortStale() {
		TimelineFence fence = this.choice.fence();
		int count = abort((session) -> session.identity() != null && fence.isStale(session.identity()),
				"ended, as the server was left behind by a promotion");
		recycle();
		logger
			.warn("{} - another server was promoted: {} connections to the old primary were ended, and new ones to it "
					+ "are refused", this.name, count);
		this.suspicionListener.suspected(SuspicionListener.Reason.FAULT);
	}

	/**
	 * Replaces the connections of the pool: those that are idle now, the others when they
	 * are given back.
	 */
	public void recycle() {
		HikariDataSource hikari = this.pool.get();
		HikariPoolMXBean connections = (hikari != null) ? hikari.getHikariPoolMXBean() : null;
		if (connections != null) {
			connections.softEvictConnections();
		}
	}

	/**
	 * Ends connections of the pool at once, whoever uses them, and replaces the rest. A
	 * thread that waits for an answer gets an exception, and a lost COMMIT is resolved as
	 * any other.
	 * @param which those to end
	 * @param why in words, for whoever gets the exception
	 * @return how many were ended
	 */
	public int abort(Predicate<PooledSession> which, String why) {
		this.abortNotice.post(why);
		int count = this.sessions.abort(which);
		if (count > 0) {
			this.suspicion.raise();
		}
		return count;
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
		this.suspicionListener.suspected(SuspicionListener.Reason.FAULT);
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
	 * Sets who is told when something hints at an outage or at a change of role.
	 * @param listener must return at once
	 */
	public void onSuspicion(SuspicionListener listener) {
		this.suspicionListener = listener;
	}

	/**
	 * Opens connections outside the pool.
	 * @return the opener
	 */
	public UnpooledConnections unpooled() {
		Supplier<@Nullable HikariDataSource> current = this.pool::get;
		return new UnpooledConnections(this.name, current, this.choice);
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
