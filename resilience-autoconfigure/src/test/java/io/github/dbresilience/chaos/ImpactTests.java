// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static io.github.dbresilience.chaos.Histories.id;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Who was hit by a fault.
 */
class ImpactTests {

	@Test
	void operationsAreCountedByWhatRanWhenTheFaultHitAndWhatBeganWhileItLasted() {
		History history = new Histories().at(0, 10, Outcome.OK, new Action.Insert(id(1)))
			.at(5, 30, Outcome.OK, new Action.Insert(id(2)))
			.at(15, 40, Outcome.FAILED, new Action.Insert(id(3)))
			.at(20, 40, Outcome.UNKNOWN, new Action.Insert(id(4)))
			.at(21, 40, Outcome.OK, new Action.Insert(id(5)))
			.at(31, 40, Outcome.OK, new Action.Insert(id(6)))
			.history();
		Map<String, Impact> impacts = Impact.of(history,
				List.of(new Disturbance("cut", Duration.ofMillis(20), Duration.ofMillis(30)),
						new Disturbance("late", Duration.ofMillis(90), Duration.ofMillis(95))));
		assertThat(impacts).containsEntry("cut", new Impact(1, new Impact.Share(1, 1, 1), new Impact.Share(1, 0, 0)))
			.containsEntry("late", new Impact(1, new Impact.Share(0, 0, 0), new Impact.Share(0, 0, 0)));
		assertThat(Impact.table(impacts)).contains("33.3 %").contains("100.0 %");
	}

}
