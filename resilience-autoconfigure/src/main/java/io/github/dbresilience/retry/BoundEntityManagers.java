// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.Map;

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

	@Override
	public void renew() {
		for (Map.Entry<Object, Object> bound : TransactionSynchronizationManager.getResourceMap().entrySet()) {
			if (bound.getKey() instanceof EntityManagerFactory factory
					&& bound.getValue() instanceof EntityManagerHolder holder
					&& holder.getClass() == EntityManagerHolder.class && !holder.isSynchronizedWithTransaction()) {
				renew(factory, holder);
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
