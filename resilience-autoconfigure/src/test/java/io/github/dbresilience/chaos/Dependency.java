// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

/**
 * That one transaction has to come before another one in every serial order (Adya).
 *
 * @param from the earlier one
 * @param to the later one
 * @param kind why
 * @param reason why, in words
 */
record Dependency(Operation from, Operation to, Kind kind, String reason) {

	/** Why one transaction comes before another one. */
	enum Kind {

		/** The later one overwrote what the earlier one wrote. */
		WW,

		/** The later one read what the earlier one wrote. */
		WR,

		/** The later one overwrote what the earlier one read. */
		RW

	}

}
