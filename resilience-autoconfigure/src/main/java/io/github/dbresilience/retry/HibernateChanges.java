// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import jakarta.persistence.EntityManager;
import org.hibernate.Session;

/**
 * Looks for changes in a persistence context of Hibernate. Stateless.
 */
final class HibernateChanges {

	private HibernateChanges() {
	}

	/**
	 * Whether something would be flushed.
	 * @param manager an entity manager of whatever provider
	 * @return {@code true} if so, or if it cannot be told
	 */
	static boolean areIn(EntityManager manager) {
		try {
			return manager.unwrap(Session.class).isDirty();
		}
		catch (RuntimeException ex) {
			return true;
		}
	}

}
