// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import org.springframework.util.ClassUtils;

/**
 * Persistence contexts that are bound to the thread for longer than a transaction, for
 * example by open session in view. They keep the connection and the entities of a failed
 * attempt. Stateless.
 */
interface BoundContexts {

	/**
	 * Puts a new persistence context in the place of each that is bound to the calling
	 * thread.
	 */
	void renew();

	/**
	 * Whether one of them may hold changes from before the transaction, which its COMMIT
	 * would store and a new persistence context would not know.
	 * @return {@code true} if the transaction cannot be done again as it was
	 */
	boolean holdChanges();

	/**
	 * Those of JPA, if it is there.
	 */
	static BoundContexts find() {
		ClassLoader classLoader = BoundContexts.class.getClassLoader();
		boolean jpa = ClassUtils.isPresent("jakarta.persistence.EntityManager", classLoader)
				&& ClassUtils.isPresent("org.springframework.orm.jpa.EntityManagerHolder", classLoader);
		if (!jpa) {
			return new None();
		}
		boolean hibernate = ClassUtils.isPresent("org.hibernate.Session", classLoader);
		return new BoundEntityManagers(hibernate ? HibernateChanges::areIn : (manager) -> true);
	}

	/**
	 * Without JPA there are none.
	 */
	final class None implements BoundContexts {

		@Override
		public void renew() {
		}

		@Override
		public boolean holdChanges() {
			return false;
		}

	}

}
