// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.datasource;

/**
 * Is told that something hints at an outage or at a change of role.
 */
@FunctionalInterface
public interface SuspicionListener {

	/**
	 * Takes a hint. Must return at once.
	 * @param reason what hints at it
	 */
	void suspected(Reason reason);

	/** What hints at it. */
	enum Reason {

		/** A session was lost, or an acquisition or a statement met an outage. */
		FAULT,

		/** The pool could not open a connection. */
		CONNECT_FAILED,

		/** A write met a server that takes none. */
		READ_ONLY

	}

}
