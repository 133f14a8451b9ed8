// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.commit.CommitOutcome;
import io.github.dbresilience.commit.CommitStatistics;
import io.github.dbresilience.commit.TokenKeeper;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.datasource.Waits;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes one data source on a thread of its own, and tells its circuit breaker when the
 * database is gone and when it is back. What it found last can be read at any time
 * without touching the database. Thread-safe.
 */
public final class DataSourceMonitor {

	private static final Logger logger = LoggerFactory.getLogger(DataSourceMonitor.class);

	private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);

	private static final Duration OUTAGE_INTERVAL = Duration.ofMillis(250);

	/** A hint may bring the next probe forward, but not below this distance. */
	private static final Duration SMALLEST_INTERVAL = Duration.ofMillis(50);

	/** So many answers in a row are needed to call a server gone, or back. */
	private static final int CONFIRMATIONS = 2;

	private final Protection protection;

	private final Clock clock;

	private final Probe probe;

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition wakeUp = this.lock.newCondition();

	private boolean hinted;

	private @Nullable Thread thread;

	private volatile @Nullable ProbeResult last;

	private @Nullable ServerRole roleWhenWell;

	private long judgedGeneration;

	private int good;

	private int bad;

	DataSourceMonitor(Protection protection, Clock clock) {
		this.protection = protection;
		this.clock = clock;
		this.probe = new Probe(protection.unpooled(), PROBE_TIMEOUT, clock);
		protection.onSuspicion(this::hint);
	}

	/**
	 * The data source that is watched.
	 * @return its protection
	 */
	public Protection protection() {
		return this.protection;
	}

	/**
	 * What the last probe found.
	 * @return the result, {@code null} before the first probe
	 */
	public @Nullable ProbeResult last() {
		return this.last;
	}

	/**
	 * What is known now, from memory.
	 * @return a new snapshot
	 */
	public Snapshot snapshot() {
		ProbeResult found = this.last;
		DatabaseState state = DatabaseState.UNKNOWN;
		String explanation = "not probed yet";
		if (found != null) {
			state = found.isAlive() ? DatabaseState.UP : DatabaseState.DOWN;
			explanation = (found.fault() != null) ? found.fault().describe() : "answers";
		}
		ServerSnapshot server = new ServerSnapshot(name(), state, null, (found != null) ? found.at() : null,
				(found != null && found.isAlive()) ? found.latency() : null, (found != null) ? found.fault() : null,
				null);
		DataSourceCircuitBreaker breaker = this.protection.breaker();
		TokenKeeper keeper = this.protection.commits().keeper();
		CommitStatistics lost = this.protection.commits().statistics();
		HikariDataSource hikari = this.protection.pool();
		PoolCounts counts = PoolCounts.of(hikari);
		PoolSnapshot pool = (hikari == null || counts == null) ? null : new PoolSnapshot(counts,
				hikari.getMaximumPoolSize(), hikari.getMinimumIdle(), new Waits(Duration.ZERO, 0), false);
		return new Snapshot(name(), this.clock.instant(), state, explanation, List.of(server), pool,
				new Snapshot.Breaker(breaker.state(), breaker.mode(), Duration.ZERO, breaker.isOpenedByHand(),
						breaker.describe()),
				new Snapshot.Commits(keeper.isTokenOn(), keeper.isTokenOn() ? null : keeper.why(),
						lost.lostCount(CommitOutcome.UNKNOWN), lost.unreplicatedCount()),
				this.protection.isBehindPooler(), null);
	}

	private String name() {
		return this.protection.name();
	}

	void start() {
		this.lock.lock();
		try {
			if (this.thread == null) {
				Thread created = new Thread(this::watch, "db-resilience-" + this.protection.name());
				created.setDaemon(true);
				this.thread = created;
				created.start();
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	void stop() {
		Thread running;
		this.lock.lock();
		try {
			running = this.thread;
			this.thread = null;
		}
		finally {
			this.lock.unlock();
		}
		if (running != null) {
			running.interrupt();
		}
	}

	/**
	 * Asks for a probe soon: something was lost.
	 */
	void hint() {
		this.lock.lock();
		try {
			this.hinted = true;
			this.wakeUp.signal();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void watch() {
		try {
			while (isCurrent()) {
				probeOnce();
				pause();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		finally {
			this.probe.close();
		}
	}

	private boolean isCurrent() {
		this.lock.lock();
		try {
			return this.thread == Thread.currentThread();
		}
		finally {
			this.lock.unlock();
		}
	}

	private void probeOnce() {
		try {
			long generation = this.protection.breaker().generation();
			ProbeResult result = this.probe.run();
			log(this.last, result);
			this.last = result;
			judge(result, generation);
		}
		catch (RuntimeException | Error ex) {
			// The watch goes on; health shows how old the last finding is
			logger.warn("{} - the probe failed unexpectedly", this.protection.name(), ex);
		}
	}

	/**
	 * What was found before a change of the breaker's state is no evidence after it.
	 */
	private void judge(ProbeResult result, long generation) {
		if (generation != this.judgedGeneration || generation != this.protection.breaker().generation()) {
			this.judgedGeneration = generation;
			this.good = 0;
			this.bad = 0;
		}
		boolean usable = result.isAlive() && isRoleNeeded(result.role());
		this.good = usable ? this.good + 1 : 0;
		this.bad = (result.fault() != null && result.fault().countsForBreaker()) ? this.bad + 1 : 0;
		if (isWell()) {
			if (usable && this.roleWhenWell != ServerRole.PRIMARY) {
				this.roleWhenWell = result.role();
			}
			if (this.bad >= CONFIRMATIONS && result.fault() != null) {
				this.protection.breaker().databaseIsGone(result.fault());
			}
		}
		else if (this.good >= CONFIRMATIONS) {
			this.protection.breaker().databaseIsBack(generation);
		}
	}

	/**
	 * A server that was never more than a standby while all was well may be one again.
	 */
	private boolean isRoleNeeded(@Nullable ServerRole role) {
		return role == ServerRole.PRIMARY || isWell() || this.roleWhenWell == ServerRole.STANDBY;
	}

	private boolean isWell() {
		return this.protection.breaker().state() == CircuitBreakerState.CLOSED;
	}

	private void pause() throws InterruptedException {
		Duration interval = interval();
		long nanos = (long) (interval.toNanos() * (0.9 + 0.2 * ThreadLocalRandom.current().nextDouble()));
		long start = System.nanoTime();
		this.lock.lockInterruptibly();
		try {
			long rest = nanos;
			while (rest > 0 && !(this.hinted && nanos - rest >= SMALLEST_INTERVAL.toNanos())) {
				long step = this.hinted ? SMALLEST_INTERVAL.toNanos() : rest;
				this.wakeUp.awaitNanos(Math.min(step, rest));
				rest = nanos - (System.nanoTime() - start);
			}
			this.hinted = false;
		}
		finally {
			this.lock.unlock();
		}
	}

	private Duration interval() {
		if (!isWell()) {
			return (this.good > 0) ? SMALLEST_INTERVAL : OUTAGE_INTERVAL;
		}
		return (this.bad > 0) ? OUTAGE_INTERVAL : this.protection.settings().probeInterval();
	}

	private void log(@Nullable ProbeResult before, ProbeResult now) {
		boolean wasAlive = before == null || before.isAlive();
		if (now.fault() != null && wasAlive) {
			logger.warn("{} - the probe cannot reach the database: {}", this.protection.name(), now.fault().describe());
		}
		else if (now.isAlive() && !wasAlive) {
			logger.info("{} - the probe reached the database again: {}, {} ms", this.protection.name(), now.role(),
					TimeUnit.NANOSECONDS.toMillis(now.latency().toNanos()));
		}
	}

}
