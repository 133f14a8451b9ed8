// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.backup.BackupStatus.Kind;
import io.github.dbresilience.backup.BackupStatus.Run;
import io.github.dbresilience.backup.BackupStatus.State;
import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.datasource.Waits;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.monitor.PoolCounts;
import io.github.dbresilience.monitor.PoolSnapshot;
import io.github.dbresilience.monitor.Sample;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import io.github.dbresilience.topology.ServerIdentity;
import io.github.dbresilience.topology.ServerRole;
import org.jspecify.annotations.Nullable;

/**
 * A data source at one moment. As it is made, it is a busy application on a healthy
 * primary with a standby, an archive and backups.
 */
final class Scene {

	String dataSource = "dataSource";

	DatabaseState state = DatabaseState.UP;

	String explanation = "answers";

	@Nullable ServerIdentity identity = new ServerIdentity("7", ServerRole.PRIMARY, 1, Instant.EPOCH);

	@Nullable Duration ping = Duration.ofMillis(2);

	PoolCounts counts = new PoolCounts(25, 0, 25, 8);

	int minimumIdle = 5;

	Duration wait = Duration.ofMillis(120);

	long timedOut;

	boolean stuck;

	CircuitBreakerState breaker = CircuitBreakerState.CLOSED;

	CircuitBreakerMode mode = CircuitBreakerMode.ENABLED;

	boolean openedByHand;

	boolean tokens = true;

	@Nullable String whyNoTokens;

	long unknown;

	long unreplicated;

	@Nullable Duration query = Duration.ofMillis(8);

	@Nullable Long lag = 20L << 20;

	@Nullable Long slot = 200L << 20;

	boolean archiveFailing;

	@Nullable Duration oldestWaiting = Duration.ofSeconds(20);

	int sessions = 40;

	@Nullable Duration idleInTransaction = Duration.ofSeconds(2);

	@Nullable Duration transaction = Duration.ofSeconds(40);

	@Nullable Long transactionIdAge = 200_000_000L;

	@Nullable Instant sampledAt;

	boolean sampled = true;

	boolean pool = true;

	boolean backup = true;

	Duration backupAge = Duration.ofHours(2);

	State backupState = State.OK;

	@Nullable String backupProblem;

	Duration statusAge = Duration.ofHours(1);

	@Nullable Duration rpo = Duration.ofMillis(400);

	@Nullable Duration rto = Duration.ofSeconds(21);

	long drillBytes = 2000;

	@Nullable Instant recoverableTo;

	@Nullable Instant lastSuccessAt;

	/** Nothing is known yet. */
	static Scene starting() {
		Scene scene = new Scene();
		scene.state = DatabaseState.UNKNOWN;
		scene.explanation = "not probed yet";
		scene.identity = null;
		scene.ping = null;
		scene.sampled = false;
		scene.pool = false;
		scene.backup = false;
		scene.tokens = false;
		scene.whyNoTokens = "they were not verified yet";
		return scene;
	}

	/** Nobody works: the pool has shrunk to what it keeps. */
	static Scene atRest() {
		Scene scene = new Scene();
		scene.counts = new PoolCounts(5, 5, 0, 0);
		scene.wait = Duration.ZERO;
		scene.idleInTransaction = null;
		scene.transaction = null;
		scene.oldestWaiting = null;
		return scene;
	}

	/** A server that tells as little as possible. */
	static Scene withoutReadings() {
		Scene scene = new Scene();
		scene.query = null;
		scene.lag = null;
		scene.slot = null;
		scene.oldestWaiting = null;
		scene.idleInTransaction = null;
		scene.transaction = null;
		scene.transactionIdAge = null;
		scene.rpo = null;
		scene.rto = null;
		return scene;
	}

	Snapshot at(Instant now) {
		// A sample every 30 seconds
		Instant sampled = (this.sampledAt != null) ? this.sampledAt
				: Instant.ofEpochSecond(now.getEpochSecond() / 30 * 30);
		ServerSnapshot server = new ServerSnapshot("db1:5432", this.state, this.identity, now, this.ping, null,
				this.sampled ? sample(sampled) : null);
		PoolSnapshot ownPool = this.pool
				? new PoolSnapshot(this.counts, 25, this.minimumIdle, new Waits(this.wait, this.timedOut), this.stuck)
				: null;
		return new Snapshot(this.dataSource, now, this.state, this.explanation, List.of(server), ownPool,
				new Snapshot.Breaker(this.breaker, this.mode, Duration.ZERO, this.openedByHand, "5 failures"),
				new Snapshot.Commits(this.tokens, this.whyNoTokens, this.unknown, this.unreplicated), false,
				this.backup ? backup(now) : null);
	}

	private Sample sample(Instant at) {
		return new Sample(at, Duration.ofMillis(12), this.query,
				new Sample.Sessions(this.sessions, 100, this.transaction, this.idleInTransaction),
				new Sample.Replication(1, this.lag, null, this.slot),
				new Sample.Archive(this.archiveFailing, 3, 1, this.oldestWaiting), this.transactionIdAge, Map.of());
	}

	private BackupStatus backup(Instant now) {
		if (this.backupProblem != null) {
			return new BackupStatus(now, null, this.backupProblem, List.of());
		}
		Instant ended = now.minus(this.backupAge);
		return new BackupStatus(now, now.minus(this.statusAge), null,
				List.of(run(Kind.LOGICAL, "app", this.backupState, ended),
						run(Kind.FULL, null, State.OK, now.minus(Duration.ofHours(20))),
						run(Kind.INCREMENTAL, null, State.OK, now.minus(Duration.ofHours(3))),
						new Run(Kind.DRILL, null, State.OK, ended, ended, this.drillBytes, null, null, null, this.rpo,
								this.rto, ended),
						new Run(Kind.ARCHIVE, "app", State.OK, now, now, null, null, null, this.recoverableTo, null,
								null, now)));
	}

	private Run run(Kind kind, @Nullable String database, State state, Instant ended) {
		return new Run(kind, database, state, ended.minusSeconds(60), ended, 1000L,
				(state == State.FAILED) ? "no space left" : null, null, null, null, null,
				(state == State.OK) ? ended : this.lastSuccessAt);
	}

}
