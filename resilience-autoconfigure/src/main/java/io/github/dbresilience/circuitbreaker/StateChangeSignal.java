// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.circuitbreaker;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Wakes those who wait for a change. Thread-safe.
 */
final class StateChangeSignal {

	private final Lock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	void changed() {
		this.lock.lock();
		try {
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	void await(long seen, LongSupplier current, long nanos) throws InterruptedException {
		long rest = nanos;
		this.lock.lockInterruptibly();
		try {
			while (current.getAsLong() == seen && rest > 0) {
				rest = this.changed.awaitNanos(rest);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

}
