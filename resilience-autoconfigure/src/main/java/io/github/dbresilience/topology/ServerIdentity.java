// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.topology;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Who a server says it is.
 *
 * @param systemIdentifier the identifier that a primary shares with its standbys and
 * nobody else, {@code null} where the server does not tell it
 * @param role what it is now
 * @param timeline the timeline that it is on: of a primary the one it writes, of a
 * standby that of its last restart point; 0 where the server does not tell it
 * @param startedAt when its postmaster started, by its own clock
 */
public record ServerIdentity(@Nullable String systemIdentifier, ServerRole role, int timeline, Instant startedAt) {

	/**
	 * Whether the server takes writes.
	 * @return {@code true} if it does
	 */
	public boolean isPrimary() {
		return this.role == ServerRole.PRIMARY;
	}

}
