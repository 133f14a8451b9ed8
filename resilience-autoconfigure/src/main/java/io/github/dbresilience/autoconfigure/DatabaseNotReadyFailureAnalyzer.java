// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.monitor.DatabaseNotReadyException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says why the database cannot be used at start-up, and what to do.
 */
final class DatabaseNotReadyFailureAnalyzer extends AbstractFailureAnalyzer<DatabaseNotReadyException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, DatabaseNotReadyException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.mend(), cause);
	}

}
