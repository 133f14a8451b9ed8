// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Random;

import io.github.dbresilience.testing.CommitFault;
import io.github.dbresilience.testing.CommitScript;
import io.github.dbresilience.testing.FaultProxy;

/**
 * Faults between the application and the server.
 */
final class NetworkFaults {

	private final FaultProxy proxy;

	NetworkFaults(FaultProxy proxy) {
		this.proxy = proxy;
	}

	List<Fault> all() {
		return List.of(new Fault("cut", (random, hit) -> this.proxy.cut()),
				new Fault("reset", (random, hit) -> this.proxy.reset()), new Fault("black hole", (random, hit) -> {
					this.proxy.blackHole();
					Pause.between(500, 2500, random);
					this.proxy.heal();
				}), new Fault("refuse", (random, hit) -> {
					this.proxy.refuse();
					this.proxy.cut();
					Pause.between(100, 800, random);
					this.proxy.accept();
				}), lostReply(), commit("lost COMMIT", CommitScript.dropCommit()),
				commit("lost COMMIT, token arrives", CommitScript.dropCommit().letOthersThrough()),
				commit("lost COMMIT, session stays", CommitScript.dropCommit().keepSession()),
				commit("lost COMMIT, both", CommitScript.dropCommit().letOthersThrough().keepSession()),
				new Fault("late COMMIT",
						(random, hit) -> commit(CommitScript.delayCommit(millis(50, 1500, random)), random, hit)),
				new Fault("late COMMIT, token arrives",
						(random, hit) -> commit(CommitScript.delayCommit(millis(50, 1500, random)).letOthersThrough(),
								random, hit)));
	}

	Fault lostReply() {
		return commit("lost reply to COMMIT", CommitScript.dropReply());
	}

	private Fault commit(String name, CommitScript script) {
		return new Fault(name, (random, hit) -> commit(script, random, hit));
	}

	/**
	 * Does another fault as soon as a COMMIT is lost, so that its outcome is looked for
	 * while that lasts.
	 * @param others the other faults
	 * @return faults
	 */
	List<Fault> lostCommitAnd(List<Fault> others) {
		return others.stream().map((other) -> new Fault("lost COMMIT, " + other.name(), (random, hit) -> {
			List<CommitScript> scripts = List.of(CommitScript.dropReply(), CommitScript.dropReply().keepSession(),
					CommitScript.dropCommit().letOthersThrough().keepSession(),
					CommitScript.delayCommit(millis(1, 500, random)).letOthersThrough());
			CommitFault fault = arm(scripts.get(random.nextInt(scripts.size())), random, hit);
			other.deed().inflict(random, hit);
			fault.release();
		})).toList();
	}

	private void commit(CommitScript script, Random random, Runnable hit) throws InterruptedException {
		CommitFault fault = arm(script, random, hit);
		Pause.between(100, 300, random);
		fault.release();
	}

	private CommitFault arm(CommitScript script, Random random, Runnable hit) {
		CommitFault fault = this.proxy.arm(script.times(1 + random.nextInt(3)).after(random.nextInt(5)));
		try {
			fault.await(Duration.ofSeconds(2));
			hit.run();
		}
		catch (IllegalStateException ex) {
			// Nobody commits while the breaker is open
		}
		this.proxy.disarm();
		return fault;
	}

	private static Duration millis(int least, int most, Random random) {
		return Duration.ofMillis(least + random.nextInt(most - least));
	}

}
