// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.retry;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Time that passes only when it is told to, or when somebody sleeps in it.
 */
final class FakeTime implements LongSupplier, Sleeper {

	private final List<Duration> sleeps = new ArrayList<>();

	private long nanos;

	/**
	 * Starts near the overflow, as {@link System#nanoTime()} may.
	 */
	FakeTime() {
		this.nanos = Long.MAX_VALUE - Duration.ofSeconds(1).toNanos();
	}

	void pass(Duration duration) {
		this.nanos += duration.toNanos();
	}

	List<Duration> sleeps() {
		return this.sleeps;
	}

	@Override
	public long getAsLong() {
		return this.nanos;
	}

	@Override
	public void sleep(Duration duration) throws InterruptedException {
		if (Thread.interrupted()) {
			throw new InterruptedException("sleep interrupted");
		}
		this.sleeps.add(duration);
		pass(duration);
	}

}
