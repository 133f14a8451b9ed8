// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.monitor;

import org.springframework.retry.support.RetryTemplate;

/**
 * Breaks the rule that only {@code retry} knows spring-retry.
 */
class ImportsSpringRetry {

	RetryTemplate template() {
		return new RetryTemplate();
	}

}
