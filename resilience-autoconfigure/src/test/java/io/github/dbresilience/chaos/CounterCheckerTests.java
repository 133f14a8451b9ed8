// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Counters that are too low or too high.
 */
class CounterCheckerTests {

	/** Two acknowledged, one refused, one unknown; another counter was never touched. */
	private final History history = new Histories().add(Outcome.OK, new Action.Increment(1))
		.add(Outcome.OK, new Action.Increment(1))
		.add(Outcome.FAILED, new Action.Increment(1))
		.add(Outcome.UNKNOWN, new Action.Increment(1))
		.history();

	@ParameterizedTest
	@ValueSource(longs = { 2, 3 })
	void acknowledgedUpToUnknown(long value) {
		assertThat(check(Map.of(1, value, 2, 0L))).isEmpty();
	}

	@Test
	void oneTooFewIsLost() {
		assertThat(check(Map.of(1, 1L))).containsExactly("LOST 1");
		assertThat(check(Map.of())).containsExactly("LOST 1");
	}

	@Test
	void oneTooManyIsDuplicated() {
		assertThat(check(Map.of(1, 4L))).containsExactly("DUPLICATED 1");
	}

	@Test
	void aCounterThatNobodyTouchedStaysNought() {
		assertThat(check(Map.of(1, 2L, 2, 1L))).containsExactly("DUPLICATED 2");
	}

	private List<String> check(Map<Integer, Long> counters) {
		return new CounterChecker()
			.check(this.history, new FinalState(Map.of(), List.of(), List.of(), counters, Map.of()))
			.stream()
			.map((finding) -> finding.kind() + " " + finding.subject())
			.toList();
	}

}
