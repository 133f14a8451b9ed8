// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.datasource.Waits;
import io.github.dbresilience.fault.FaultClassifier;
import io.github.dbresilience.fault.Phase;
import io.github.dbresilience.topology.ServerIdentity;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots as the monitor may make them.
 */
public final class Snapshots {

	/** When all of them are made. */
	public static final Instant NOW = Instant.parse("2026-01-31T02:00:00Z");

	private Snapshots() {
	}

	/**
	 * A data source before anything was looked at.
	 */
	public static Snapshot unknown() {
		return new Snapshot("orders", NOW, DatabaseState.UNKNOWN, "not probed yet", List.of(), null,
				breaker(CircuitBreakerState.CLOSED), commits(), false, null);
	}

	/**
	 * One server without sample, backup or pool, probed a second ago.
	 */
	public static Snapshot in(DatabaseState state) {
		return in(state, CircuitBreakerState.CLOSED, Duration.ofSeconds(1));
	}

	public static Snapshot in(DatabaseState state, CircuitBreakerState breaker, Duration age) {
		ServerSnapshot server = new ServerSnapshot("db1.example.org:5432", state, null, NOW.minus(age),
				state.isServing() ? Duration.ofMillis(2) : null, null, null);
		return new Snapshot("orders", NOW, state, state.toString(), List.of(server), null, breaker(breaker), commits(),
				false, null);
	}

	/**
	 * A primary, a standby that is away, and all that can be known.
	 */
	public static Snapshot full() {
		ServerSnapshot primary = new ServerSnapshot("db1.example.org:5432", DatabaseState.UP,
				new ServerIdentity("7301", ServerRole.PRIMARY, 4, NOW.minusSeconds(86_400)), NOW.minusSeconds(1),
				Duration.ofMillis(2), null, sample());
		ServerSnapshot standby = new ServerSnapshot("db2.example.org:5432", DatabaseState.DOWN, null,
				NOW.minusSeconds(3), null,
				FaultClassifier.classify(new java.sql.SQLException("Connection refused", "08001"), Phase.ACQUISITION),
				null);
		PoolSnapshot pool = new PoolSnapshot(new PoolCounts(10, 3, 7, 2), 25, 5, new Waits(Duration.ofMillis(250), 4),
				false);
		return new Snapshot("orders", NOW, DatabaseState.UP, "answers", List.of(primary, standby), pool,
				breaker(CircuitBreakerState.CLOSED), commits(), true, backup());
	}

	public static Snapshot with(Snapshot snapshot, @Nullable BackupStatus backup) {
		return new Snapshot(snapshot.dataSource(), snapshot.at(), snapshot.state(), snapshot.explanation(),
				snapshot.servers(), snapshot.pool(), snapshot.breaker(), snapshot.commits(), snapshot.behindPooler(),
				backup);
	}

	private static Sample sample() {
		return new Sample(NOW.minusSeconds(20), Duration.ofMillis(5), Duration.ofMillis(8),
				new Sample.Sessions(40, 97, Duration.ofSeconds(30), null),
				new Sample.Replication(2, 1_048_576L, Duration.ofMillis(500), 2_097_152L),
				new Sample.Archive(true, 3, 7, Duration.ofMinutes(2)), 1_000_000L, Map.of("slots", "no right"));
	}

	private static BackupStatus backup() {
		return new BackupStatus(NOW, NOW.minusSeconds(60), null,
				List.of(run(BackupStatus.Kind.LOGICAL, "app", BackupStatus.State.OK, Duration.ofHours(2)),
						run(BackupStatus.Kind.LOGICAL, "billing", BackupStatus.State.OK, Duration.ofHours(5)),
						run(BackupStatus.Kind.FULL, null, BackupStatus.State.FAILED, Duration.ofHours(1))));
	}

	private static BackupStatus.Run run(BackupStatus.Kind kind, @Nullable String database, BackupStatus.State state,
			Duration age) {
		Instant end = NOW.minus(age);
		boolean ok = state == BackupStatus.State.OK;
		return new BackupStatus.Run(kind, database, state, end.minusSeconds(60), end, ok ? 1000L : null,
				ok ? null : "disk full", ok ? end.minus(Duration.ofDays(7)) : null, ok ? end : null,
				ok ? Duration.ofMillis(400) : null, ok ? Duration.ofSeconds(21) : null, ok ? end : null);
	}

	private static Snapshot.Breaker breaker(CircuitBreakerState state) {
		return new Snapshot.Breaker(state, CircuitBreakerMode.ENABLED, Duration.ofSeconds(90), false,
				state + " since 90 s");
	}

	private static Snapshot.Commits commits() {
		return new Snapshot.Commits(true, null, 1, 2);
	}

}
