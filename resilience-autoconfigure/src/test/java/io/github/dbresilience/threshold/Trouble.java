// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.util.Map;

import io.github.dbresilience.backup.BackupStatus.State;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.monitor.PoolCounts;

/**
 * Makes a scene in which one threshold is passed.
 */
final class Trouble {

	private Trouble() {
	}

	/** The defaults, and limits where there are none by default. */
	static Map<ThresholdKind, ThresholdSettings> settings() {
		Map<ThresholdKind, ThresholdSettings> settings = ThresholdSettings.defaults();
		for (ThresholdKind kind : new ThresholdKind[] { ThresholdKind.RECOVERY_POINT, ThresholdKind.RECOVERY_TIME }) {
			settings.put(kind, ThresholdSettings.of(kind, new ThresholdProperties(null, "15m", "1h", null, null),
					(last) -> "x." + last));
		}
		return settings;
	}

	/** Passes the limit of the lowest severity that the threshold has. */
	static void begin(ThresholdKind kind, Scene scene) {
		switch (kind) {
			case DATABASE_UNREACHABLE -> state(scene, DatabaseState.DOWN, "Connection refused");
			case READ_ONLY -> state(scene, DatabaseState.READ_ONLY, "db1:5432 is a standby");
			case STALE_PRIMARY -> state(scene, DatabaseState.STALE_PRIMARY, "timeline 1, but 2 was seen");
			case NO_NEW_CONNECTIONS -> state(scene, DatabaseState.NO_NEW_CONNECTIONS, "established sessions only");
			case POOL_IDLE -> scene.counts = new PoolCounts(25, 22, 3, 0);
			case POOL_CONNECTIONS -> scene.counts = new PoolCounts(0, 0, 0, 3);
			case CONNECTION_WAIT -> scene.wait = Duration.ofMillis(800);
			case POOL_EXHAUSTED -> scene.stuck = true;
			case PING_LATENCY -> scene.ping = Duration.ofMillis(620);
			case QUERY_LATENCY -> scene.query = Duration.ofMillis(1500);
			case REPLICATION_LAG -> scene.lag = 150L << 20;
			case REPLICATION_SLOT -> scene.slot = 11L << 30;
			case ARCHIVE_FAILING -> scene.archiveFailing = true;
			case ARCHIVE_BEHIND -> scene.oldestWaiting = Duration.ofMinutes(6);
			case CONNECTIONS -> scene.sessions = 80;
			case IDLE_IN_TRANSACTION -> scene.idleInTransaction = Duration.ofSeconds(400);
			case LONG_TRANSACTION -> scene.transaction = Duration.ofHours(2);
			case WRAPAROUND -> scene.transactionIdAge = 1_100_000_000L;
			case CIRCUIT_BREAKER_OPEN -> scene.breaker = CircuitBreakerState.OPEN;
			case COMMIT_TOKENS -> {
				scene.tokens = false;
				scene.whyNoTokens = "permission denied for schema db_resilience";
			}
			case COMMITS_UNKNOWN -> scene.unknown += 2;
			case COMMITS_UNREPLICATED -> scene.unreplicated += 1;
			case BACKUP_AGE -> scene.backupAge = Duration.ofHours(30);
			case BACKUP_FAILED -> scene.backupState = State.FAILED;
			case BACKUP_STATUS -> scene.statusAge = Duration.ofHours(30);
			case RECOVERY_POINT -> scene.rpo = Duration.ofMinutes(20);
			case RECOVERY_TIME -> scene.rto = Duration.ofMinutes(20);
		}
	}

	/** Passes the limit that is critical, where both severities have one. */
	static void worsen(ThresholdKind kind, Scene scene) {
		switch (kind) {
			case CONNECTION_WAIT -> scene.wait = Duration.ofMillis(1200);
			case PING_LATENCY -> scene.ping = Duration.ofMillis(1200);
			case QUERY_LATENCY -> scene.query = Duration.ofMillis(3200);
			case REPLICATION_LAG -> scene.lag = 2L << 30;
			case ARCHIVE_BEHIND -> scene.oldestWaiting = Duration.ofMinutes(40);
			case CONNECTIONS -> scene.sessions = 95;
			case IDLE_IN_TRANSACTION -> scene.idleInTransaction = Duration.ofSeconds(1000);
			case WRAPAROUND -> scene.transactionIdAge = 1_700_000_000L;
			case BACKUP_AGE -> scene.backupAge = Duration.ofHours(60);
			case RECOVERY_POINT -> scene.rpo = Duration.ofHours(2);
			case RECOVERY_TIME -> scene.rto = Duration.ofHours(2);
			default -> throw new IllegalArgumentException(kind + " has one severity");
		}
	}

	/** All is well again; counts stay. */
	static Scene end(Scene scene) {
		Scene well = new Scene();
		well.dataSource = scene.dataSource;
		well.unknown = scene.unknown;
		well.unreplicated = scene.unreplicated;
		well.timedOut = scene.timedOut;
		return well;
	}

	private static void state(Scene scene, DatabaseState state, String explanation) {
		scene.state = state;
		scene.explanation = explanation;
		if (!state.isServing()) {
			scene.ping = null;
		}
	}

}
