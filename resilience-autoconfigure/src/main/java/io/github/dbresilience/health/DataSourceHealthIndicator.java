// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.Snapshot;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * The health of one data source: what the monitor knows of its servers, its pool and its
 * backups, and what the circuit breaker does.
 */
final class DataSourceHealthIndicator implements HealthIndicator {

	/** How long a probe may take before its silence is told. */
	private static final Duration GRACE = Duration.ofSeconds(10);

	private final DataSourceMonitor monitor;

	private final Supplier<List<AlertEvent>> alerts;

	DataSourceHealthIndicator(DataSourceMonitor monitor, Supplier<List<AlertEvent>> alerts) {
		this.monitor = monitor;
		this.alerts = alerts;
	}

	@Override
	public Health health() {
		Snapshot snapshot = this.monitor.snapshot();
		return new Health.Builder(SnapshotStatus.of(snapshot, staleAfter(this.monitor)),
				SnapshotDetails.of(snapshot, this.alerts.get()))
			.build();
	}

	static Duration staleAfter(DataSourceMonitor monitor) {
		return monitor.protection().settings().monitor().probeInterval().multipliedBy(4).plus(GRACE);
	}

}
