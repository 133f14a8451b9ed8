// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.threshold;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.dbresilience.circuitbreaker.CircuitBreakerMode;
import io.github.dbresilience.circuitbreaker.CircuitBreakerState;
import io.github.dbresilience.monitor.DatabaseState;
import io.github.dbresilience.monitor.PoolSnapshot;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the probe, the pool, the circuit breaker and COMMITs tell.
 */
final class DatabaseReadings {

	private static final Set<DatabaseState> UNREACHABLE = Set.of(DatabaseState.DOWN, DatabaseState.UNREACHABLE,
			DatabaseState.STARTING_UP, DatabaseState.REFUSED, DatabaseState.TOO_MANY_CONNECTIONS);

	/** Longer than a caller waits for the next time-out of a pool that gives nothing. */
	private static final Duration TIMED_OUT_LATELY = Duration.ofSeconds(6);

	private static final Duration COMMITS_LATELY = Duration.ofMinutes(5);

	private DatabaseReadings() {
	}

	static Reading unreachable(Look look) {
		Snapshot snapshot = look.snapshot();
		return condition(look, UNREACHABLE.contains(snapshot.state()) ? inWords(snapshot) : null);
	}

	static Reading readOnly(Look look) {
		Snapshot snapshot = look.snapshot();
		return condition(look, (snapshot.state() == DatabaseState.READ_ONLY) ? snapshot.explanation() : null);
	}

	static Reading stalePrimary(Look look) {
		String stale = look.snapshot()
			.servers()
			.stream()
			.filter((server) -> server.state() == DatabaseState.STALE_PRIMARY)
			.map(ServerSnapshot::address)
			.collect(Collectors.joining(", "));
		boolean all = look.snapshot().state() == DatabaseState.STALE_PRIMARY;
		return condition(look, (!stale.isEmpty() || all) ? stale : null);
	}

	static Reading noNewConnections(Look look) {
		ServerSnapshot serving = look.snapshot().serving();
		boolean met = look.snapshot().state() == DatabaseState.NO_NEW_CONNECTIONS
				|| (serving != null && serving.state() == DatabaseState.NO_NEW_CONNECTIONS);
		return condition(look, met ? look.snapshot().explanation() : null);
	}

	static @Nullable Reading pingLatency(Look look) {
		ServerSnapshot serving = look.snapshot().serving();
		return (serving != null && serving.probedAt() != null) ? Reading.of(serving.latency(), serving.probedAt())
				: null;
	}

	static @Nullable Reading idleShare(Look look) {
		PoolSnapshot pool = look.snapshot().pool();
		if (pool == null || pool.counts().open() <= pool.minimumIdle()) {
			return null;
		}
		return Reading.of(pool.idleShare() * 100, look.snapshot().at())
			.detail(pool.counts().idle() + " of " + pool.counts().open());
	}

	/** Where the database is away there can be none. */
	static @Nullable Reading noConnections(Look look) {
		PoolSnapshot pool = look.snapshot().pool();
		if (pool == null || look.snapshot().serving() == null) {
			return null;
		}
		return condition(look, (pool.minimumIdle() > 0 && pool.counts().open() < 1)
				? "it should keep " + pool.minimumIdle() + " idle" : null);
	}

	static @Nullable Reading connectionWait(Look look) {
		PoolSnapshot pool = look.snapshot().pool();
		return (pool != null) ? Reading.of(pool.longestWait(), look.snapshot().at()) : null;
	}

	static @Nullable Reading poolExhausted(Look look) {
		PoolSnapshot pool = look.snapshot().pool();
		if (pool == null) {
			return null;
		}
		long timedOut = look.growth(ThresholdKind.POOL_EXHAUSTED, pool.waits().timedOut(), TIMED_OUT_LATELY);
		boolean met = pool.stuck() || timedOut > 0;
		return condition(look, met ? pool.counts().inUse() + " of " + pool.maximumSize() + " are in use and "
				+ pool.counts().waiting() + " callers wait" : null);
	}

	static Reading breakerOpen(Look look) {
		Snapshot.Breaker breaker = look.snapshot().breaker();
		boolean met = breaker.state() != CircuitBreakerState.CLOSED
				&& (breaker.mode() == CircuitBreakerMode.ENABLED || breaker.openedByHand());
		return condition(look, met ? breaker.description() : null);
	}

	/** Nobody can write a token where nobody can write. */
	static @Nullable Reading tokensOff(Look look) {
		ServerSnapshot serving = look.snapshot().serving();
		if (serving == null || serving.identity() == null || !serving.identity().isPrimary()) {
			return null;
		}
		Snapshot.Commits commits = look.snapshot().commits();
		return condition(look, commits.tokens() ? null : commits.whyNoTokens());
	}

	static Reading commitsUnknown(Look look) {
		return Reading.of(
				look.growth(ThresholdKind.COMMITS_UNKNOWN, look.snapshot().commits().unknown(), COMMITS_LATELY),
				look.snapshot().at());
	}

	static Reading commitsUnreplicated(Look look) {
		return Reading.of(look.growth(ThresholdKind.COMMITS_UNREPLICATED, look.snapshot().commits().unreplicated(),
				COMMITS_LATELY), look.snapshot().at());
	}

	private static String inWords(Snapshot snapshot) {
		String state = snapshot.state().name().toLowerCase(Locale.ROOT).replace('_', ' ');
		return snapshot.explanation().isBlank() ? state : state + ", " + snapshot.explanation();
	}

	/** A condition is met where there is something to say of it. */
	private static Reading condition(Look look, @Nullable String detail) {
		return (detail != null) ? Reading.met(look.snapshot().at(), detail) : Reading.notMet(look.snapshot().at());
	}

}
