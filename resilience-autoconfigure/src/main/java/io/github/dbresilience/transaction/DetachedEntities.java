// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

import org.hibernate.engine.spi.SessionImplementor;

import org.springframework.core.Ordered;
import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.transaction.support.TransactionSynchronization;

/**
 * The entities that rollbacks to savepoints detached in a transaction. Its commit is
 * refused if one of them was changed since and the change would be lost. Not thread-safe,
 * like a session.
 */
final class DetachedEntities implements TransactionSynchronization {

	private final SessionImplementor session;

	private final Map<Object, DetachedEntity> entities = new IdentityHashMap<>();

	private final Runnable flush;

	private boolean callbacksLost;

	/**
	 * Creates the memory of one transaction.
	 * @param session the session
	 * @param flush writes the changes of managed entities
	 */
	DetachedEntities(SessionImplementor session, Runnable flush) {
		this.session = session;
		this.flush = flush;
	}

	/**
	 * Comes before the session is cleared.
	 * @param before what the session managed when the savepoint was created
	 */
	void detach(Collection<ManagedEntity> before) {
		this.entities.values().forEach(DetachedEntity::forgetChanges);
		before.forEach(this::add);
		ManagedEntity.allOf(this.session).forEach(this::add);
		this.callbacksLost |= this.session.asEventSource().getActionQueue().hasBeforeTransactionActions();
	}

	private void add(ManagedEntity managed) {
		this.entities.put(managed.entity(), new DetachedEntity(managed, this.session));
	}

	/**
	 * A rollback to the savepoint that is created now does not undo the changes so far.
	 */
	void keepChanges() {
		this.entities.keySet().removeIf(this::isManaged);
		this.entities.values().forEach(DetachedEntity::keepChanges);
	}

	private boolean isManaged(Object entity) {
		return this.session.getPersistenceContext().getEntry(entity) != null;
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

	@Override
	public void beforeCommit(boolean readOnly) {
		if (this.session.getTransaction().getRollbackOnly()) {
			return;
		}
		if (this.callbacksLost) {
			throw refused("what was to be done before the commit (a version check of an optimistic lock, an audit "
					+ "record) may belong to a nested transaction that was rolled back, or to an entity that this "
					+ "detached. Use REQUIRES_NEW for the nested transaction");
		}
		this.entities.keySet().removeIf(this::isManaged);
		List<DetachedEntity> changed = this.entities.values().stream().filter(DetachedEntity::hasChanges).toList();
		if (!changed.isEmpty()) {
			this.flush.run();
			changed.forEach(DetachedEntities::check);
		}
	}

	private static void check(DetachedEntity entity) {
		List<String> lost = entity.lostChanges();
		if (!lost.isEmpty()) {
			throw refused(
					"%s was detached by the rollback of a nested transaction and changed after it, which would be lost: %s"
						.formatted(entity, String.join(", ", lost))
							+ ". Load or merge entities again after such a rollback");
		}
	}

	/**
	 * Not a {@code TransactionException}: after one of those Spring does not roll back.
	 */
	private static InvalidDataAccessApiUsageException refused(String reason) {
		return new InvalidDataAccessApiUsageException("The transaction is rolled back: " + reason);
	}

}
