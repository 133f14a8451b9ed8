// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.monitor;

import io.github.dbresilience.violations.health.OtherHalf;

/**
 * One half of a cycle between packages.
 */
public class Ring {

	OtherHalf other() {
		return new OtherHalf();
	}

}
