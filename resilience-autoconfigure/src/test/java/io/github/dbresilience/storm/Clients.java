// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.storm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Threads that keep asking. Each sends its next request when the last one was answered.
 */
final class Clients {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private final LongConsumer request;

	private final Duration pause;

	private final AtomicLong ids = new AtomicLong();

	private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

	private final CountDownLatch stop = new CountDownLatch(1);

	private final List<Thread> threads = new ArrayList<>();

	private Clients(Duration pause, LongConsumer request) {
		this.pause = pause;
		this.request = request;
	}

	/**
	 * Starts clients.
	 * @param count how many
	 * @param pause between an answer and the next request
	 * @param request is given its number, from 1 on
	 * @return the clients at work
	 */
	static Clients start(int count, Duration pause, LongConsumer request) {
		Clients clients = new Clients(pause, request);
		for (int client = 0; client < count; client++) {
			int number = client;
			Thread thread = new Thread(() -> clients.ask(number), "client-" + client);
			thread.setDaemon(true);
			clients.threads.add(thread);
		}
		clients.threads.forEach(Thread::start);
		return clients;
	}

	private void ask(int client) {
		try {
			do {
				long id = this.ids.incrementAndGet();
				long start = System.nanoTime();
				Throwable failure = null;
				try {
					this.request.accept(id);
				}
				catch (RuntimeException | Error ex) {
					failure = ex;
				}
				this.answers.add(new Answer(client, id, start, System.nanoTime(), failure));
			}
			while (!this.stop.await(this.pause.toNanos(), TimeUnit.NANOSECONDS));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Lets them work.
	 */
	void work(Duration time) throws InterruptedException {
		assertThat(this.stop.await(time.toNanos(), TimeUnit.NANOSECONDS)).isFalse();
	}

	List<Answer> answers() {
		return List.copyOf(this.answers);
	}

	/**
	 * Waits for the last answer of each; fails if there is none.
	 */
	List<Answer> stop() throws InterruptedException {
		this.stop.countDown();
		for (Thread thread : this.threads) {
			TimeUnit.NANOSECONDS.timedJoin(thread, PATIENCE.toNanos());
			assertThat(thread.isAlive()).as("%s still waits", thread.getName()).isFalse();
		}
		return answers();
	}

}
