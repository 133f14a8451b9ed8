// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.io.Serial;

import org.springframework.transaction.IllegalTransactionStateException;

/**
 * A method with {@link RetryableTransaction} was called inside a transaction that nobody
 * tries again. After a fault the whole of that transaction is lost, so that trying the
 * method again would not help. Nothing was done.
 */
public class RetryInsideTransactionException extends IllegalTransactionStateException {

	@Serial
	private static final long serialVersionUID = 1L;

	RetryInsideTransactionException(String method) {
		super(method + " has @RetryableTransaction but was called inside a transaction that is not tried again. "
				+ "Annotate the outermost transactional method instead; REQUIRES_NEW is no way out, as the outer "
				+ "transaction is lost all the same. Where the transaction is a test's, or joining it is meant, set "
				+ "db.resilience.retry.inside-transaction=join");
	}

}
