// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import static io.github.dbresilience.chaos.Histories.id;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Damaged tables that the checker has to see.
 */
class InsertCheckerTests {

	private final History history = new Histories().add(Outcome.OK, new Action.Insert(id(1)))
		.add(Outcome.OK, new Action.Insert(id(2)))
		.add(Outcome.FAILED, new Action.Insert(id(3)))
		.add(Outcome.UNKNOWN, new Action.Insert(id(4)))
		.add(Outcome.UNKNOWN, new Action.Insert(id(5)))
		.history();

	@Test
	void unknownMayBeThereOrNot() {
		assertThat(check(id(1), id(2), id(4))).isEmpty();
		assertThat(check(id(2), id(1))).isEmpty();
		assertThat(check(id(5), id(4), id(2), id(1))).isEmpty();
	}

	@Test
	void aMissingRowIsLost() {
		assertThat(check(id(1))).containsExactly("LOST " + id(2));
	}

	@Test
	void aSecondRowIsDuplicated() {
		assertThat(check(id(1), id(2), id(1))).containsExactly("DUPLICATED " + id(1));
	}

	@Test
	void anUnknownRowMayNotBeThereTwice() {
		assertThat(check(id(1), id(2), id(4), id(4))).containsExactly("DUPLICATED " + id(4));
	}

	@Test
	void aRefusedRowIsResurrected() {
		assertThat(check(id(1), id(2), id(3))).containsExactly("RESURRECTED " + id(3));
	}

	@Test
	void aRowOfNobodyIsAnAnomaly() {
		assertThat(check(id(1), id(2), id(9))).containsExactly("ANOMALY " + id(9));
	}

	private List<String> check(UUID... rows) {
		return new InsertChecker()
			.check(this.history, new FinalState(Map.of(), List.of(), List.of(rows), Map.of(), Map.of()))
			.stream()
			.map((finding) -> finding.kind() + " " + finding.subject())
			.toList();
	}

}
