// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.dbresilience.commit.TokenKeeper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.SmartLifecycle;

/**
 * Keeps the commit tokens of all data sources usable and their tables small, on one
 * thread. The first look is taken before the application starts to take requests, and
 * after its migrations. Thread-safe.
 */
public final class TokenMaintenance implements SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(TokenMaintenance.class);

	private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

	private static final Duration VERIFY_INTERVAL_WHILE_OFF = Duration.ofSeconds(30);

	private static final Duration PURGE_INTERVAL = Duration.ofMinutes(1);

	private final HealthMonitor monitor;

	private final Map<DataSourceMonitor, Upkeep> upkeeps = new ConcurrentHashMap<>();

	private volatile @Nullable Thread thread;

	/**
	 * Creates the maintenance.
	 * @param monitor knows the data sources, and whether they can be asked
	 */
	public TokenMaintenance(HealthMonitor monitor) {
		this.monitor = monitor;
	}

	@Override
	public void start() {
		this.monitor.all().forEach((watched) -> upkeep(watched).first());
		Thread created = new Thread(this::run, "db-resilience-commit-tokens");
		created.setDaemon(true);
		this.thread = created;
		created.start();
	}

	private void run() {
		try {
			while (this.thread == Thread.currentThread()) {
				Thread.sleep(LOOK_INTERVAL.toMillis());
				this.monitor.all().forEach((watched) -> upkeep(watched).look());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private Upkeep upkeep(DataSourceMonitor watched) {
		return this.upkeeps.computeIfAbsent(watched, Upkeep::new);
	}

	@Override
	public void stop() {
		Thread running = this.thread;
		this.thread = null;
		if (running != null) {
			running.interrupt();
		}
	}

	@Override
	public boolean isRunning() {
		return this.thread != null;
	}

	@Override
	public int getPhase() {
		return this.monitor.getPhase() + 1;
	}

	/**
	 * The upkeep of one data source.
	 */
	private static final class Upkeep {

		private final DataSourceMonitor watched;

		private final TokenKeeper keeper;

		private boolean primaryBefore;

		private long verified;

		private long purged = System.nanoTime();

		Upkeep(DataSourceMonitor watched) {
			this.watched = watched;
			this.keeper = watched.protection().commits().keeper();
		}

		synchronized void first() {
			if (this.watched.protection().pool() != null) {
				verify();
			}
		}

		synchronized void look() {
			try {
				boolean primary = this.watched.isPrimaryThere();
				if (primary && !this.primaryBefore) {
					this.keeper.suspect();
				}
				this.primaryBefore = primary;
				if (primary) {
					upkeep();
				}
			}
			catch (RuntimeException | Error ex) {
				logger.warn("{} - the upkeep of commit tokens failed unexpectedly", name(), ex);
			}
		}

		private void upkeep() {
			boolean off = !this.keeper.isTokenOn();
			if (this.keeper.isSuspect() || (off && isOver(this.verified, VERIFY_INTERVAL_WHILE_OFF))) {
				verify();
			}
			if (this.keeper.isTokenOn() && isOver(this.purged, PURGE_INTERVAL)) {
				this.purged = System.nanoTime();
				purge();
			}
		}

		private void verify() {
			this.keeper.verify();
			this.verified = System.nanoTime();
		}

		private void purge() {
			try {
				logger.debug("{} - deleted {} old commit tokens", name(), this.keeper.purge());
			}
			catch (SQLException ex) {
				logger.warn("{} - old commit tokens could not be deleted: [{}] {}", name(), ex.getSQLState(),
						ex.getMessage());
			}
		}

		private String name() {
			return this.watched.protection().name();
		}

		private static boolean isOver(long since, Duration interval) {
			return System.nanoTime() - since > interval.toNanos();
		}

	}

}
