// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends questions that are not answered in time. A read time-out of the socket does not
 * do: behind TLS the driver then closes the socket on the thread that asks, and waits for
 * the good-bye of a server that is silent. Thread-safe.
 */
final class Watchdog {

	private final ScheduledThreadPoolExecutor timer;

	Watchdog() {
		this.timer = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "db-resilience-watchdog");
			thread.setDaemon(true);
			return thread;
		});
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setKeepAliveTime(10, TimeUnit.SECONDS);
		this.timer.allowCoreThreadTimeOut(true);
	}

	/**
	 * Asks a question.
	 * @param connection is ended if there is no answer in time
	 * @param timeout how long the answer may take
	 * @param question asks on that connection
	 * @return the answer
	 * @throws SQLException if there is none; caused by a {@link SocketTimeoutException}
	 * if none came in time
	 */
	<T> T bounded(Connection connection, Duration timeout, Question<T> question) throws SQLException {
		AtomicBoolean over = new AtomicBoolean();
		Future<?> end = this.timer.schedule(() -> {
			if (over.compareAndSet(false, true)) {
				Connections.abort(connection);
			}
		}, timeout.toNanos(), TimeUnit.NANOSECONDS);
		try {
			return question.ask(connection);
		}
		catch (SQLException ex) {
			if (over.get()) {
				SocketTimeoutException silence = new SocketTimeoutException(
						"no answer within " + timeout.toMillis() + " ms");
				silence.addSuppressed(ex);
				throw new SQLTransientConnectionException("The server does not answer", "08006", silence);
			}
			throw ex;
		}
		finally {
			over.set(true);
			end.cancel(false);
		}
	}

	/**
	 * Asks a server.
	 *
	 * @param <T> the answer
	 */
	@FunctionalInterface
	interface Question<T> {

		T ask(Connection connection) throws SQLException;

	}

}
