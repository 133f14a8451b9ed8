// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.monitor;

import java.util.Date;

/**
 * Breaks the rule that time is {@code java.time}.
 */
class UsesOldDates {

	Date now() {
		return new Date();
	}

}
