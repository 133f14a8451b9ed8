// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.monitor;

import java.time.Clock;

import org.springframework.beans.factory.annotation.Autowired;

/**
 * Breaks the rule that dependencies are given to the constructor.
 */
class InjectsIntoFields {

	@Autowired
	private Clock clock;

	Clock clock() {
		return this.clock;
	}

}
