// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.function.Supplier;

/**
 * Says that somebody further up on this thread answers for a failure: by trying again or
 * by a fallback. Inside, the acquisition of a connection makes a single attempt and does
 * not wait, so that layers of retries never multiply.
 */
public final class RetryScope {

	private static final ThreadLocal<Boolean> open = new ThreadLocal<>();

	private RetryScope() {
	}

	/**
	 * Runs work inside a scope; scopes nest.
	 * @param <T> what it yields
	 * @param work the work
	 * @return its result
	 */
	public static <T> T within(Supplier<T> work) {
		if (isOpen()) {
			return work.get();
		}
		open.set(true);
		try {
			return work.get();
		}
		finally {
			open.remove();
		}
	}

	/**
	 * Whether the calling thread is in a scope.
	 * @return {@code true} if a failure is answered for further up
	 */
	public static boolean isOpen() {
		return open.get() != null;
	}

}
