// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.alert;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue of one listener, and its thread, which is there only while there is something
 * to tell. Where the queue is full the oldest event is dropped: what is the matter now is
 * worth more. Thread-safe.
 */
final class AlertChannel {

	private static final Logger logger = LoggerFactory.getLogger(Alerts.class);

	private static final Duration REPETITION = Duration.ofMinutes(1);

	private final String name;

	private final AlertListener listener;

	private final int capacity;

	private final Deque<Runnable> queue = new ArrayDeque<>();

	private @Nullable Thread thread;

	private boolean closed;

	private boolean failing;

	private @Nullable Instant toldAt;

	private long delivered;

	private long failed;

	private long dropped;

	AlertChannel(String name, AlertListener listener, int capacity) {
		this.name = name;
		this.listener = listener;
		this.capacity = capacity;
	}

	void tell(AlertEvent event) {
		enqueue(() -> {
			this.listener.onAlert(event);
			delivered();
		});
	}

	/**
	 * Tells a sink again, if it is time.
	 */
	void repeat(List<AlertEvent> firing, Instant now) {
		if (this.listener instanceof Sink sink && isDue(now)) {
			enqueue(() -> sink.onStillFiring(firing));
		}
	}

	/** A queue that still holds something is not filled with more of the same. */
	private synchronized boolean isDue(Instant now) {
		Instant last = this.toldAt;
		if (last == null) {
			this.toldAt = now;
			return false;
		}
		if (this.thread != null || now.isBefore(last.plus(REPETITION))) {
			return false;
		}
		this.toldAt = now;
		return true;
	}

	private synchronized void delivered() {
		this.delivered++;
	}

	private synchronized void enqueue(Runnable task) {
		if (this.closed) {
			this.dropped++;
			return;
		}
		if (this.queue.size() == this.capacity) {
			this.queue.removeFirst();
			this.dropped++;
			if (this.dropped == 1) {
				logger.warn("The alert listener '{}' is too slow: events for it are dropped", this.name);
			}
		}
		this.queue.addLast(task);
		if (this.thread == null) {
			start();
		}
	}

	/** Where the machine gives no thread, the event waits for the next one. */
	private void start() {
		try {
			Thread created = new Thread(this::work, "db-resilience-alerts-" + this.name);
			created.setDaemon(true);
			created.start();
			this.thread = created;
		}
		catch (OutOfMemoryError ex) {
			logger.warn("The alert listener '{}' gets no thread: {}", this.name, ex.getMessage());
		}
	}

	private void work() {
		for (Runnable task = next(); task != null; task = next()) {
			run(task);
		}
	}

	private synchronized @Nullable Runnable next() {
		Runnable task = this.queue.pollFirst();
		if (task == null) {
			this.thread = null;
			notifyAll();
		}
		return task;
	}

	private void run(Runnable task) {
		try {
			task.run();
			worked();
		}
		catch (DeliveryException ex) {
			failed(ex.getMessage(), null);
		}
		catch (Throwable ex) {
			failed(ex.getClass().getName(), ex);
		}
	}

	private synchronized void worked() {
		if (this.failing) {
			this.failing = false;
			logger.info("The alert listener '{}' works again", this.name);
		}
	}

	private synchronized void failed(@Nullable String why, @Nullable Throwable ex) {
		this.failed++;
		if (!this.failing && !this.closed) {
			logger.warn("The alert listener '{}' failed: {}", this.name, why, ex);
		}
		this.failing = true;
	}

	/**
	 * Waits until everything was told.
	 * @param deadline when to stop waiting, in nanoseconds of {@link System#nanoTime()}
	 */
	synchronized void awaitIdle(long deadline) throws InterruptedException {
		for (long rest = deadline - System.nanoTime(); this.thread != null
				&& rest > 0; rest = deadline - System.nanoTime()) {
			wait(rest / 1_000_000 + 1);
		}
	}

	/**
	 * Takes no more, drops what was not told and interrupts the listener.
	 */
	synchronized void close() {
		this.closed = true;
		if (!this.queue.isEmpty()) {
			logger.warn("The application stops: {} events were not told to the alert listener '{}'", this.queue.size(),
					this.name);
		}
		this.dropped += this.queue.size();
		this.queue.clear();
		if (this.thread != null) {
			this.thread.interrupt();
		}
	}

	synchronized ListenerStatistics statistics() {
		return new ListenerStatistics(this.name, this.delivered, this.failed, this.dropped);
	}

}
