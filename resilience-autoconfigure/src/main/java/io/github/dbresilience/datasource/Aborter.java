// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.postgresql.jdbc.PgConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes the sockets of connections, each on a thread that is there only for that: a TLS
 * socket whose peer is dead can block whoever closes it. Thread-safe.
 */
final class Aborter {

	private static final Logger logger = LoggerFactory.getLogger(Aborter.class);

	private final ExecutorService threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS,
			new SynchronousQueue<>(), (task) -> {
				Thread thread = new Thread(task, "db-resilience-abort");
				thread.setDaemon(true);
				return thread;
			});

	/**
	 * Ends a connection without waiting for it.
	 * @return {@code false} if it was closed already
	 */
	boolean abort(PgConnection connection) {
		try {
			if (connection.isClosed()) {
				return false;
			}
			connection.abort(this.threads);
			return true;
		}
		catch (SQLException ex) {
			logger.debug("A connection could not be aborted", ex);
			return false;
		}
	}

}
