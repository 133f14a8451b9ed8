// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.circuitbreaker.InvalidResilientOperationException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says which {@code @ResilientOperation} cannot work.
 */
final class InvalidResilientOperationFailureAnalyzer
		extends AbstractFailureAnalyzer<InvalidResilientOperationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidResilientOperationException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()),
				"Correct the annotation: give it a name, and name a fallback method of the same class that takes the "
						+ "same parameters and returns the same type.",
				cause);
	}

}
