// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;

/**
 * Monotonic time since the start of a run. Thread-safe.
 */
final class RunClock {

	private final long start = System.nanoTime();

	Duration now() {
		return Duration.ofNanos(System.nanoTime() - this.start);
	}

}
