// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.time.Duration;
import java.util.UUID;

/**
 * The token that one COMMIT carries.
 *
 * @param id the token
 * @param sentNanos when it was sent, by {@link System#nanoTime()}
 */
record CommitToken(UUID id, long sentNanos) {

	static CommitToken create() {
		return new CommitToken(UUID.randomUUID(), System.nanoTime());
	}

	boolean isOlderThan(Duration age) {
		return System.nanoTime() - this.sentNanos > age.toNanos();
	}

}
