// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;

import org.hibernate.FlushMode;
import org.hibernate.engine.spi.SessionImplementor;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.support.DataAccessUtils;
import org.springframework.dao.support.PersistenceExceptionTranslator;
import org.springframework.transaction.SavepointManager;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The savepoints of one transaction of a session. Not thread-safe, like a session.
 */
final class SessionSavepoints implements SavepointManager {

	private final SessionImplementor session;

	private final boolean readOnly;

	private final PersistenceExceptionTranslator translator;

	private final @Nullable Object transactionData;

	private @Nullable DetachedEntities detached;

	SessionSavepoints(SessionImplementor session, boolean readOnly, PersistenceExceptionTranslator translator,
			@Nullable Object transactionData) {
		this.session = session;
		this.readOnly = readOnly;
		this.translator = translator;
		this.transactionData = transactionData;
	}

	@Nullable Object transactionData() {
		return this.transactionData;
	}

	@Override
	public Object createSavepoint() {
		SavepointRefusal.check(this.session, this.readOnly);
		flush();
		if (this.detached != null) {
			this.detached.keepChanges();
		}
		try {
			return new SessionSavepoint(connection().setSavepoint(), ManagedEntity.allOf(this.session));
		}
		catch (SQLException ex) {
			throw failed("Could not create a savepoint", ex);
		}
	}

	@Override
	public void rollbackToSavepoint(Object savepoint) {
		rollback((SessionSavepoint) savepoint);
	}

	private void rollback(SessionSavepoint savepoint) {
		// A flush that failed half way leaves rows behind that the next would send
		this.session.getJdbcCoordinator().abortBatch();
		try {
			connection().rollback(savepoint.jdbc());
		}
		catch (SQLException ex) {
			throw failed("Could not roll back to a savepoint", ex);
		}
		if (!this.readOnly) {
			detached().detach(savepoint.managed());
		}
		this.session.clear();
		transaction().clearMark();
	}

	/**
	 * Ends a nested transaction. One whose changes cannot be flushed, or that was marked
	 * as rollback-only, is rolled back. What is thrown then has to be an
	 * {@code UnexpectedRollbackException}: after any other that is not a
	 * {@code TransactionException}, Spring marks the transaction around it, too.
	 */
	@Override
	public void releaseSavepoint(Object savepoint) {
		SessionSavepoint own = (SessionSavepoint) savepoint;
		if (this.session.getTransaction().getRollbackOnly()) {
			rollback(own);
			throw new UnexpectedRollbackException(
					"Nested transaction rolled back because it has been marked as rollback-only");
		}
		try {
			flush();
			connection().releaseSavepoint(own.jdbc());
		}
		catch (RuntimeException | SQLException ex) {
			rollbackAfter(ex, own);
			throw new UnexpectedRollbackException(
					"Nested transaction rolled back because its changes could not be stored: " + ex.getMessage(), ex);
		}
	}

	private void rollbackAfter(Exception failure, SessionSavepoint savepoint) {
		try {
			rollback(savepoint);
		}
		catch (TransactionSystemException ex) {
			ex.addSuppressed(failure);
			throw ex;
		}
	}

	/**
	 * Sends what waits, the batch of a stateless session on the connection included. In a
	 * read-only transaction, and where the user flushes by hand, entities wait on.
	 */
	private void flush() {
		try {
			if (this.session.getHibernateFlushMode() != FlushMode.MANUAL) {
				this.session.flush();
			}
			this.session.getJdbcCoordinator().executeBatch();
		}
		catch (RuntimeException ex) {
			throw DataAccessUtils.translateIfNecessary(ex, this.translator);
		}
	}

	private TransactionSystemException failed(String message, SQLException cause) {
		transaction().markRollbackOnly();
		return new TransactionSystemException(message, cause);
	}

	private DetachedEntities detached() {
		if (this.detached == null) {
			this.detached = new DetachedEntities(this.session, this::flush);
			TransactionSynchronizationManager.registerSynchronization(this.detached);
		}
		return this.detached;
	}

	private SavepointTransaction transaction() {
		return ((SavepointTransactionCoordinator) this.session.getTransactionCoordinator()).transaction();
	}

	private Connection connection() {
		return this.session.getJdbcCoordinator().getLogicalConnection().getPhysicalConnection();
	}

	private record SessionSavepoint(Savepoint jdbc, List<ManagedEntity> managed) {

	}

}
