// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.time.Duration;

/**
 * Sleeps. Tests replace it.
 */
@FunctionalInterface
public interface Sleeper {

	/**
	 * Blocks the calling thread.
	 * @param duration how long
	 * @throws InterruptedException at once if the thread is or gets interrupted
	 */
	void sleep(Duration duration) throws InterruptedException;

	/**
	 * A sleeper that really sleeps.
	 * @return the sleeper
	 */
	static Sleeper real() {
		return (duration) -> Thread.sleep(duration.toMillis(), duration.toNanosPart() % 1_000_000);
	}

}
