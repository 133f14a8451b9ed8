// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Clock;
import java.util.stream.Stream;

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

	private final Clock clock;

	/**
	 * Creates the contributor.
	 * @param monitor what it reads
	 * @param clock tells how old a reading is
	 */
	public DbResilienceHealthContributor(HealthMonitor monitor, Clock clock) {
		this.monitor = monitor;
		this.clock = clock;
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
					new DataSourceHealthIndicator(watched, this.clock)));
	}

}
