// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The nemesis lets time pass between and in its deeds: that is part of what it does.
 */
final class Pause {

	private Pause() {
	}

	static void forAbout(Duration duration) throws InterruptedException {
		new CountDownLatch(1).await(duration.toNanos(), TimeUnit.NANOSECONDS);
	}

	static void between(int leastMillis, int mostMillis, Random random) throws InterruptedException {
		forAbout(Duration.ofMillis(leastMillis + random.nextInt(mostMillis - leastMillis)));
	}

}
