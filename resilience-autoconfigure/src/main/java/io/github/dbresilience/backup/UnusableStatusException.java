// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.backup;

import java.io.Serial;

/**
 * A status file is of no use. The message says why and continues "… cannot be used:".
 */
final class UnusableStatusException extends RuntimeException {

	@Serial
	private static final long serialVersionUID = 1L;

	UnusableStatusException(String why) {
		super(why);
	}

	String why() {
		return String.valueOf(getMessage());
	}

}
