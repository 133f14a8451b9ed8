// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import org.hibernate.FlushMode;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.event.service.spi.EventListenerGroups;

import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.NestedTransactionNotSupportedException;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What a savepoint could not undo, and so is not set for.
 */
final class SavepointRefusal {

	private static final String WAY_OUT = ". Use REQUIRES_NEW, or do the nested work with plain JDBC in a transaction "
			+ "of a JdbcTransactionManager";

	private SavepointRefusal() {
	}

	/**
	 * Lets pass what is right.
	 * @param session a session in a transaction
	 * @param readOnly whether the transaction is
	 * @throws NestedTransactionNotSupportedException saying why not, and what to do
	 * @throws CannotCreateTransactionException if the transaction is marked as
	 * rollback-only
	 */
	static void check(SessionImplementor session, boolean readOnly) {
		if (!(session.getTransactionCoordinator() instanceof SavepointTransactionCoordinator)) {
			throw refused("the persistence unit has a transaction coordinator of its own, whose rollback-only mark a "
					+ "rollback to a savepoint cannot take back");
		}
		if (session.getFactory().getSessionFactoryOptions().isSecondLevelCacheEnabled()) {
			throw refused("Hibernate's second-level cache is on, and would keep what is rolled back to a savepoint");
		}
		if (hasCommitListeners(session.getFactory().getEventListenerGroups())) {
			throw refused("Hibernate's post-commit listeners would be told of what is rolled back to a savepoint");
		}
		if (!TransactionSynchronizationManager.isSynchronizationActive()) {
			throw refused("the transaction manager's synchronization is off, so that a lost change would not be seen");
		}
		if (!readOnly && session.getHibernateFlushMode() == FlushMode.MANUAL) {
			throw refused("in flush mode MANUAL, changes that wait to be flushed would be lost by a rollback to a "
					+ "savepoint; switch to AUTO, or");
		}
		if (session.getTransaction().getRollbackOnly()) {
			throw new CannotCreateTransactionException(
					"Cannot create a savepoint in a transaction that is marked as rollback-only");
		}
	}

	private static boolean hasCommitListeners(EventListenerGroups listeners) {
		return !listeners.eventListenerGroup_POST_COMMIT_INSERT.isEmpty()
				|| !listeners.eventListenerGroup_POST_COMMIT_UPDATE.isEmpty()
				|| !listeners.eventListenerGroup_POST_COMMIT_DELETE.isEmpty();
	}

	private static NestedTransactionNotSupportedException refused(String reason) {
		return new NestedTransactionNotSupportedException(
				"Propagation NESTED is not possible here: " + reason + WAY_OUT);
	}

}
