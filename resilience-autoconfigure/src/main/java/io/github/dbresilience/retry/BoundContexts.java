// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import org.springframework.util.ClassUtils;

/**
 * Persistence contexts that are bound to the thread for longer than a transaction, for
 * example by open session in view. They keep the connection and the entities of a failed
 * attempt. Stateless.
 */
@FunctionalInterface
interface BoundContexts {

	/**
	 * Puts a new persistence context in the place of each that is bound to the calling
	 * thread.
	 */
	void renew();

	/**
	 * Those of JPA, if it is there.
	 */
	static BoundContexts find() {
		ClassLoader classLoader = BoundContexts.class.getClassLoader();
		boolean jpa = ClassUtils.isPresent("jakarta.persistence.EntityManager", classLoader)
				&& ClassUtils.isPresent("org.springframework.orm.jpa.EntityManagerHolder", classLoader);
		return jpa ? new BoundEntityManagers() : () -> {
		};
	}

}
