// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.time.Duration;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * The token that one COMMIT carries.
 *
 * @param id the token
 * @param session the session that was sent it, {@code null} if that is not known
 * @param sentNanos when it was sent, by {@link System#nanoTime()}
 */
record CommitToken(UUID id, @Nullable ServerSession session, long sentNanos) {

	static CommitToken create(@Nullable ServerSession session) {
		return new CommitToken(UUID.randomUUID(), session, System.nanoTime());
	}

	boolean isOlderThan(Duration age) {
		return System.nanoTime() - this.sentNanos > age.toNanos();
	}

}
