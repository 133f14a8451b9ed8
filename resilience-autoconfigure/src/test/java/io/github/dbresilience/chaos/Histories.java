// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * Hand-made histories. Each operation runs from ten times its number for five
 * milliseconds.
 */
final class Histories {

	private final List<Operation> operations = new ArrayList<>();

	Histories add(Outcome outcome, Action action) {
		int number = this.operations.size();
		return at(number * 10, number * 10 + 5, outcome, action);
	}

	Histories at(int from, int until, Outcome outcome, Action action) {
		this.operations.add(new Operation("p" + this.operations.size(), Duration.ofMillis(from),
				Duration.ofMillis(until), action, outcome, null));
		return this;
	}

	/** All at the same time, so that only what they read orders them. */
	Histories concurrent(Outcome outcome, Action.Step... steps) {
		return at(0, 1000, outcome, lists(steps));
	}

	History history() {
		return new History(this.operations);
	}

	List<String> checkLists(Map<Integer, List<Long>> lists) {
		return new ListAppendChecker().check(history(), state(lists))
			.stream()
			.map((finding) -> finding.kind() + " " + finding.subject())
			.toList();
	}

	static FinalState state(Map<Integer, List<Long>> lists) {
		return new FinalState(Map.of(), List.of(), List.of(), Map.of(), lists);
	}

	static UUID id(int number) {
		return new UUID(0, number);
	}

	static Action.Lists lists(Action.Step... steps) {
		return new Action.Lists(List.of(steps));
	}

	static Action.Append append(int key, long value) {
		return new Action.Append(key, value);
	}

	static Action.Read read(int key, @Nullable Long... seen) {
		return new Action.Read(key, List.of(seen));
	}

}
