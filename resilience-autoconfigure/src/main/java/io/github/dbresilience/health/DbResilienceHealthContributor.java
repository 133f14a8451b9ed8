// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.monitor.HealthMonitor;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.HealthContributor;

/**
 * One health component per data source. It reads memory: no connection is taken, and a
 * database that hangs cannot make it slow.
 */
public final class DbResilienceHealthContributor implements CompositeHealthContributor {

	private final HealthMonitor monitor;

	private final Supplier<List<AlertEvent>> alerts;

	/**
	 * Creates the contributor.
	 * @param monitor what it reads
	 * @param alerts the alerts that fire now; read from memory
	 */
	public DbResilienceHealthContributor(HealthMonitor monitor, Supplier<List<AlertEvent>> alerts) {
		this.monitor = monitor;
		this.alerts = alerts;
	}

	@Override
	public @Nullable HealthContributor getContributor(String name) {
		return stream().filter((entry) -> entry.name().equals(name)).map(Entry::contributor).findFirst().orElse(null);
	}

	@Override
	public Stream<Entry> stream() {
		return this.monitor.all()
			.stream()
			.map((watched) -> new Entry(watched.protection().name(),
					new DataSourceHealthIndicator(watched, this.alerts)));
	}

}
