// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * Makes alerts of snapshots. It asks nobody and tells nobody. Not thread-safe.
 */
public final class ThresholdEngine {

	/** After a longer pause, of the machine for example, all waiting starts anew. */
	private static final Duration PAUSE = Duration.ofSeconds(10);

	private final Function<String, Map<ThresholdKind, ThresholdSettings>> settings;

	private final AlertSource source;

	private final Clock clock;

	private final Map<String, Watched> watched = new HashMap<>();

	/**
	 * Creates an engine that has seen nothing yet.
	 * @param settings the thresholds of a data source, by its name
	 * @param source whose alerts they are
	 * @param clock tells when a snapshot is looked at
	 */
	public ThresholdEngine(Function<String, Map<ThresholdKind, ThresholdSettings>> settings, AlertSource source,
			Clock clock) {
		this.settings = settings;
		this.source = source;
		this.clock = clock;
	}

	/**
	 * Looks at a data source. To be called about every second.
	 * @param snapshot what is known of it
	 * @return what has changed, in the order of {@link ThresholdKind}
	 */
	public List<AlertEvent> look(Snapshot snapshot) {
		return this.watched.computeIfAbsent(snapshot.dataSource(), this::watch).look(snapshot, this.clock.instant());
	}

	private Watched watch(String dataSource) {
		List<ThresholdState> states = new ArrayList<>();
		this.settings.apply(dataSource).forEach((kind, own) -> {
			if (own.enabled()) {
				states.add(new ThresholdState(kind, dataSource, this.source, own));
			}
		});
		return new Watched(states);
	}

	private static final class Watched {

		private final List<ThresholdState> states;

		private final History history = new History();

		private @Nullable Instant last;

		private Watched(List<ThresholdState> states) {
			this.states = states;
		}

		private List<AlertEvent> look(Snapshot snapshot, Instant now) {
			if (this.last != null && (now.isBefore(this.last) || now.isAfter(this.last.plus(PAUSE)))) {
				this.states.forEach(ThresholdState::restart);
			}
			this.last = now;
			Look look = new Look(snapshot, this.history);
			List<AlertEvent> events = new ArrayList<>();
			for (ThresholdState state : this.states) {
				AlertEvent event = state.look(look, now);
				if (event != null) {
					events.add(event);
				}
			}
			return events;
		}

	}

}
