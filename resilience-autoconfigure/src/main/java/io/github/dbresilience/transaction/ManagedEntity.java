// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.transaction;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.hibernate.engine.spi.EntityEntry;
import org.hibernate.engine.spi.SessionImplementor;
import org.hibernate.engine.spi.Status;
import org.hibernate.persister.entity.EntityPersister;

/**
 * An entity whose changes a session writes.
 *
 * @param entity the instance
 * @param id its id
 * @param persister knows its properties
 */
record ManagedEntity(Object entity, Object id, EntityPersister persister) {

	static List<ManagedEntity> allOf(SessionImplementor session) {
		List<ManagedEntity> all = new ArrayList<>();
		for (Map.Entry<Object, EntityEntry> entry : session.getPersistenceContext().reentrantSafeEntityEntries()) {
			EntityEntry state = entry.getValue();
			if (state.getStatus() == Status.MANAGED && state.getId() != null && state.getPersister().isMutable()) {
				all.add(new ManagedEntity(entry.getKey(), state.getId(), state.getPersister()));
			}
		}
		return all;
	}

}
