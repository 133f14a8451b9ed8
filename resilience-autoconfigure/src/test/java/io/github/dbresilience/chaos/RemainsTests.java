// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static io.github.dbresilience.chaos.Histories.id;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Only what a dead primary really holds is PostgreSQL's own loss.
 */
class RemainsTests {

	@Test
	void acknowledgedWorkThatNoServerHoldsStaysLost() {
		History history = new Histories().add(Outcome.OK, new Action.Insert(id(1)))
			.add(Outcome.OK, new Action.Insert(id(2)))
			.add(Outcome.FAILED, new Action.Insert(id(3)))
			.history();
		Verdict verdict = Verdict.of(history, new FinalState(Map.of(), List.of(), List.of(id(3)), Map.of(), Map.of()),
				0);
		Remains remains = new Remains();
		remains.add(new FinalState(Map.of(), List.of(), List.of(id(1), id(3)), Map.of(), Map.of()));
		assertThat(remains.lostByServer(verdict)).isOne();
		assertThat(remains.without(verdict).findings()).extracting(Finding::subject).containsExactly(id(2), id(3));
	}

}
