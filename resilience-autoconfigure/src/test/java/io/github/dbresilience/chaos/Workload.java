// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;

import io.github.dbresilience.testing.Seed;

/**
 * Callers that do one thing after the other, each on a thread of its own, and remember
 * what they were told.
 */
final class Workload {

	private final Queue<Operation> operations = new ConcurrentLinkedQueue<>();

	private final List<Thread> threads = new ArrayList<>();

	private final Actions actions = new Actions();

	private final RunClock clock;

	private final Seed seed;

	private volatile boolean stopped;

	Workload(RunClock clock, Seed seed) {
		this.clock = clock;
		this.seed = seed;
	}

	/**
	 * Starts callers.
	 * @param name their name
	 * @param count how many
	 * @param ledger what they call
	 * @param kinds what they ask for, of what the ledger can do
	 * @param reading how they read exceptions
	 */
	void start(String name, int count, Ledger ledger, List<ActionKind> kinds, Outcomes.Reading reading) {
		List<ActionKind> possible = kinds.stream().filter(ledger.kinds()::contains).toList();
		for (int i = 0; i < count; i++) {
			String process = name + "-" + i;
			Random random = this.seed.random(1 + this.threads.size());
			Thread thread = new Thread(() -> run(process, random, ledger, possible, reading), process);
			thread.setDaemon(true);
			this.threads.add(thread);
			thread.start();
		}
	}

	private void run(String process, Random random, Ledger ledger, List<ActionKind> kinds, Outcomes.Reading reading) {
		while (!this.stopped) {
			Action action = this.actions.draw(kinds.get(random.nextInt(kinds.size())), random);
			Duration invoked = this.clock.now();
			Outcome outcome = Outcome.OK;
			String error = null;
			try {
				action = Ledger.perform(ledger, action);
			}
			catch (RuntimeException ex) {
				outcome = reading.apply(ex);
				error = Outcomes.describe(ex);
			}
			this.operations.add(new Operation(process, invoked, this.clock.now(), action, outcome, error));
		}
	}

	/**
	 * Lets the callers finish what they are at.
	 * @param timeout how long that may take
	 * @return everything that they did
	 * @throws InterruptedException if interrupted
	 */
	History stop(Duration timeout) throws InterruptedException {
		this.stopped = true;
		long deadline = System.nanoTime() + timeout.toNanos();
		for (Thread thread : this.threads) {
			thread.join(Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis()));
			if (thread.isAlive()) {
				IllegalStateException hung = new IllegalStateException(thread.getName() + " hangs");
				hung.setStackTrace(thread.getStackTrace());
				throw hung;
			}
		}
		return new History(List.copyOf(this.operations));
	}

}
