// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pause between two probes, a little longer or shorter each time. A hint ends it, but
 * not at once: many hints make few probes. Thread-safe.
 */
final class Pacer {

	/** Hints do not bring the next probe nearer than this. */
	static final Duration SHORTEST = Duration.ofMillis(50);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition wakeUp = this.lock.newCondition();

	private boolean hinted;

	/**
	 * Asks for a probe soon.
	 */
	void hint() {
		this.lock.lock();
		try {
			this.hinted = true;
			this.wakeUp.signal();
		}
		finally {
			this.lock.unlock();
		}
	}

	void pause(Duration interval) throws InterruptedException {
		long nanos = (long) (interval.toNanos() * (0.9 + 0.2 * ThreadLocalRandom.current().nextDouble()));
		long start = System.nanoTime();
		this.lock.lockInterruptibly();
		try {
			long rest = nanos;
			while (rest > 0 && !(this.hinted && nanos - rest >= SHORTEST.toNanos())) {
				long step = this.hinted ? SHORTEST.toNanos() : rest;
				this.wakeUp.awaitNanos(Math.min(step, rest));
				rest = nanos - (System.nanoTime() - start);
			}
			this.hinted = false;
		}
		finally {
			this.lock.unlock();
		}
	}

}
