// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.github.dbresilience.circuitbreaker.Permit;
import io.github.dbresilience.fault.DatabaseUnavailableException;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.FaultKind;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import io.github.dbresilience.retry.Deadline;
import io.github.dbresilience.retry.RetryScope;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * A pool whose connections are acquired again and again while the database is away, until
 * one deadline is over. Everything happens on the caller's thread. {@code unwrap} reaches
 * the pool. Thread-safe.
 */
public final class ResilientDataSource extends DelegatingDataSource {

	private static final Logger logger = LoggerFactory.getLogger(ResilientDataSource.class);

	private final Protection protection;

	ResilientDataSource(DataSource pool, Protection protection) {
		super(pool);
		this.protection = protection;
	}

	/**
	 * The state and the settings behind this data source.
	 * @return its protection
	 */
	public Protection protection() {
		return this.protection;
	}

	@Override
	public Connection getConnection() throws SQLException {
		RetryScope scope = RetryScope.current();
		if (scope != null) {
			return leaseOnce(scope);
		}
		Deadline deadline = Deadline.after(this.protection.settings().retry().maxDuration(), System::nanoTime);
		boolean single = !this.protection.settings().retry().enabled();
		try {
			return lease(deadline, !single);
		}
		catch (SQLException first) {
			if (single || !isRetryable(first)) {
				throw first;
			}
			return again(first, deadline);
		}
	}

	/**
	 * Whoever opened the scope tries again, or has another answer.
	 */
	private Connection leaseOnce(RetryScope scope) throws SQLException {
		Deadline deadline = scope.acquiring(this.protection.retryTarget());
		try {
			Connection connection = lease(deadline, scope.mayWait() && this.protection.settings().retry().enabled());
			scope.acquired();
			return connection;
		}
		catch (SQLException ex) {
			if (!(ex instanceof DatabaseUnavailableException)) {
				RetryScope.faulted(FaultClassifier.classify(ex, Phase.ACQUISITION));
			}
			throw ex;
		}
	}

	private Connection again(SQLException first, Deadline deadline) throws SQLException {
		try {
			return this.protection.retryer()
				.runAfter(first, this.protection.name(), () -> lease(deadline, true), ResilientDataSource::isRetryable,
						deadline, this.protection.acquisitions());
		}
		catch (SQLException last) {
			if (last instanceof DatabaseUnavailableException) {
				last.addSuppressed(first);
			}
			if (!isRetryable(last)) {
				throw last;
			}
			throw new DatabaseUnavailableException(this.protection.name(),
					"%s - no connection after %d ms, the last failure: %s".formatted(this.protection.name(),
							deadline.elapsed().toMillis(),
							FaultClassifier.classify(last, Phase.ACQUISITION).describe()),
					this.protection.breaker().retryAfter(), last);
		}
	}

	private static boolean isRetryable(SQLException failure) {
		return !(failure instanceof DatabaseUnavailableException)
				&& FaultClassifier.classify(failure, Phase.ACQUISITION).verdict() == Verdict.RETRY;
	}

	private Connection lease(Deadline deadline, boolean mayWait) throws SQLException {
		Permit permit = mayWait ? this.protection.outageWait().await(deadline) : this.protection.outageWait().now();
		boolean handedOut = false;
		try {
			Connection connection = borrow(deadline);
			if (permit.isTrial()) {
				checkTrial(connection, deadline);
				permit.succeeded();
			}
			handedOut = true;
			return new ResilientConnection(connection,
					new Lease(this.protection.name(), permit, this.protection.lostSessions()), this.protection);
		}
		catch (SQLException ex) {
			Fault fault = FaultClassifier.classify(ex, Phase.ACQUISITION);
			if (fault.kind() == FaultKind.POOL_EXHAUSTED) {
				this.protection.waitRecorder().timedOut();
			}
			if (fault.countsForBreaker()) {
				permit.failed(fault);
				this.protection.suspect();
			}
			throw ex;
		}
		finally {
			if (!handedOut) {
				permit.abandoned();
			}
		}
	}

	/**
	 * Takes a connection from the pool, past those whose session has ended.
	 */
	private Connection borrow(Deadline deadline) throws SQLException {
		HikariDataSource hikari = pool();
		while (true) {
			long asked = System.nanoTime();
			Connection connection = take(hikari, deadline);
			this.protection.waitRecorder().served(asked);
			boolean suspected = this.protection.suspicion().isRaised() || UnreadInput.isThere(connection);
			if (!suspected || isAlive(hikari, connection, deadline)) {
				return connection;
			}
			if (deadline.isOver()) {
				throw new SQLTransientConnectionException(
						this.protection.name() + " - every connection of the pool was dead", "08006");
			}
		}
	}

	/**
	 * The pool's own time-out is the rule; near the deadline the rest of the time.
	 */
	private Connection take(HikariDataSource hikari, Deadline deadline) throws SQLException {
		long rest = TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos());
		if (rest < hikari.getConnectionTimeout() && hikari.getClass() == HikariDataSource.class) {
			HikariPool pool = this.protection.poolStarter().running(hikari, deadline);
			if (pool != null) {
				return pool.getConnection(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos())));
			}
		}
		return super.getConnection();
	}

	private void checkTrial(Connection connection, Deadline deadline) throws SQLException {
		if (!isAlive(pool(), connection, deadline)) {
			throw new SQLTransientConnectionException(
					this.protection.name() + " - the trial connection did not answer a ping", "08006");
		}
	}

	/**
	 * Pings a connection of the pool, and takes it out of the pool if it is dead.
	 */
	private static boolean isAlive(HikariDataSource hikari, Connection connection, Deadline deadline) {
		long millis = Math.min(hikari.getValidationTimeout(), TimeUnit.NANOSECONDS.toMillis(deadline.remainingNanos()));
		try {
			if (connection.isValid((int) Math.max(1, TimeUnit.MILLISECONDS.toSeconds(millis)))) {
				return true;
			}
		}
		catch (SQLException ex) {
			logger.debug("A ping failed", ex);
		}
		hikari.evictConnection(connection);
		return false;
	}

	private HikariDataSource pool() throws SQLException {
		return obtainTargetDataSource().unwrap(HikariDataSource.class);
	}

}
