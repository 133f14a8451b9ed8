// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.health;

import io.github.dbresilience.violations.monitor.Ring;

/**
 * The other half of a cycle between packages.
 */
public class OtherHalf {

	Ring ring() {
		return new Ring();
	}

}
