// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertListener;
import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.HealthMonitor;

/**
 * Replaces the connections of a pool when one of the chosen thresholds fires: each when
 * it is idle, while the database serves, and not more often than every ten minutes.
 * Thread-safe.
 */
public final class RecyclingListener implements AlertListener {

	private static final Duration DISTANCE = Duration.ofMinutes(10);

	private final HealthMonitor monitor;

	private final Set<ThresholdKind> thresholds;

	private final Clock clock;

	private final Map<String, Instant> recycled = new ConcurrentHashMap<>();

	/**
	 * Creates a listener.
	 * @param monitor knows the pools
	 * @param thresholds those that have the pool replaced
	 * @param clock tells when a pool was replaced
	 */
	public RecyclingListener(HealthMonitor monitor, Set<ThresholdKind> thresholds, Clock clock) {
		this.monitor = monitor;
		this.thresholds = Set.copyOf(thresholds);
		this.clock = clock;
	}

	@Override
	public void onAlert(AlertEvent event) {
		boolean chosen = this.thresholds.stream().anyMatch((kind) -> kind.id().equals(event.name()));
		if (chosen && event.status() == AlertEvent.Status.FIRING) {
			this.monitor.all()
				.stream()
				.filter((watched) -> watched.protection().name().equals(event.dataSource()))
				.forEach((watched) -> recycle(watched, event));
		}
	}

	private void recycle(DataSourceMonitor watched, AlertEvent event) {
		Instant now = this.clock.instant();
		Instant before = this.recycled.get(event.dataSource());
		boolean due = before == null || Duration.between(before, now).compareTo(DISTANCE) >= 0;
		if (due && watched.protection().pool() != null && watched.snapshot().state().isServing()) {
			this.recycled.put(event.dataSource(), now);
			watched.recycle("the alert " + event.name() + " fires");
		}
	}

}
