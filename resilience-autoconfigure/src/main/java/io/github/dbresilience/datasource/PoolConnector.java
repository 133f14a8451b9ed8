// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.topology.ServerAddress;

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
		return open(super::getConnection);
	}

	@Override
	public Connection getConnection(String username, String password) throws SQLException {
		return open(() -> super.getConnection(username, password));
	}

	/**
	 * The driver tries the servers in the order of the URL, with a time-out for each that
	 * is dead, and takes the first that calls itself primary. The monitor knows better.
	 */
	private Connection open(Connecting driversChoice) throws SQLException {
		holdBack();
		ServerAddress preferred = this.protection.choice().preferred();
		DataSource direct = (preferred != null) ? RawDataSource.of(this.pool, preferred) : null;
		try {
			return this.sessions.opened((direct != null) ? direct.getConnection() : driversChoice.connect());
		}
		catch (SQLException ex) {
			this.protection.connectFailed();
			throw ex;
		}
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

	@FunctionalInterface
	private interface Connecting {

		Connection connect() throws SQLException;

	}

}
