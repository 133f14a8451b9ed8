// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.datasource.Protection;
import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.HealthMonitor;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

/**
 * The meters {@code db.resilience.*} of every data source. A gauge is NaN where its value
 * is not known.
 */
public final class DbResilienceMetrics implements MeterBinder {

	private final HealthMonitor monitor;

	private final Supplier<List<AlertEvent>> alerts;

	/** Registries hold what meters read weakly. */
	private final List<DataSourceMeters> kept = new CopyOnWriteArrayList<>();

	/**
	 * Creates the binder.
	 * @param monitor what it reads
	 * @param alerts the alerts that fire now; read from memory
	 */
	public DbResilienceMetrics(HealthMonitor monitor, Supplier<List<AlertEvent>> alerts) {
		this.monitor = monitor;
		this.alerts = alerts;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		this.monitor.onAdded((watched) -> bind(registry, watched));
	}

	private void bind(MeterRegistry registry, DataSourceMonitor watched) {
		Meters meters = new Meters(registry, Tags.of("data.source", watched.protection().name()));
		BreakerMeters.bind(meters, watched.protection());
		RetryMeters.bind(meters, watched.protection());
		CommitMeters.bind(meters, watched.protection());
		meters.counter("pool.connects", "Connections that the pool has opened", watched.protection(),
				Protection::openedConnections);
		DataSourceMeters found = new DataSourceMeters(meters, watched::snapshot, this.alerts);
		this.kept.add(found);
		found.bind();
	}

}
