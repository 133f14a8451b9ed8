// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.io.Serial;

/**
 * Something is annotated with {@link RetryableTransaction} in a way that cannot work.
 */
public class InvalidRetryableTransactionException extends IllegalStateException {

	@Serial
	private static final long serialVersionUID = 1L;

	InvalidRetryableTransactionException(String place, String problem) {
		super("@RetryableTransaction on %s cannot work: %s".formatted(place, problem));
	}

}
