// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.topology.ServerAddress;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Opens the pool's connections, and holds the pool back while the circuit breaker is
 * open. HikariCP would otherwise knock on a dead server with growing pauses of up to five
 * seconds, and sleep on when the server is back.
 */
final class PoolConnector extends DelegatingDataSource {

	private static final long CLOSED_POOL_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

	private final HikariDataSource pool;

	private final DataSourceCircuitBreaker breaker;

	private final ServerSessions sessions;

	private final Protection protection;

	private volatile boolean isolationLearned;

	PoolConnector(DataSource target, HikariDataSource pool, Protection protection) {
		super(target);
		this.pool = pool;
		this.breaker = protection.breaker();
		this.sessions = protection.sessions();
		this.protection = protection;
	}

	DataSource target() {
		return obtainTargetDataSource();
	}

	@Override
	public Connection getConnection() throws SQLException {
		return open(() -> super.getConnection());
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return open(() -> super.getConnection(username, password));
	}

	/**
	 * The driver tries the servers in the order of the URL, with a time-out for each that
	 * is dead, and takes the first that calls itself primary. The monitor knows better.
	 */
	private Connection open(Callable<Connection> driversChoice) throws SQLException {
		holdBack();
		ServerAddress preferred = this.protection.choice().preferred();
		DataSource direct = (preferred != null) ? RawDataSource.of(this.pool, preferred) : null;
		long generation = this.breaker.generation();
		try {
			Connection connection = new ConnectAttempt((direct != null) ? direct::getConnection : driversChoice)
				.await(() -> isPointless(preferred, generation));
			this.sessions.opened(connection);
			return this.isolationLearned ? connection
					: new FirstConnection(connection, () -> this.isolationLearned = true);
		}
		catch (SQLException ex) {
			this.protection.connectFailed();
			throw ex;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new SQLException("Interrupted while a connection is opened", ex);
		}
	}

	/**
	 * Another server is the primary now, or the database has come back from an outage
	 * since.
	 */
	private boolean isPointless(@Nullable ServerAddress preferred, long generation) {
		ServerAddress now = this.protection.choice().preferred();
		return (now != null && !now.equals(preferred))
				|| (this.breaker.generation() != generation && !this.breaker.isHeldOpen());
	}

	/**
	 * Before the pool runs, its first connection is opened by a caller who has a permit
	 * and a deadline; afterwards by the pool's own thread.
	 */
	private void holdBack() throws SQLException {
		try {
			while (this.pool.isRunning() && this.breaker.isHeldOpen()) {
				this.breaker.awaitChange(this.breaker.generation(), CLOSED_POOL_CHECK_NANOS);
			}
			if (this.pool.isClosed()) {
				throw new SQLException("The pool was closed", "08003");
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new SQLException("Interrupted while the circuit breaker is open", ex);
		}
	}

}
