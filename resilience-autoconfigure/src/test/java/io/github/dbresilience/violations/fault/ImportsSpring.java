// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.violations.fault;

import org.springframework.dao.DataAccessException;

/**
 * Breaks the rule that {@code fault} knows Java only.
 */
class ImportsSpring {

	boolean isAccess(Exception exception) {
		return exception instanceof DataAccessException;
	}

}
