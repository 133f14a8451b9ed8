// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import io.github.dbresilience.retry.RetrySettings.Transactions;

/**
 * What a transaction is, as far as trying it again is concerned.
 */
public enum TransactionKind {

	/** Declared read-only. */
	READ_ONLY,

	/** May write, and its author says that it may be tried again. */
	OPTED_IN,

	/** May write. */
	WRITING;

	boolean isRetried(Transactions which) {
		return switch (which) {
			case OFF -> false;
			case READ_ONLY -> this == READ_ONLY;
			case ANNOTATED -> this != WRITING;
			case ALL -> true;
		};
	}

}
