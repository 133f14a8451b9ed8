// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.orm.jpa.EntityManagerHolder;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * The entity managers that are bound to the thread outside a transaction. Whoever bound
 * one unbinds and closes what is in its place by then.
 */
final class BoundEntityManagers implements BoundContexts {

	private static final Logger logger = LoggerFactory.getLogger(BoundEntityManagers.class);

	private final Predicate<EntityManager> changes;

	/**
	 * Creates the view of the calling threads' entity managers.
	 * @param changes whether an entity manager holds changes
	 */
	BoundEntityManagers(Predicate<EntityManager> changes) {
		this.changes = changes;
	}

	@Override
	public void renew() {
		forEach(BoundEntityManagers::renew);
	}

	@Override
	public boolean holdChanges() {
		boolean[] found = new boolean[1];
		forEach((factory, holder) -> found[0] |= this.changes.test(holder.getEntityManager()));
		return found[0];
	}

	private static void forEach(BiConsumer<EntityManagerFactory, EntityManagerHolder> action) {
		for (Map.Entry<Object, Object> bound : TransactionSynchronizationManager.getResourceMap().entrySet()) {
			if (bound.getKey() instanceof EntityManagerFactory factory
					&& bound.getValue() instanceof EntityManagerHolder holder
					&& holder.getClass() == EntityManagerHolder.class && !holder.isSynchronizedWithTransaction()) {
				action.accept(factory, holder);
			}
		}
	}

	private static void renew(EntityManagerFactory factory, EntityManagerHolder old) {
		EntityManagerHolder fresh = new EntityManagerHolder(factory.createEntityManager());
		TransactionSynchronizationManager.unbindResource(factory);
		TransactionSynchronizationManager.bindResource(factory, fresh);
		EntityManager manager = old.getEntityManager();
		try {
			manager.close();
		}
		catch (RuntimeException ex) {
			logger.debug("A lost entity manager could not be closed", ex);
		}
	}

}
