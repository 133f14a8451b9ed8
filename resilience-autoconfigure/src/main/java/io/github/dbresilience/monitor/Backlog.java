// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Knows for how long a follower has at least been behind, from looks at where the leader
 * and the follower are. It remembers where the leader was at one moment, until the
 * follower has come by there. Used by one thread.
 */
final class Backlog {

	private long position;

	private @Nullable Instant since;

	/**
	 * Takes a look.
	 * @param leader where the leader is
	 * @param follower where the follower is
	 * @param now the time of the look
	 * @return for how long, at least, the follower has not been where the leader was
	 */
	Duration look(long leader, long follower, Instant now) {
		if (this.since == null || follower >= this.position || leader < this.position || now.isBefore(this.since)) {
			this.position = leader;
			this.since = now;
			return Duration.ZERO;
		}
		return Duration.between(this.since, now);
	}

}
