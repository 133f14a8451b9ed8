// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.github.dbresilience.retry.Deadline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts a pool without waiting for its first connection. HikariCP starts a pool with the
 * first caller, who then waits for the pool's own time-out, whatever his deadline.
 * Thread-safe.
 */
final class PoolStarter {

	private static final Logger logger = LoggerFactory.getLogger(PoolStarter.class);

	private static final long STEP_MILLIS = 1;

	private @Nullable Thread starter;

	/**
	 * Waits for a pool to run.
	 * @return the pool, {@code null} if it does not run by the deadline or cannot
	 */
	@Nullable HikariPool running(HikariDataSource hikari, Deadline deadline) {
		if (hikari.getHikariPoolMXBean() == null && hikari.getInitializationFailTimeout() < 0) {
			await(hikari, starter(hikari), deadline);
		}
		return (hikari.getHikariPoolMXBean() instanceof HikariPool pool) ? pool : null;
	}

	private synchronized Thread starter(HikariDataSource hikari) {
		if (this.starter == null || !this.starter.isAlive()) {
			this.starter = new Thread(() -> touch(hikari), "db-resilience-pool-starter");
			this.starter.setDaemon(true);
			this.starter.start();
		}
		return this.starter;
	}

	private static void touch(HikariDataSource hikari) {
		try (Connection connection = hikari.getConnection()) {
			logger.debug("Started the pool with {}", connection);
		}
		catch (SQLException | RuntimeException ex) {
			// Whoever waits for a connection is told
			logger.debug("The pool has no connection yet", ex);
		}
	}

	private static void await(HikariDataSource hikari, Thread starter, Deadline deadline) {
		try {
			while (hikari.getHikariPoolMXBean() == null && starter.isAlive() && !deadline.isOver()) {
				TimeUnit.MILLISECONDS.timedJoin(starter, STEP_MILLIS);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
