// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertSeverity;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * What the monitor found, over all servers of a data source.
 */
final class DatabaseMeters {

	private DatabaseMeters() {
	}

	static void bind(Meters meters, Source source) {
		for (DatabaseState state : DatabaseState.values()) {
			meters.with("state", state.name().toLowerCase(Locale.ROOT))
				.gauge("database.state", "1 for the state of the database, 0 for the others", source,
						(read) -> Meters.flag(read.snapshot().state() == state));
		}
		meters.time("snapshot.age", "Age of the oldest probe of its servers", source, (read) -> age(read.snapshot()));
		meters.time("probe.latency", "Round trip of the last probe of the server that serves", source,
				(read) -> latency(read.snapshot()));
		meters.gauge("probe.up", "1 if the last probe reached the database, 0 if not", source,
				(read) -> Meters.flag(isUp(read.snapshot())));
		for (AlertSeverity severity : AlertSeverity.values()) {
			meters.with("severity", severity.name().toLowerCase(Locale.ROOT))
				.gauge("alerts.firing", "Alerts that fire now", source, (read) -> firing(read, severity));
		}
	}

	private static double firing(Source source, AlertSeverity severity) {
		String dataSource = source.snapshot().dataSource();
		return source.alerts()
			.stream()
			.filter((alert) -> alert.dataSource().equals(dataSource) && alert.severity() == severity
					&& alert.status() == AlertEvent.Status.FIRING)
			.count();
	}

	private static @Nullable Duration age(Snapshot snapshot) {
		return snapshot.servers().isEmpty() ? null : snapshot.age();
	}

	private static @Nullable Duration latency(Snapshot snapshot) {
		ServerSnapshot serving = snapshot.serving();
		return (serving != null) ? serving.latency() : null;
	}

	private static @Nullable Boolean isUp(Snapshot snapshot) {
		if (snapshot.servers().stream().map(ServerSnapshot::latency).anyMatch(Objects::nonNull)) {
			return true;
		}
		boolean probed = snapshot.servers().stream().map(ServerSnapshot::probedAt).anyMatch(Objects::nonNull);
		return probed ? false : null;
	}

}
