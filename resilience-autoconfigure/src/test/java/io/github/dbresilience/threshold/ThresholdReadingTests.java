// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.backup.BackupStatus.State;
import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.monitor.PoolCounts;
import io.github.dbresilience.topology.ServerIdentity;
import io.github.dbresilience.topology.ServerRole;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The corners of single thresholds.
 */
class ThresholdReadingTests {

	private static final Instant START = Instant.parse("2026-01-31T02:00:00Z");

	private final Play play = new Play(START, Trouble.settings());

	@ParameterizedTest
	@EnumSource(value = DatabaseState.class,
			names = { "DOWN", "UNREACHABLE", "STARTING_UP", "REFUSED", "TOO_MANY_CONNECTIONS" })
	void aDatabaseThatDoesNotServeIsUnreachable(DatabaseState state) {
		this.play.scene.state = state;
		this.play.scene.explanation = "because\nof\tthis";
		List<AlertEvent> events = this.play.during(Duration.ofSeconds(12));
		assertThat(events).extracting(AlertEvent::name).containsExactly("database-unreachable");
		assertThat(events.get(0).summary()).isEqualTo(
				"The database does not serve: " + state.name().toLowerCase().replace('_', ' ') + ", because of this");
		assertThat(events.get(0).value()).isNull();
	}

	@ParameterizedTest
	@EnumSource(value = DatabaseState.class, names = { "UNKNOWN", "UP", "SLOW", "POOL_EXHAUSTED" })
	void anyOtherStateIsNotUnreachable(DatabaseState state) {
		this.play.scene.state = state;
		assertThat(this.play.during(Duration.ofMinutes(2))).isEmpty();
	}

	@Test
	void aChangeFromOneStateToAnotherIsTheSameAlert() {
		this.play.scene.state = DatabaseState.DOWN;
		assertThat(this.play.during(Duration.ofSeconds(12))).hasSize(1);
		this.play.scene.state = DatabaseState.STARTING_UP;
		assertThat(this.play.during(Duration.ofMinutes(2))).isEmpty();
	}

	@Test
	void callersThatTimeOutAgainAndAgainExhaustThePool() {
		this.play.scene.timedOut = 1;
		assertThat(this.play.during(Duration.ofMinutes(1))).isEmpty();
		for (int i = 0; i < 2; i++) {
			this.play.scene.timedOut++;
			assertThat(this.play.during(Duration.ofSeconds(5))).isEmpty();
		}
		this.play.scene.timedOut++;
		assertThat(this.play.during(Duration.ofSeconds(5))).extracting(AlertEvent::summary)
			.containsExactly("The pool is exhausted: 25 of 25 are in use and 8 callers wait");
		assertThat(this.play.during(Duration.ofMinutes(2))).hasSize(1);
	}

	@Test
	void aPoolOfFixedSizeIsNeverTooIdle() {
		this.play.scene.counts = new PoolCounts(25, 25, 0, 0);
		this.play.scene.minimumIdle = 25;
		assertThat(this.play.during(Duration.ofHours(1))).isEmpty();
	}

	@Test
	void aPoolThatKeepsNothingMayHaveNothing() {
		this.play.scene.counts = new PoolCounts(0, 0, 0, 0);
		this.play.scene.minimumIdle = 0;
		assertThat(this.play.during(Duration.ofHours(1))).isEmpty();
	}

	@Test
	void aBreakerThatRejectsNobodyIsNotOpen() {
		this.play.scene.breaker = CircuitBreakerState.OPEN;
		this.play.scene.mode = CircuitBreakerMode.MONITORING;
		assertThat(this.play.during(Duration.ofMinutes(5))).isEmpty();
		this.play.scene.openedByHand = true;
		assertThat(this.play.during(Duration.ofMinutes(2))).extracting(AlertEvent::name)
			.containsExactly("circuit-breaker-open");
	}

	@Test
	void aBreakerThatTriesAndFailsIsNotClosed() {
		for (int i = 0; i < 2; i++) {
			this.play.scene.breaker = CircuitBreakerState.OPEN;
			assertThat(this.play.during(Duration.ofSeconds(29))).isEmpty();
			this.play.scene.breaker = CircuitBreakerState.HALF_OPEN;
			assertThat(this.play.during(Duration.ofSeconds(1))).isEmpty();
		}
		assertThat(this.play.during(Duration.ofSeconds(2))).hasSize(1);
	}

	@Test
	void tokensCannotBeWrittenOnAStandbyAndAreNotMissedThere() {
		this.play.scene.tokens = false;
		this.play.scene.whyNoTokens = "they were not verified yet";
		this.play.scene.identity = new ServerIdentity("7", ServerRole.STANDBY, 1, START);
		assertThat(this.play.during(Duration.ofHours(1))).isEmpty();
	}

	@Test
	void tokensThatNobodyWantsAreNotMissed() {
		this.play.scene.tokens = false;
		this.play.scene.whyNoTokens = null;
		assertThat(this.play.during(Duration.ofHours(1))).isEmpty();
	}

	@Test
	void commitsThatBecomeUnknownAreCountedOverFiveMinutes() {
		this.play.scene.unknown = 2;
		assertThat(this.play.during(Duration.ofSeconds(1))).extracting(AlertEvent::value).containsExactly("2");
		this.play.scene.unknown = 5;
		assertThat(this.play.during(Duration.ofMinutes(5))).isEmpty();
		List<AlertEvent> over = this.play.during(Duration.ofMinutes(2));
		assertThat(over).extracting(AlertEvent::value).containsExactly("0");
		assertThat(over).extracting(AlertEvent::summary)
			.containsExactly("The outcome of 2 lost COMMITs could not be found out in the last five minutes");
	}

	@Test
	void theDatabaseWithTheOldestBackupIsNamed() {
		Trouble.begin(ThresholdKind.BACKUP_AGE, this.play.scene);
		assertThat(this.play.during(Duration.ofSeconds(1))).extracting(AlertEvent::summary)
			.containsExactly("The newest backup is 30 h old (app)");
	}

	@Test
	void aBackupThatNeverEndsIsTooOldToo() {
		this.play.scene.backupState = State.RUNNING;
		this.play.scene.backupAge = Duration.ofHours(30);
		assertThat(this.play.during(Duration.ofSeconds(1))).extracting(AlertEvent::name).containsExactly("backup-age");
	}

	@Test
	void aFailedRunDoesNotHideWhenTheLastOneSucceeded() {
		this.play.scene.backupState = State.FAILED;
		this.play.scene.backupAge = Duration.ofHours(1);
		assertThat(this.play.during(Duration.ofSeconds(1))).extracting(AlertEvent::name)
			.containsExactly("backup-failed");
		this.play.scene.lastSuccessAt = START.minus(Duration.ofHours(30));
		assertThat(this.play.during(Duration.ofSeconds(1))).extracting(AlertEvent::summary)
			.containsExactly("The newest backup is 30 h old (app)");
	}

	@Test
	void theRecoveryPointGrowsWhileNothingReachesTheArchive() {
		this.play.scene.recoverableTo = START.minus(Duration.ofMinutes(14));
		assertThat(this.play.during(Duration.ofSeconds(59))).isEmpty();
		assertThat(this.play.during(Duration.ofSeconds(2))).extracting(AlertEvent::summary)
			.containsExactly("A recovery would lose 15 min of work (archive of app)");
	}

	@Test
	void aBackupThatHasOutgrownItsRehearsalIsTold() {
		this.play.scene.drillBytes = 20;
		assertThat(this.play.during(Duration.ofSeconds(1))).extracting(AlertEvent::summary)
			.containsExactly("A recovery takes 17.5 min (full of the whole server, predicted from its size)");
	}

	@Test
	void aStatusFileThatCannotBeUsedIsTold() {
		this.play.scene.backupProblem = "/var/backups/status.json is missing";
		List<AlertEvent> events = this.play.during(Duration.ofMinutes(2));
		assertThat(events).extracting(AlertEvent::summary)
			.containsExactly("The status file of the backups cannot be used: /var/backups/status.json is missing");
		assertThat(events.get(0).value()).isNull();
	}

	@Test
	void aFailedBackupIsNamedWithItsReason() {
		this.play.scene.backupState = State.FAILED;
		assertThat(this.play.during(Duration.ofSeconds(1))).extracting(AlertEvent::summary)
			.containsExactly("A backup, or its check, failed: logical of app: no space left");
	}

	@Test
	void recoveryTargetsAreOffWithoutALimit() {
		Play own = new Play(START, ThresholdSettings.defaults());
		own.scene.rpo = Duration.ofDays(10);
		own.scene.rto = Duration.ofDays(10);
		assertThat(own.during(Duration.ofMinutes(5))).isEmpty();
	}

	@Test
	void aValueIsToldInAUnitForPeople() {
		assertThat(Map.of("0.0204", ThresholdUnit.DURATION.tell(0.0204), "1.5", ThresholdUnit.DURATION.tell(1.5), "400",
				ThresholdUnit.DURATION.tell(400), "93600", ThresholdUnit.DURATION.tell(93600), "900000",
				ThresholdUnit.DURATION.tell(900000)))
			.isEqualTo(Map.of("0.0204", "20 ms", "1.5", "1.5 s", "400", "6.7 min", "93600", "26 h", "900000",
					"10.4 days"));
		assertThat(ThresholdUnit.SIZE.tell(150L << 20)).isEqualTo("150 MB");
		assertThat(ThresholdUnit.SIZE.tell(11.5 * (1L << 30))).isEqualTo("11.5 GB");
		assertThat(ThresholdUnit.PERCENT.tell(80)).isEqualTo("80 %");
	}

}
