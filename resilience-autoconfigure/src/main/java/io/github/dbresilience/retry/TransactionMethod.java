// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.transaction.TransactionDefinition;

/**
 * A method that runs in a transaction.
 *
 * @param work how it may be tried again
 * @param propagation its propagation, of {@link TransactionDefinition}
 * @param optIn its annotation, {@code null} if it has none
 * @param ownRetry the name of the user's own retry annotation on it, {@code null} if it
 * has none
 */
record TransactionMethod(RetryableWork work, int propagation, @Nullable RetryableTransaction optIn,
		@Nullable String ownRetry) {

	private static final Set<Integer> BEGINNING = Set.of(TransactionDefinition.PROPAGATION_REQUIRED,
			TransactionDefinition.PROPAGATION_REQUIRES_NEW, TransactionDefinition.PROPAGATION_NESTED);

	/**
	 * Whether it begins a transaction where there is none.
	 */
	boolean begins() {
		return BEGINNING.contains(this.propagation);
	}

}
