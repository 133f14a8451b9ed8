// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.autoconfigure;

import io.github.dbresilience.alert.InvalidAlertSettingException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * Says which property of the alerts cannot be used, without a value that may be secret.
 */
final class InvalidAlertSettingFailureAnalyzer extends AbstractFailureAnalyzer<InvalidAlertSettingException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidAlertSettingException cause) {
		return new FailureAnalysis(cause.getMessage(),
				"Correct the property " + cause.property() + ". docs/alerts.md says what it takes.", cause);
	}

}
