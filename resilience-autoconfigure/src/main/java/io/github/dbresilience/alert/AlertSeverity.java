// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

/**
 * How bad it is.
 */
public enum AlertSeverity {

	/** Look at it in office hours. */
	WARNING,

	/** Somebody has to act now. */
	CRITICAL

}
