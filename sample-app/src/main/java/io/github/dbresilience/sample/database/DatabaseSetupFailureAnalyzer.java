// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Shows a {@link DatabaseSetupException} in words instead of a stack trace.
 */
class DatabaseSetupFailureAnalyzer extends AbstractFailureAnalyzer<DatabaseSetupException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, DatabaseSetupException cause) {
		return new FailureAnalysis(cause.getMessage(), cause.action(), cause);
	}

}
