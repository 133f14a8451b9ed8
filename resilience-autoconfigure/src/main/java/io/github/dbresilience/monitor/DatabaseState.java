// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

/**
 * What is the matter with a server or with the database behind a data source.
 */
public enum DatabaseState {

	/** Not looked at yet. */
	UNKNOWN,

	/** It answers in the role that is needed. */
	UP,

	/** It answers, but later than the threshold of the ping or of the query allows. */
	SLOW,

	/** The host answers, but no server does: stopped, crashed or not listening. */
	DOWN,

	/** Nothing answers: the host is dead, hangs, or the network drops its packets. */
	UNREACHABLE,

	/** The server is starting up, recovering or shutting down. */
	STARTING_UP,

	/** The server has no connection slot left, not even for the probe. */
	TOO_MANY_CONNECTIONS,

	/**
	 * Established sessions are served, but no new one is: a postmaster that hangs, for
	 * example.
	 */
	NO_NEW_CONNECTIONS,

	/** The server refuses the credentials, the database or TLS. */
	REFUSED,

	/** A standby, or read-only by its settings, where a primary is needed. */
	READ_ONLY,

	/** Calls itself primary on a timeline that was left: its writes will be lost. */
	STALE_PRIMARY,

	/**
	 * The server is well, but the pool has no connection left and callers wait in vain.
	 */
	POOL_EXHAUSTED;

	/**
	 * Whether work can be done.
	 * @return {@code true} if the database serves those who have, or get, a connection
	 */
	public boolean isServing() {
		return this == UP || this == SLOW || this == NO_NEW_CONNECTIONS || this == POOL_EXHAUSTED;
	}

}
