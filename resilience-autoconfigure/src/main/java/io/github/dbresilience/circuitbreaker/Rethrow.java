// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

/**
 * Throws a checked exception through code that declares none, so that a caller gets the
 * exception that its method declares.
 */
final class Rethrow {

	private Rethrow() {
	}

	static RuntimeException unchecked(Throwable failure) {
		throw Rethrow.<RuntimeException>as(failure);
	}

	@SuppressWarnings("unchecked")
	private static <E extends Throwable> E as(Throwable failure) throws E {
		throw (E) failure;
	}

}
