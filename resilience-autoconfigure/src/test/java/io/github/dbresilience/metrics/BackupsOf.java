// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.List;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.monitor.Snapshot;
import io.github.dbresilience.monitor.Snapshots;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/**
 * Registers the meters of the backups of a data source, for tests of other packages.
 */
public final class BackupsOf {

	private BackupsOf() {
	}

	public static void dataSource(String name, MeterRegistry registry) {
		BackupMeters.bind(new Meters(registry, Tags.of("data.source", name)), new Source() {
			@Override
			public Snapshot snapshot() {
				return Snapshots.full();
			}

			@Override
			public List<AlertEvent> alerts() {
				return List.of();
			}
		});
	}

}
