// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * Says that somebody further up on this thread answers for a failure: by trying again or
 * by a fallback. Inside, the acquisition of a connection makes a single attempt and does
 * not wait, so that layers of retries never multiply. Scopes nest.
 */
public final class RetryScope {

	private static final ThreadLocal<RetryScope> current = new ThreadLocal<>();

	private @Nullable RetryScope outer;

	private boolean outcomeUnknown;

	/**
	 * Runs work inside this scope, on the calling thread.
	 * @param <T> what it yields
	 * @param work the work
	 * @return its result
	 */
	public <T> T run(Supplier<T> work) {
		this.outer = current.get();
		current.set(this);
		try {
			return work.get();
		}
		finally {
			if (this.outer != null) {
				current.set(this.outer);
			}
			else {
				current.remove();
			}
		}
	}

	/**
	 * Whether it is not known what became of a part of the work.
	 * @return {@code true} if it must not be done again, by whatever means
	 */
	public boolean isOutcomeUnknown() {
		return this.outcomeUnknown;
	}

	/**
	 * Whether the calling thread is in a scope.
	 * @return {@code true} if a failure is answered for further up
	 */
	public static boolean isOpen() {
		return current.get() != null;
	}

	/**
	 * Tells the scopes of the calling thread that a statement was lost of which it is not
	 * known whether it was done.
	 */
	public static void outcomeUnknown() {
		for (RetryScope scope = current.get(); scope != null; scope = scope.outer) {
			scope.outcomeUnknown = true;
		}
	}

}
