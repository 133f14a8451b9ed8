// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

import org.jspecify.annotations.Nullable;

/**
 * Opens one connection for the pool, and gives up when there is no point in waiting for
 * it. The pool opens its connections one after the other: an attempt that hangs on a dead
 * server until its time-out would keep it from one that lives.
 */
final class ConnectAttempt {

	private static final long LOOK_MILLIS = 20;

	private final FutureTask<Connection> task;

	private volatile boolean abandoned;

	ConnectAttempt(Callable<Connection> connect) {
		this.task = new FutureTask<>(() -> opened(connect.call()));
	}

	private Connection opened(Connection connection) throws SQLException {
		if (this.abandoned) {
			connection.close();
		}
		return connection;
	}

	/**
	 * Opens the connection on a thread of its own, as the driver does too where it has to
	 * bound a login.
	 * @param pointless whether somebody knows that there is no point in waiting
	 * @return the connection
	 * @throws SQLException if it cannot be opened, or there is no point in waiting
	 * @throws InterruptedException if the thread is interrupted
	 */
	Connection await(BooleanSupplier pointless) throws SQLException, InterruptedException {
		Thread thread = new Thread(this.task, "db-resilience-connect");
		thread.setDaemon(true);
		thread.start();
		try {
			while (true) {
				Connection connection = poll();
				if (connection != null) {
					return connection;
				}
				if (pointless.getAsBoolean()) {
					throw new SQLTransientConnectionException(
							"Gave up connecting: the server has been found dead meanwhile, or another one is primary now",
							"08001");
				}
			}
		}
		catch (SQLException | InterruptedException ex) {
			abandon();
			throw ex;
		}
	}

	private @Nullable Connection poll() throws SQLException, InterruptedException {
		try {
			return this.task.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException ex) {
			return null;
		}
		catch (ExecutionException ex) {
			if (ex.getCause() instanceof SQLException failure) {
				throw failure;
			}
			throw new SQLException("The connection could not be opened", ex.getCause());
		}
	}

	/**
	 * A connection that was opened at the same moment is closed by whoever comes second.
	 */
	private void abandon() throws SQLException {
		this.abandoned = true;
		if (this.task.isDone()) {
			try {
				this.task.get().close();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			catch (ExecutionException ex) {
				// Nothing was opened
			}
		}
	}

}
