// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.fault.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * A leased connection that knows its phase. A COMMIT whose answer was lost is told as
 * such; on a connection that broke before COMMIT, clean-up calls do nothing, so that they
 * do not hide the cause. Not thread-safe, like every connection.
 */
final class ResilientConnection extends DelegatingConnection {

	private final Lease lease;

	private boolean closed;

	private boolean readOnly;

	private @Nullable SQLException lostCommit;

	ResilientConnection(Connection delegate, Lease lease) {
		super(delegate);
		this.lease = lease;
	}

	@Override
	public void commit() throws SQLException {
		if (this.lostCommit != null) {
			throw this.lostCommit;
		}
		if (isBroken()) {
			Fault fault = this.lease.broken();
			throw new SQLTransientConnectionException(this.lease.dataSource()
					+ " - the connection was lost before COMMIT was sent, nothing was committed: " + fault.message(),
					fault.sqlState());
		}
		committing(delegate()::commit);
	}

	@Override
	public void rollback() throws SQLException {
		if (this.lostCommit != null) {
			// To say that it rolled back would be a guess
			throw this.lostCommit;
		}
		if (!isBroken()) {
			delegate().rollback();
		}
	}

	/**
	 * Switching autocommit on in an open transaction commits it.
	 */
	@Override
	public void setAutoCommit(boolean autoCommit) throws SQLException {
		if (isBroken()) {
			return;
		}
		if (autoCommit && !delegate().getAutoCommit()) {
			committing(() -> delegate().setAutoCommit(true));
		}
		else {
			delegate().setAutoCommit(autoCommit);
		}
	}

	@Override
	public void setReadOnly(boolean readOnly) throws SQLException {
		if (!isBroken()) {
			delegate().setReadOnly(readOnly);
			this.readOnly = readOnly;
		}
	}

	@Override
	public void close() throws SQLException {
		if (this.closed) {
			return;
		}
		if (isBroken()) {
			this.lease.broken();
		}
		this.closed = true;
		try {
			delegate().close();
		}
		catch (SQLException ex) {
			this.lease.faulted(FaultClassifier.classify(ex, Phase.IN_TRANSACTION));
			throw ex;
		}
		finally {
			this.lease.end();
		}
	}

	@Override
	public boolean isClosed() throws SQLException {
		return this.closed || delegate().isClosed();
	}

	private boolean isBroken() throws SQLException {
		return !this.closed && delegate().isClosed();
	}

	private void committing(Commit commit) throws SQLException {
		try {
			commit.run();
		}
		catch (SQLException ex) {
			Fault fault = FaultClassifier.classify(ex, Phase.AT_COMMIT);
			if (fault.verdict() != Verdict.UNKNOWN || this.readOnly) {
				throw ex;
			}
			this.lease.faulted(fault);
			this.lostCommit = new CommitOutcomeUnknownException(this.lease.dataSource(), ex);
			throw this.lostCommit;
		}
	}

	@FunctionalInterface
	private interface Commit {

		void run() throws SQLException;

	}

}
