// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.io.Serial;

import org.springframework.transaction.TransactionSystemException;

/**
 * The answer to COMMIT was lost and it could not be found out whether the transaction was
 * committed. <b>Never try again blindly:</b> look up, by a business key, whether it
 * happened. The cause is the original failure; behind it is an
 * {@link java.sql.SQLException} with SQLState {@code 08007}.
 */
public class TransactionOutcomeUnknownException extends TransactionSystemException {

	@Serial
	private static final long serialVersionUID = 1L;

	TransactionOutcomeUnknownException(String transaction, Throwable cause) {
		super(transaction + " - it is not known whether the transaction was committed; look it up before trying again",
				cause);
	}

}
