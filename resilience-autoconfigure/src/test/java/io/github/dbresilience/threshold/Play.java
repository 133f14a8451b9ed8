// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.alert.AlertEvent;

/**
 * An engine that looks at a scene once a second of its own time.
 */
final class Play {

	final FakeClock clock;

	final ThresholdEngine engine;

	Scene scene = new Scene();

	Play(Instant start, Map<ThresholdKind, ThresholdSettings> settings) {
		this.clock = new FakeClock(start);
		this.engine = new ThresholdEngine((name) -> settings, new AlertSource("shop", "host1:8080"), this.clock);
	}

	/** What is told within a time. */
	List<AlertEvent> during(Duration duration) {
		List<AlertEvent> events = new ArrayList<>();
		for (Instant end = this.clock.instant().plus(duration); this.clock.instant().isBefore(end);) {
			this.clock.advance(Duration.ofSeconds(1));
			events.addAll(this.engine.look(this.scene.at(this.clock.instant())));
		}
		return events;
	}

}
