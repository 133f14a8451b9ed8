// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static io.github.dbresilience.chaos.Histories.append;
import static io.github.dbresilience.chaos.Histories.lists;
import static io.github.dbresilience.chaos.Histories.read;
import static io.github.dbresilience.chaos.Histories.state;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Histories that no serial execution explains, each with the anomaly that it shows.
 */
class ListAppendCheckerTests {

	private final Histories history = new Histories();

	@Test
	void aSerialHistoryIsSound() {
		this.history.add(Outcome.OK, lists(read(1), append(1, 10), read(1, 10L)))
			.add(Outcome.OK, lists(append(1, 11), append(2, 20), read(1, 10L, 11L)))
			.add(Outcome.FAILED, lists(append(1, 12)))
			.add(Outcome.UNKNOWN, lists(append(2, 21), append(1, 13)))
			.add(Outcome.UNKNOWN, lists(append(2, 22)))
			.add(Outcome.OK, lists(read(2, 20L, 21L), read(1, 10L, 11L, 13L)));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L, 11L, 13L), 2, List.of(20L, 21L)))).isEmpty();
	}

	@Test
	void aMissingAppendIsLost() {
		this.history.add(Outcome.OK, lists(append(1, 10))).add(Outcome.OK, lists(append(1, 11)));
		assertThat(this.history.checkLists(Map.of(1, List.of(11L)))).containsExactly("LOST 10");
	}

	@Test
	void aDoubledAppendIsDuplicated() {
		this.history.add(Outcome.OK, lists(append(1, 10))).add(Outcome.OK, lists(append(1, 11)));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L, 11L, 10L)))).containsExactly("DUPLICATED 10");
	}

	@Test
	void aRefusedAppendThatIsThereIsResurrected() {
		this.history.add(Outcome.OK, lists(append(1, 10))).add(Outcome.FAILED, lists(append(1, 11)));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L, 11L)))).containsExactly("RESURRECTED 11");
	}

	@Test
	void halfATransactionIsTorn() {
		this.history.add(Outcome.UNKNOWN, lists(append(1, 10), append(2, 20)));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L)))).containsExactly("ANOMALY torn");
	}

	@Test
	void abortedRead() {
		this.history.concurrent(Outcome.FAILED, append(1, 10)).concurrent(Outcome.OK, read(1, 10L));
		assertThat(this.history.checkLists(Map.of())).containsExactly("ANOMALY G1a", "ANOMALY incompatible");
	}

	@Test
	void intermediateRead() {
		this.history.concurrent(Outcome.OK, append(1, 10), append(1, 11)).concurrent(Outcome.OK, read(1, 10L));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L, 11L)))).contains("ANOMALY G1b");
	}

	@Test
	void readsInAnotherOrderThanTheFinalOne() {
		this.history.concurrent(Outcome.OK, append(1, 10))
			.concurrent(Outcome.OK, append(1, 11))
			.concurrent(Outcome.OK, read(1, 11L));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L, 11L)))).containsExactly("ANOMALY incompatible");
	}

	@Test
	void aReadOfSomethingThatNobodyWrote() {
		this.history.concurrent(Outcome.OK, read(1, 10L));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L)))).containsExactly("ANOMALY 10", "ANOMALY garbage");
	}

	@Test
	void aReadThatShowsSomethingTwice() {
		this.history.concurrent(Outcome.OK, append(1, 10)).concurrent(Outcome.OK, read(1, 10L, 10L));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L)))).containsExactly("ANOMALY doubled",
				"ANOMALY incompatible");
	}

	@Test
	void aTransactionThatDoesNotSeeItsOwnAppend() {
		this.history.concurrent(Outcome.OK, append(1, 10), read(1));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L)))).containsExactly("ANOMALY internal");
	}

	@Test
	void aTransactionThatReadsTwiceAndSeesAnotherState() {
		this.history.concurrent(Outcome.OK, append(1, 10)).concurrent(Outcome.OK, read(1), read(1, 10L));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L)))).containsExactly("ANOMALY internal");
	}

	@Test
	void aTransactionThatReadsItsAppendBeforeItIsDone() {
		this.history.concurrent(Outcome.OK, read(1, 10L), append(1, 10));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L)))).contains("ANOMALY internal");
	}

	@Test
	void aReadWithoutWhatWasAcknowledgedBeforeIsStale() {
		this.history.add(Outcome.OK, lists(append(1, 10))).add(Outcome.OK, lists(read(1)));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L)))).containsExactly("ANOMALY stale");
	}

	@Test
	void aReadThatRanBesideTheAppendIsNotStale() {
		this.history.at(0, 20, Outcome.OK, lists(append(1, 10))).at(10, 30, Outcome.OK, lists(read(1)));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L)))).isEmpty();
	}

	@Test
	void twoThatReadTheSameStateAndBothAppendLoseAnUpdate() {
		this.history.concurrent(Outcome.OK, read(1), append(1, 10)).concurrent(Outcome.OK, read(1), append(1, 11));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L, 11L)))).containsExactly("ANOMALY lost update",
				"ANOMALY G-single");
	}

	@Test
	void dirtyWritesAreACycleOfWrites() {
		this.history.concurrent(Outcome.OK, append(1, 10), append(2, 20))
			.concurrent(Outcome.OK, append(1, 11), append(2, 21));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L, 11L), 2, List.of(21L, 20L))))
			.containsExactly("ANOMALY G0");
	}

	@Test
	void circularInformationFlow() {
		this.history.concurrent(Outcome.OK, append(1, 10), read(2, 20L))
			.concurrent(Outcome.OK, append(2, 20), read(1, 10L));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L), 2, List.of(20L)))).containsExactly("ANOMALY G1c");
	}

	@Test
	void readSkew() {
		this.history.concurrent(Outcome.OK, append(1, 10), append(2, 20)).concurrent(Outcome.OK, read(1), read(2, 20L));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L), 2, List.of(20L))))
			.containsExactly("ANOMALY G-single");
	}

	@Test
	void writeSkewIsPrintedAsItsTwoTransactions() {
		this.history.concurrent(Outcome.OK, read(1), append(2, 20)).concurrent(Outcome.OK, read(2), append(1, 10));
		Map<Integer, List<Long>> lists = Map.of(1, List.of(10L), 2, List.of(20L));
		assertThat(this.history.checkLists(lists)).containsExactly("ANOMALY G2");
		assertThat(new ListAppendChecker().check(this.history.history(), state(lists))).singleElement()
			.asString()
			.contains("read list 1 without 10", "read list 2 without 20", "p0", "p1");
	}

	@Test
	void anUnknownTransactionWhoseAppendIsThereTakesPartInCycles() {
		this.history.concurrent(Outcome.UNKNOWN, append(1, 10), append(2, 20))
			.concurrent(Outcome.OK, read(1), read(2, 20L));
		assertThat(this.history.checkLists(Map.of(1, List.of(10L), 2, List.of(20L))))
			.containsExactly("ANOMALY G-single");
	}

}
