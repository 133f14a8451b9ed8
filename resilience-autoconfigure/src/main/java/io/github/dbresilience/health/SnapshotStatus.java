// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;

import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.Status;

/**
 * What a snapshot means for health. An exhausted pool is overload, not an outage: it is
 * {@code UP}, as taking the instance out would leave the others with its load.
 */
final class SnapshotStatus {

	private SnapshotStatus() {
	}

	/**
	 * The status of a data source.
	 * @param snapshot what is known of it
	 * @param staleAfter the age from which a good finding is none any more; a bad one
	 * stays bad
	 * @return {@code DOWN}, {@code OUT_OF_SERVICE}, {@code UP} or {@code UNKNOWN}
	 */
	static Status of(Snapshot snapshot, Duration staleAfter) {
		if (snapshot.breaker().state() == CircuitBreakerState.OPEN) {
			return Status.DOWN;
		}
		return switch (snapshot.state()) {
			case UNKNOWN -> Status.UNKNOWN;
			case UP, SLOW, NO_NEW_CONNECTIONS, POOL_EXHAUSTED ->
				isStale(snapshot, staleAfter) ? Status.UNKNOWN : Status.UP;
			case READ_ONLY -> Status.OUT_OF_SERVICE;
			case DOWN, UNREACHABLE, STARTING_UP, TOO_MANY_CONNECTIONS, REFUSED, STALE_PRIMARY -> Status.DOWN;
		};
	}

	/**
	 * Whether the probe that the state rests on is old: the one of the server that
	 * serves, or the newest one where none does.
	 */
	static boolean isStale(Snapshot snapshot, Duration staleAfter) {
		Instant probedAt = probedAt(snapshot);
		return probedAt == null || Duration.between(probedAt, snapshot.at()).compareTo(staleAfter) > 0;
	}

	private static @Nullable Instant probedAt(Snapshot snapshot) {
		ServerSnapshot serving = snapshot.serving();
		if (serving != null) {
			return serving.probedAt();
		}
		return snapshot.servers()
			.stream()
			.map(ServerSnapshot::probedAt)
			.filter(Objects::nonNull)
			.max(Comparator.naturalOrder())
			.orElse(null);
	}

}
