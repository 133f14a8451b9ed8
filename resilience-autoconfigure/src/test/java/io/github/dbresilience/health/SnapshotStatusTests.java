// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Duration;

import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.monitor.Snapshots;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.health.contributor.Status;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What each state of the database means for health.
 */
class SnapshotStatusTests {

	private static final Duration STALE_AFTER = Duration.ofSeconds(12);

	private static final Duration FRESH = Duration.ofSeconds(1);

	private static final Duration OLD = Duration.ofSeconds(13);

	@ParameterizedTest
	@CsvSource({ "UNKNOWN,UNKNOWN", "UP,UP", "SLOW,UP", "DOWN,DOWN", "UNREACHABLE,DOWN", "STARTING_UP,DOWN",
			"TOO_MANY_CONNECTIONS,DOWN", "NO_NEW_CONNECTIONS,UP", "REFUSED,DOWN", "READ_ONLY,OUT_OF_SERVICE",
			"STALE_PRIMARY,DOWN", "POOL_EXHAUSTED,UP" })
	void aStateHasAStatus(DatabaseState state, String status) {
		assertThat(SnapshotStatus.of(Snapshots.in(state), STALE_AFTER)).isEqualTo(new Status(status));
	}

	@ParameterizedTest
	@EnumSource(DatabaseState.class)
	void anOpenBreakerIsDownWhateverTheState(DatabaseState state) {
		assertThat(SnapshotStatus.of(Snapshots.in(state, CircuitBreakerState.OPEN, FRESH), STALE_AFTER))
			.isEqualTo(Status.DOWN);
	}

	@Test
	void aHalfOpenBreakerLeavesTheWordToTheProbe() {
		assertThat(SnapshotStatus.of(Snapshots.in(DatabaseState.UP, CircuitBreakerState.HALF_OPEN, FRESH), STALE_AFTER))
			.isEqualTo(Status.UP);
	}

	@Test
	void anOldGoodFindingIsNone() {
		assertThat(SnapshotStatus.of(Snapshots.in(DatabaseState.UP, CircuitBreakerState.CLOSED, OLD), STALE_AFTER))
			.isEqualTo(Status.UNKNOWN);
	}

	@Test
	void anOldBadFindingStaysBad() {
		assertThat(SnapshotStatus.of(Snapshots.in(DatabaseState.DOWN, CircuitBreakerState.CLOSED, OLD), STALE_AFTER))
			.isEqualTo(Status.DOWN);
	}

	@Test
	void aStandbyThatIsAwayDoesNotMakeTheFindingOld() {
		assertThat(SnapshotStatus.of(Snapshots.full(), Duration.ofSeconds(2))).isEqualTo(Status.UP);
	}

	@Test
	void whatWasNotProbedIsUnknown() {
		assertThat(SnapshotStatus.of(Snapshots.unknown(), STALE_AFTER)).isEqualTo(Status.UNKNOWN);
	}

}
