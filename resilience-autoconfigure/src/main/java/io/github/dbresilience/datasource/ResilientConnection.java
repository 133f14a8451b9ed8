// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Savepoint;

import io.github.dbresilience.commit.SqlAction;
import io.github.dbresilience.fault.CommitOutcomeUnknownException;
import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.retry.RetryScope;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.TransactionState;
import org.postgresql.jdbc.PgConnection;

/**
 * A leased connection that knows its phase. A COMMIT whose answer was lost is told as
 * such; on a connection that broke before COMMIT, clean-up calls do nothing, so that they
 * do not hide the cause. Not thread-safe, like every connection.
 */
final class ResilientConnection extends DelegatingConnection {

	private final Lease lease;

	private final Protection protection;

	private final @Nullable PgConnection driver;

	private boolean closed;

	private boolean readOnly;

	private boolean autoCommit;

	/** A statement may have been executed and committed by itself. */
	private boolean autoCommitted;

	/** A transaction was open when the last statement was made. */
	private boolean seenOpen;

	/** Whoever has the driver's connection can do what we do not see. */
	private boolean unwrapped;

	/** A statement was made after the connection was lost and its transaction done. */
	private boolean usedSinceDone;

	/** It was a setting of the session that met the break, not a statement. */
	private boolean brokeInSetting;

	private final PoolerIsolation isolation = new PoolerIsolation();

	/** The application has been told of the break, or has given the transaction up. */
	private boolean breakKnown;

	/** The connection is gone, but its transaction is committed. */
	private boolean done;

	private @Nullable SQLException lostCommit;

	ResilientConnection(Connection delegate, Lease lease, Protection protection) throws SQLException {
		super(delegate);
		this.lease = lease;
		this.protection = protection;
		this.driver = delegate.isWrapperFor(PgConnection.class) ? delegate.unwrap(PgConnection.class) : null;
		this.autoCommit = delegate.getAutoCommit();
		this.readOnly = delegate.isReadOnly();
	}

	@Override
	public void commit() throws SQLException {
		if (this.lostCommit != null) {
			throw this.lostCommit;
		}
		if (this.done && !this.usedSinceDone) {
			return;
		}
		if (isBroken()) {
			throw notCommitted();
		}
		committing(delegate()::commit);
		this.isolation.transactionEnded();
	}

	private SQLException notCommitted() {
		this.breakKnown = true;
		Fault fault = this.lease.broken();
		return new SQLTransientConnectionException(this.lease.dataSource()
				+ " - the connection was lost before COMMIT was sent, nothing was committed: " + fault.message(),
				fault.sqlState());
	}

	@Override
	public void rollback() throws SQLException {
		if (this.lostCommit != null) {
			// To say that it rolled back would be a guess
			throw this.lostCommit;
		}
		this.breakKnown = true;
		if (!isBroken()) {
			watchTransaction();
			this.seenOpen = false;
			delegate().rollback();
			this.breakKnown = false;
			this.isolation.transactionEnded();
		}
	}

	@Override
	public void rollback(Savepoint savepoint) throws SQLException {
		delegate().rollback(savepoint);
		RetryScope.healed();
	}

	/**
	 * Switching autocommit on in an open transaction commits it. After a rollback, or an
	 * exception of the commit, it is mere clean-up.
	 */
	@Override
	public void setAutoCommit(boolean autoCommit) throws SQLException {
		boolean commits = autoCommit && !this.autoCommit;
		if (isBroken()) {
			boolean open = !this.done || this.usedSinceDone;
			if (commits && open && !this.breakKnown && this.lostCommit == null) {
				throw notCommitted();
			}
			return;
		}
		if (commits) {
			committing(() -> delegate().setAutoCommit(true));
			if (this.done) {
				return;
			}
		}
		else {
			delegate().setAutoCommit(autoCommit);
		}
		this.autoCommit = autoCommit;
		this.isolation.transactionEnded();
	}

	@Override
	void beforeStatement() throws SQLException {
		this.usedSinceDone = this.done;
		if (!this.autoCommit) {
			watchTransaction();
			this.isolation.beforeStatement(delegate());
		}
		else if (!this.readOnly) {
			this.autoCommitted = true;
			RetryScope.committed();
		}
	}

	@Override
	public void setTransactionIsolation(int level) throws SQLException {
		if (this.protection.isBehindPooler()) {
			this.isolation.want(level);
		}
		else {
			setting(() -> super.setTransactionIsolation(level));
		}
	}

	@Override
	public int getTransactionIsolation() throws SQLException {
		Integer wanted = this.isolation.level();
		if (wanted != null) {
			return wanted;
		}
		int[] level = new int[1];
		setting(() -> level[0] = super.getTransactionIsolation());
		return level[0];
	}

	@Override
	public void setSchema(String schema) throws SQLException {
		setting(() -> super.setSchema(schema));
	}

	@Override
	public <T> T unwrap(Class<T> type) throws SQLException {
		this.unwrapped |= !type.isInstance(this);
		return super.unwrap(type);
	}

	private void setting(SqlAction setting) throws SQLException {
		boolean broken = isBroken();
		try {
			setting.run();
		}
		catch (SQLException ex) {
			this.brokeInSetting |= !broken && isBroken();
			throw ex;
		}
	}

	@Override
	public void setReadOnly(boolean readOnly) throws SQLException {
		if (!isBroken()) {
			setting(() -> delegate().setReadOnly(readOnly));
			this.readOnly = readOnly;
		}
	}

	@Override
	public void close() throws SQLException {
		if (this.closed) {
			return;
		}
		Fault lost = null;
		if (isBroken()) {
			lost = this.lease.broken();
			if (this.autoCommitted && this.autoCommit && !this.done && !this.brokeInSetting) {
				RetryScope.outcomeUnknown();
			}
		}
		RetryScope scope = RetryScope.current();
		if (scope != null) {
			scope.released(this.done ? null : lost);
		}
		boolean open = lost == null && !this.autoCommit && this.driver != null
				&& this.driver.getTransactionState() != TransactionState.IDLE;
		this.closed = true;
		try {
			if (open) {
				// The pool does not see what was done on the driver's connection
				delegate().rollback();
			}
			delegate().close();
		}
		catch (SQLException ex) {
			this.lease.faulted(FaultClassifier.classify(ex, Phase.IN_TRANSACTION));
			if (!this.done) {
				throw ex;
			}
		}
		finally {
			this.lease.end();
		}
	}

	@Override
	public boolean isClosed() throws SQLException {
		return this.closed || delegate().isClosed();
	}

	/**
	 * The pool keeps a broken connection if the user's override says so.
	 */
	private boolean isBroken() throws SQLException {
		return !this.closed && (this.done || delegate().isClosed() || (this.driver != null && this.driver.isClosed()));
	}

	private void committing(SqlAction commit) throws SQLException {
		PgConnection driver = this.driver;
		TransactionState state = (driver != null) ? driver.getTransactionState() : TransactionState.IDLE;
		if (state == TransactionState.FAILED) {
			// The server would answer by a rollback, and the driver return normally
			delegate().rollback();
			throw new SQLException(this.lease.dataSource()
					+ " - an earlier statement of the transaction failed; it was rolled back, nothing was committed",
					"25P02");
		}
		if (driver != null && state == TransactionState.IDLE) {
			commit.run();
			return;
		}
		try {
			if (driver == null) {
				this.protection.commits().commitWithoutToken(delegate(), commit);
			}
			else if (this.readOnly && !this.unwrapped && driver.hintReadOnly()) {
				this.protection.commits().commitReadOnly(commit);
			}
			else {
				this.done = !this.protection.commits()
					.commit(delegate(), driver, this.protection.sessions().areDirect(),
							() -> this.protection.sessions().of(driver), commit);
			}
		}
		catch (CommitOutcomeUnknownException ex) {
			this.lostCommit = ex;
			throw ex;
		}
		catch (SQLException ex) {
			this.breakKnown = isBroken();
			throw ex;
		}
		finally {
			this.seenOpen = false;
		}
	}

	/**
	 * Notices a transaction that was ended by the text of a statement, as far as can be
	 * seen: it may have been committed.
	 */
	private void watchTransaction() {
		boolean open = this.driver != null && this.driver.getTransactionState() != TransactionState.IDLE;
		if (this.seenOpen && !open) {
			RetryScope.committed();
		}
		this.seenOpen = open;
	}

}
