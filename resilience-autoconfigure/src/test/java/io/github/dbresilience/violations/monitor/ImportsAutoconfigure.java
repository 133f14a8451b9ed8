// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.monitor;

import io.github.dbresilience.violations.autoconfigure.Settings;

/**
 * Breaks the rule that nobody knows {@code autoconfigure}.
 */
class ImportsAutoconfigure {

	Settings settings() {
		return new Settings();
	}

}
