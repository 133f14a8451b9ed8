// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.fault;

/**
 * Where in the life of a connection lease a fault was met. The same SQLState means
 * different things before COMMIT, at COMMIT and outside a transaction.
 */
public enum Phase {

	/** No connection was handed out yet, so nothing can have been done. */
	ACQUISITION,

	/** A statement of a transaction, before COMMIT was sent. */
	IN_TRANSACTION,

	/** COMMIT was sent and not answered normally. */
	AT_COMMIT,

	/** A statement outside a transaction: it commits by itself. */
	AUTOCOMMIT

}
