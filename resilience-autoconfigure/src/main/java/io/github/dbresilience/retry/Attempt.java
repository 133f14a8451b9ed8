// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import org.jspecify.annotations.Nullable;

/**
 * Something that can be tried.
 *
 * @param <T> what it yields
 * @param <E> what it throws
 */
@FunctionalInterface
public interface Attempt<T extends @Nullable Object, E extends Throwable> {

	/**
	 * Makes one attempt.
	 * @return the result
	 * @throws E if it failed
	 */
	T run() throws E;

}
