// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.util.LinkedHashMap;
import java.util.Map;

import io.github.dbresilience.monitor.DataSourceMonitor;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.monitor.HealthMonitor;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;

/**
 * Whether the application may be given work, as far as its databases matter: {@code UP}
 * or {@code OUT_OF_SERVICE}. Reads memory. Thread-safe.
 */
public final class ReadinessHealthIndicator implements HealthIndicator {

	private final HealthMonitor monitor;

	private final Readiness readiness;

	private volatile boolean started;

	/**
	 * Creates the indicator.
	 * @param monitor what it reads
	 * @param readiness what it makes of it
	 */
	public ReadinessHealthIndicator(HealthMonitor monitor, Readiness readiness) {
		this.monitor = monitor;
		this.readiness = readiness;
	}

	@Override
	public Health health() {
		Map<String, DatabaseState> states = new LinkedHashMap<>();
		this.monitor.all().forEach((watched) -> states.put(watched.protection().name(), watched.snapshot().state()));
		return new Health.Builder(isReady() ? Status.UP : Status.OUT_OF_SERVICE).withDetail("readiness", this.readiness)
			.withDetail("dataSources", states)
			.build();
	}

	private boolean isReady() {
		return switch (this.readiness) {
			case OFF -> true;
			case STRICT -> this.monitor.all().stream().allMatch(ReadinessHealthIndicator::isUp);
			case STARTED -> isStarted();
		};
	}

	private boolean isStarted() {
		if (!this.started) {
			this.started = this.monitor.all().stream().allMatch((watched) -> wasReached(watched.snapshot()));
		}
		return this.started;
	}

	/**
	 * What is not known to be well is not ready: {@code UNKNOWN} would count as ready.
	 */
	private static boolean isUp(DataSourceMonitor watched) {
		return SnapshotStatus.of(watched.snapshot(), DataSourceHealthIndicator.staleAfter(watched)).equals(Status.UP);
	}

	private static boolean wasReached(Snapshot snapshot) {
		return snapshot.state().isServing() || snapshot.servers().stream().anyMatch(ReadinessHealthIndicator::answered);
	}

	private static boolean answered(ServerSnapshot server) {
		return server.identity() != null;
	}

}
