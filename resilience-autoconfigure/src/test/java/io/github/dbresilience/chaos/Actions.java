// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Draws what callers ask for. Lists are given up for new ones after a while, so that they
 * stay short. Thread-safe; the generators are not.
 */
final class Actions {

	private static final int LISTS = 5;

	private static final int ELEMENTS = 40;

	private final AtomicLong values = new AtomicLong();

	/**
	 * Draws an action.
	 * @param kind what sort of action
	 * @param random generator of the caller
	 * @return an action with ids of its own
	 */
	Action draw(ActionKind kind, Random random) {
		return switch (kind) {
			case TRANSFER -> transfer(random);
			case INSERT -> new Action.Insert(id(random));
			case INCREMENT -> new Action.Increment(1 + random.nextInt(LedgerTables.COUNTERS));
			case LISTS -> lists(random);
			case READ ->
				new Action.Lists(List.of(new Action.Read(list(random), null), new Action.Read(list(random), null)));
		};
	}

	private static Action transfer(Random random) {
		int from = random.nextInt(LedgerTables.ACCOUNTS);
		int to = (from + 1 + random.nextInt(LedgerTables.ACCOUNTS - 1)) % LedgerTables.ACCOUNTS;
		return new Action.Transfer(id(random), 1 + from, 1 + to, 1 + random.nextInt(100));
	}

	private Action lists(Random random) {
		List<Action.Step> steps = new ArrayList<>();
		steps.add(append(random));
		int others = random.nextInt(4);
		for (int i = 0; i < others; i++) {
			Action.Step step = random.nextBoolean() ? append(random) : new Action.Read(list(random), null);
			steps.add(random.nextInt(steps.size() + 1), step);
		}
		return new Action.Lists(steps);
	}

	private Action.Append append(Random random) {
		return new Action.Append(list(random), this.values.incrementAndGet());
	}

	private int list(Random random) {
		return (int) (this.values.get() / (LISTS * ELEMENTS)) * LISTS + random.nextInt(LISTS);
	}

	private static UUID id(Random random) {
		return new UUID(random.nextLong(), random.nextLong());
	}

}
