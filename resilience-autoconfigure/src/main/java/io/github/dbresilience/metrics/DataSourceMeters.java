// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.metrics;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;

/**
 * The meters of what is known of one data source. Its servers are known once its pool is,
 * and its backups once a status file is configured: their meters are registered with the
 * first snapshot that has them. Thread-safe.
 */
final class DataSourceMeters implements Source {

	private final Meters meters;

	private final Supplier<Snapshot> snapshots;

	private final Supplier<List<AlertEvent>> alerts;

	private final Set<String> servers = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean backups = new AtomicBoolean();

	DataSourceMeters(Meters meters, Supplier<Snapshot> snapshots, Supplier<List<AlertEvent>> alerts) {
		this.meters = meters;
		this.snapshots = snapshots;
		this.alerts = alerts;
	}

	void bind() {
		DatabaseMeters.bind(this.meters, this);
		PoolMeters.bind(this.meters, this);
		snapshot();
	}

	@Override
	public Snapshot snapshot() {
		Snapshot snapshot = this.snapshots.get();
		for (ServerSnapshot server : snapshot.servers()) {
			if (this.servers.add(server.address())) {
				Meters own = this.meters.with("server", server.address());
				ServerMeters.bind(own, this, server.address());
				SampleMeters.bind(own, this, server.address());
			}
		}
		if (snapshot.backup() != null && this.backups.compareAndSet(false, true)) {
			BackupMeters.bind(this.meters, this);
		}
		return snapshot;
	}

	@Override
	public List<AlertEvent> alerts() {
		return this.alerts.get();
	}

}
