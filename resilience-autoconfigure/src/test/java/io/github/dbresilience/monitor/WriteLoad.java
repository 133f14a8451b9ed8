// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

import org.awaitility.Awaitility;

/**
 * Clients that write again and again.
 */
final class WriteLoad implements AutoCloseable {

	final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();

	final ConcurrentMap<Long, Throwable> failed = new ConcurrentHashMap<>();

	/** When each was begun, by the {@code nanoTime}. */
	final ConcurrentMap<Long, Long> begun = new ConcurrentHashMap<>();

	private final AtomicLong lastDone = new AtomicLong();

	private final AtomicLong successes = new AtomicLong();

	private final AtomicBoolean over = new AtomicBoolean();

	private final List<Thread> threads = new ArrayList<>();

	WriteLoad(int clients, AtomicLong ids, LongConsumer write) {
		for (int i = 0; i < clients; i++) {
			Thread thread = new Thread(() -> work(ids, write));
			this.threads.add(thread);
			thread.start();
		}
	}

	private void work(AtomicLong ids, LongConsumer write) {
		while (!this.over.get()) {
			long id = ids.incrementAndGet();
			this.begun.put(id, System.nanoTime());
			try {
				write.accept(id);
				this.acknowledged.add(id);
				this.successes.incrementAndGet();
				this.lastDone.set(System.nanoTime());
			}
			catch (RuntimeException ex) {
				this.failed.put(id, ex);
				LockSupport.parkNanos(1_000_000);
			}
		}
	}

	Duration firstSuccessAfter(long moment) {
		AtomicLong first = new AtomicLong();
		Awaitility.await()
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(1))
			.atMost(Duration.ofSeconds(60))
			.until(() -> {
				first.set(this.lastDone.get());
				return first.get() > moment;
			});
		return Duration.ofNanos(first.get() - moment);
	}

	void awaitSuccesses(Duration time) {
		long before = this.successes.get();
		long start = System.nanoTime();
		Awaitility.await()
			.atMost(time.plusSeconds(60))
			.until(() -> System.nanoTime() - start > time.toNanos() && this.successes.get() > before + 10);
	}

	/**
	 * Waits for the last answer of each client.
	 */
	@Override
	public void close() throws InterruptedException {
		this.over.set(true);
		for (Thread thread : this.threads) {
			thread.join();
		}
	}

}
