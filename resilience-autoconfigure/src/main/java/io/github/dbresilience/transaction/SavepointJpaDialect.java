// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.sql.SQLException;

import jakarta.persistence.EntityManager;
import org.hibernate.engine.spi.SessionImplementor;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.ConnectionHandle;
import org.springframework.orm.jpa.JpaDialect;
import org.springframework.orm.jpa.vendor.HibernateJpaDialect;
import org.springframework.transaction.TransactionDefinition;

/**
 * Adds savepoints to a dialect of Hibernate, whose settings stay in force. The
 * transaction data is a {@code SavepointManager}, which is what
 * {@code JpaTransactionManager} asks for. Thread-safe.
 * <p>
 * A savepoint flushes before it is set and before it is released. A rollback to it clears
 * the persistence context, whatever the nested transaction failed with, and the
 * transaction around it stays usable. Its entities are detached then: load them again. A
 * change to one that is not, is refused at the commit by an
 * {@code InvalidDataAccessApiUsageException}. What a savepoint cannot undo is refused by
 * a {@code NestedTransactionNotSupportedException} when it is to be set.
 */
public final class SavepointJpaDialect implements JpaDialect {

	private final HibernateJpaDialect delegate;

	/**
	 * Creates the dialect.
	 * @param delegate does all but the savepoints
	 */
	public SavepointJpaDialect(HibernateJpaDialect delegate) {
		this.delegate = delegate;
	}

	@Override
	public Object beginTransaction(EntityManager entityManager, TransactionDefinition definition) throws SQLException {
		Object data = this.delegate.beginTransaction(entityManager, definition);
		return new SessionSavepoints(entityManager.unwrap(SessionImplementor.class), definition.isReadOnly(),
				this.delegate, data);
	}

	@Override
	public @Nullable Object prepareTransaction(EntityManager entityManager, boolean readOnly, @Nullable String name) {
		return this.delegate.prepareTransaction(entityManager, readOnly, name);
	}

	@Override
	public void cleanupTransaction(@Nullable Object transactionData) {
		this.delegate.cleanupTransaction((transactionData instanceof SessionSavepoints savepoints)
				? savepoints.transactionData() : transactionData);
	}

	@Override
	public ConnectionHandle getJdbcConnection(EntityManager entityManager, boolean readOnly) throws SQLException {
		return this.delegate.getJdbcConnection(entityManager, readOnly);
	}

	@Override
	public void releaseJdbcConnection(ConnectionHandle handle, EntityManager entityManager) throws SQLException {
		this.delegate.releaseJdbcConnection(handle, entityManager);
	}

	@Override
	public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException ex) {
		return this.delegate.translateExceptionIfPossible(ex);
	}

}
