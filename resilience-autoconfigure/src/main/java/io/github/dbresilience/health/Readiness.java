// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

/**
 * What the readiness of the application has to do with its databases.
 */
public enum Readiness {

	/**
	 * Ready once every database was reached, and from then on for good: an outage takes
	 * no instance out, as it would take all of them.
	 */
	STARTED,

	/** Ready while every database is. */
	STRICT,

	/** Nothing. */
	OFF

}
