// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.datasource.MonitorSettings;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.datasource.SuspicionListener.Reason;
import io.github.dbresilience.monitor.MonitorEvent.Kind;
import io.github.dbresilience.topology.ServerAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the servers of one data source, tells its circuit breaker when the database is
 * gone and when it is back, gives up what hangs, and leads the pool to the primary. What
 * it found last can be read at any time without touching the database. Thread-safe.
 */
public final class DataSourceMonitor implements MonitorControl {

	private static final Logger logger = LoggerFactory.getLogger(DataSourceMonitor.class);

	private static final Duration OUTAGE_INTERVAL = Duration.ofMillis(250);

	private static final Duration SAMPLE_TIMEOUT = Duration.ofSeconds(3);

	private final Protection protection;

	private final Clock clock;

	private final RecentEvents events;

	private final Supplier<@Nullable BackupStatus> backup;

	private final Watchdog watchdog;

	private final PoolWatch poolWatch;

	private final Judge judge;

	private volatile List<ServerWatch> watches = List.of();

	DataSourceMonitor(Protection protection, RecentEvents events, Supplier<@Nullable BackupStatus> backup,
			Watchdog watchdog, Clock clock) {
		this.protection = protection;
		this.watchdog = watchdog;
		this.events = events;
		this.backup = backup;
		this.clock = clock;
		this.poolWatch = new PoolWatch(protection, System::nanoTime);
		this.judge = new Judge(protection, (kind, message) -> tell(kind, message));
		protection.onSuspicion(this::suspected);
	}

	/**
	 * The data source that is watched.
	 * @return its protection
	 */
	public Protection protection() {
		return this.protection;
	}

	/**
	 * What is known now, from memory.
	 * @return a new snapshot
	 */
	public Snapshot snapshot() {
		return SnapshotComposer.of(this.protection, watches(), this.judge, this.poolWatch, this.backup.get(),
				this.clock.instant());
	}

	@Override
	public void recycle(String reason) {
		if (this.protection.pool() == null) {
			throw new IllegalStateException("The data source '" + this.protection.name() + "' has no pool yet");
		}
		this.protection.recycle();
		logger.info("{} - the connections of the pool are replaced: {}", this.protection.name(), reason);
		tell(Kind.RECYCLED, reason);
	}

	@Override
	public Snapshot probeNow(Duration maxWait) {
		List<ServerWatch> asked = this.watches;
		if (asked.isEmpty() || !asked.get(0).isRunning()) {
			throw new IllegalStateException("The monitor of '" + this.protection.name() + "' does not run");
		}
		long end = System.nanoTime() + maxWait.toNanos();
		List<CountDownLatch> probes = asked.stream().map(ServerWatch::probeSoon).toList();
		try {
			for (CountDownLatch probe : probes) {
				if (!probe.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
					break;
				}
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		return snapshot();
	}

	@Override
	public void resetFence() {
		this.protection.choice().fence().reset();
		logger.warn("{} - the highest timeline is forgotten: a server that was kept away is judged anew",
				this.protection.name());
		tell(Kind.FENCED, "the fence was reset by hand");
		this.watches.forEach(ServerWatch::hint);
	}

	/**
	 * Whether a primary answered the last probe and may be used.
	 */
	boolean isPrimaryThere() {
		return this.watches.stream().anyMatch(this.judge::isValidPrimary);
	}

	synchronized void start() {
		if (this.watches.isEmpty()) {
			watchServers();
		}
		this.watches.forEach(ServerWatch::start);
	}

	/**
	 * The watches, as soon as there is a pool that tells its servers; they need not run.
	 */
	private List<ServerWatch> watches() {
		if (this.watches.isEmpty() && this.protection.pool() != null) {
			synchronized (this) {
				if (this.watches.isEmpty()) {
					watchServers();
				}
			}
		}
		return this.watches;
	}

	private void watchServers() {
		List<ServerAddress> servers = this.protection.unpooled().servers();
		Stream<@Nullable ServerAddress> watched = servers.isEmpty() ? Stream.of((ServerAddress) null)
				: servers.stream().distinct();
		List<ServerWatch> created = watched.map(this::watch).toList();
		this.judge.watching(created);
		this.watches = created;
	}

	private ServerWatch watch(@Nullable ServerAddress server) {
		Sampler sampler = new Sampler(this.protection.name() + ((server != null) ? " (" + server + ")" : ""),
				this.clock, SAMPLE_TIMEOUT);
		return new ServerWatch(this.protection, server, sampler::take, new Findings(), this.watchdog, this.clock);
	}

	synchronized void stop() {
		this.watches.forEach(ServerWatch::stop);
	}

	private void suspected(Reason reason) {
		switch (reason) {
			case FAULT -> this.watches.forEach(ServerWatch::hint);
			case CONNECT_FAILED -> this.watches.forEach(ServerWatch::hintFresh);
			case READ_ONLY -> {
				if (this.judge.doubtRole()) {
					this.watches.forEach(ServerWatch::hint);
				}
			}
		}
	}

	private void tell(Kind kind, String message) {
		this.events.add(new MonitorEvent(this.clock.instant(), this.protection.name(), kind, message));
	}

	private void log(ServerWatch watch, @Nullable ProbeResult before, ProbeResult now) {
		DatabaseState was = (before != null) ? before.state() : DatabaseState.UNKNOWN;
		DatabaseState is = now.state();
		if (is == was) {
			return;
		}
		String name = this.protection.name();
		if (now.fault() != null) {
			if (before == null || before.isAlive()) {
				logger.warn("{} - the probe cannot reach the database: {} {}: {}", name, watch.name(), is,
						now.fault().describe());
			}
			tell(Kind.STATE, watch.name() + " " + is + ": " + now.fault().describe());
		}
		else if (now.freshFault() != null) {
			logger.warn("{} - {} serves its sessions, but takes no new connection: {}", name, watch.name(),
					now.freshFault().describe());
			tell(Kind.STATE, watch.name() + " " + is + ": " + now.freshFault().describe());
		}
		else if (before != null) {
			logger.info("{} - the probe reached the database again: {} {}, {} ms", name, watch.name(), now.role(),
					TimeUnit.NANOSECONDS.toMillis(now.latency().toNanos()));
			tell(Kind.STATE, watch.name() + " " + is + " as " + now.role());
		}
	}

	/**
	 * Takes the findings of the watches, one at a time.
	 */
	private final class Findings implements ServerWatch.Council {

		@Override
		public void found(ServerWatch watch, @Nullable ProbeResult before, ProbeResult now, long generation) {
			log(watch, before, now);
			DataSourceMonitor.this.poolWatch.look();
			DataSourceMonitor.this.judge.found(watch, before, now, generation);
		}

		@Override
		public Duration interval(ServerWatch watch) {
			MonitorSettings settings = DataSourceMonitor.this.protection.settings().monitor();
			return switch (DataSourceMonitor.this.judge.urgency(watch)) {
				case WELL -> settings.probeInterval();
				case OUTAGE -> OUTAGE_INTERVAL;
				case CONFIRMING -> Pacer.SHORTEST;
			};
		}

	}

}
