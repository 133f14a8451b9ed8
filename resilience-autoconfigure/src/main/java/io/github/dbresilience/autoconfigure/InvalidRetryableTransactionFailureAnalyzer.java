// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.retry.InvalidRetryableTransactionException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says which {@code @RetryableTransaction} cannot work.
 */
final class InvalidRetryableTransactionFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidRetryableTransactionException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidRetryableTransactionException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()),
				"Put the annotation on a method that is @Transactional with a propagation that begins a transaction "
						+ "and that is called through the bean, or on a class with such methods; or remove it.",
				cause);
	}

}
