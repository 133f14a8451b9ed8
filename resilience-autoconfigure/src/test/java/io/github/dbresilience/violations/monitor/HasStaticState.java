// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.monitor;

/**
 * Breaks the rule that there is no mutable static state.
 */
class HasStaticState {

	static int count;

	int next() {
		return count++;
	}

}
