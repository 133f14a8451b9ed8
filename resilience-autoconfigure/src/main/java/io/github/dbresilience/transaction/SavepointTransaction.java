// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import org.hibernate.resource.transaction.backend.jdbc.spi.JdbcResourceTransaction;
import org.hibernate.resource.transaction.spi.TransactionStatus;

/**
 * The transaction of a connection, whose rollback-only mark can be taken back. Hibernate
 * sets it twice: when a statement fails, if the database is PostgreSQL, and when it
 * throws a persistence exception. Not thread-safe, like a session.
 */
final class SavepointTransaction implements JdbcResourceTransaction {

	private final JdbcResourceTransaction delegate;

	private boolean marked;

	private boolean failureUndone;

	SavepointTransaction(JdbcResourceTransaction delegate) {
		this.delegate = delegate;
	}

	@Override
	public void begin() {
		this.marked = false;
		this.failureUndone = false;
		this.delegate.begin();
	}

	@Override
	public void commit() {
		this.delegate.commit();
	}

	@Override
	public void rollback() {
		this.delegate.rollback();
	}

	@Override
	public TransactionStatus getStatus() {
		TransactionStatus status = this.delegate.getStatus();
		if (status != TransactionStatus.ACTIVE && status != TransactionStatus.MARKED_ROLLBACK) {
			return status;
		}
		boolean failed = status == TransactionStatus.MARKED_ROLLBACK && !this.failureUndone;
		return (this.marked || failed) ? TransactionStatus.MARKED_ROLLBACK : TransactionStatus.ACTIVE;
	}

	@Override
	public void markRollbackOnly() {
		this.marked = true;
	}

	/**
	 * Takes the mark back after the rollback to a savepoint. A statement that fails later
	 * marks the transaction by its persistence exception only; should that be missed, the
	 * resilient connection refuses the COMMIT.
	 */
	void clearMark() {
		this.marked = false;
		this.failureUndone |= this.delegate.getStatus() == TransactionStatus.MARKED_ROLLBACK;
	}

}
