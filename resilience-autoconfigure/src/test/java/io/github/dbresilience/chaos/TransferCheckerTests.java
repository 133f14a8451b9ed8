// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.chaos.Action.Transfer;
import org.junit.jupiter.api.Test;

import static io.github.dbresilience.chaos.Histories.id;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Damaged ledgers that the checker has to see.
 */
class TransferCheckerTests {

	private static final Transfer FIRST = new Transfer(id(1), 1, 2, 10);

	private static final Transfer SECOND = new Transfer(id(2), 2, 3, 5);

	private static final Transfer REFUSED = new Transfer(id(3), 3, 1, 7);

	private static final Transfer UNKNOWN = new Transfer(id(4), 1, 3, 1);

	private final History history = new Histories().add(Outcome.OK, FIRST)
		.add(Outcome.OK, SECOND)
		.add(Outcome.FAILED, REFUSED)
		.add(Outcome.UNKNOWN, UNKNOWN)
		.history();

	@Test
	void aSoundLedger() {
		assertThat(check(Map.of(1, 90L, 2, 105L, 3, 105L), FIRST, SECOND)).isEmpty();
		assertThat(check(Map.of(1, 89L, 2, 105L, 3, 106L), SECOND, UNKNOWN, FIRST)).isEmpty();
	}

	@Test
	void aTransferThatIsGoneAsAWholeIsLost() {
		assertThat(check(Map.of(1, 90L, 2, 110L, 3, 100L), FIRST)).containsExactly("LOST " + id(2));
	}

	@Test
	void aTransferThatWasDoneTwiceIsDuplicated() {
		assertThat(check(Map.of(1, 80L, 2, 115L, 3, 105L), FIRST, SECOND, FIRST))
			.containsExactly("DUPLICATED " + id(1));
	}

	@Test
	void aRefusedTransferThatWasDoneIsResurrected() {
		assertThat(check(Map.of(1, 97L, 2, 105L, 3, 98L), FIRST, SECOND, REFUSED))
			.containsExactly("RESURRECTED " + id(3));
	}

	@Test
	void aDoubledBookingWithoutItsRecordIsSeenInTheBalances() {
		assertThat(check(Map.of(1, 80L, 2, 115L, 3, 105L), FIRST, SECOND)).containsExactly("ANOMALY 1", "ANOMALY 2");
	}

	@Test
	void halfATransferIsSeenInTheSum() {
		assertThat(check(Map.of(1, 90L, 2, 105L, 3, 100L), FIRST, SECOND)).containsExactly("ANOMALY sum", "ANOMALY 3");
	}

	@Test
	void anotherAmountThanWasAskedForIsAnAnomaly() {
		assertThat(check(Map.of(1, 89L, 2, 106L, 3, 105L), new Transfer(id(1), 1, 2, 11), SECOND))
			.containsExactly("ANOMALY " + id(1));
	}

	private List<String> check(Map<Integer, Long> balances, Transfer... rows) {
		List<Finding> findings = new ArrayList<>(new TransferChecker(100).check(this.history,
				new FinalState(balances, List.of(rows), List.of(), Map.of(), Map.of())));
		return findings.stream().map((finding) -> finding.kind() + " " + finding.subject()).toList();
	}

}
