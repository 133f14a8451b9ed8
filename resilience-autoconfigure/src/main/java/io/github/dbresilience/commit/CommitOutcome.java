// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

/**
 * What became of a COMMIT whose answer was lost.
 */
public enum CommitOutcome {

	/** The transaction is committed, and as durable as the session asked for. */
	COMMITTED,

	/** It is not committed and never will be. */
	NOT_COMMITTED,

	/** Nobody could be asked in time, or the answer would be a guess. */
	UNKNOWN

}
