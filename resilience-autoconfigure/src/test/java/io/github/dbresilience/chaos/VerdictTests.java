// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static io.github.dbresilience.chaos.Histories.append;
import static io.github.dbresilience.chaos.Histories.id;
import static io.github.dbresilience.chaos.Histories.lists;
import static io.github.dbresilience.chaos.Histories.read;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * All checkers are asked.
 */
class VerdictTests {

	@Test
	void findingsOfAllCheckersAreCounted() {
		History history = new Histories().add(Outcome.OK, new Action.Transfer(id(1), 1, 2, 10))
			.add(Outcome.FAILED, new Action.Insert(id(2)))
			.add(Outcome.UNKNOWN, new Action.Increment(1))
			.add(Outcome.OK, lists(append(1, 1)))
			.add(Outcome.OK, lists(read(1)))
			.history();
		Verdict verdict = Verdict.of(history, new FinalState(Map.of(1, 100L, 2, 100L), List.of(), List.of(id(2)),
				Map.of(1, 2L), Map.of(1, List.of(1L))), 100);
		assertThat(verdict.lost()).isOne();
		assertThat(verdict.duplicated()).isOne();
		assertThat(verdict.resurrected()).isOne();
		assertThat(verdict.anomalies()).isOne();
		assertThat(verdict.details(List.of(new Disturbance("cut", Duration.ofMillis(12), Duration.ofMillis(13)))))
			.contains("counter 1 is 2, acknowledged 0, unknown 1", "during cut 12..13 ms")
			.containsOnlyOnce("during");
		assertThat(verdict).asString()
			.contains("5 operations: 3 ok, 1 failed, 1 unknown; lost 1, duplicated 1, resurrected 1, anomalies 1");
	}

}
