// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

import io.github.dbresilience.backup.BackupStatus;
import io.github.dbresilience.circuitbreaker.DataSourceCircuitBreaker;
import io.github.dbresilience.commit.CommitOutcome;
import io.github.dbresilience.commit.CommitStatistics;
import io.github.dbresilience.commit.TokenKeeper;
import io.github.dbresilience.datasource.Protection;
import org.jspecify.annotations.Nullable;

/**
 * Puts together what is known of a data source.
 */
final class SnapshotComposer {

	/**
	 * Later than that, a server is told to be slow. The thresholds have limits of their
	 * own.
	 */
	private static final Duration SLOW_PING = Duration.ofMillis(500);

	private static final Duration SLOW_QUERY = Duration.ofSeconds(1);

	/**
	 * If no server serves, the data source is in the first of these that one of them is
	 * in.
	 */
	private static final List<DatabaseState> TELLING = List.of(DatabaseState.STALE_PRIMARY, DatabaseState.READ_ONLY,
			DatabaseState.TOO_MANY_CONNECTIONS, DatabaseState.STARTING_UP, DatabaseState.REFUSED,
			DatabaseState.UNREACHABLE, DatabaseState.DOWN);

	private SnapshotComposer() {
	}

	static Snapshot of(Protection protection, List<ServerWatch> watches, Judge judge, PoolWatch poolWatch,
			@Nullable BackupStatus backup, Instant now) {
		List<ServerSnapshot> servers = watches.stream().map((watch) -> server(watch, judge)).toList();
		PoolSnapshot pool = poolWatch.snapshot();
		DatabaseState state = state(servers, watches, judge, pool);
		DataSourceCircuitBreaker breaker = protection.breaker();
		return new Snapshot(protection.name(), now, state, explain(state, servers, pool), servers, pool,
				new Snapshot.Breaker(breaker.state(), breaker.mode(), breaker.sinceChange(), breaker.isOpenedByHand(),
						breaker.describe()),
				commits(protection), protection.isBehindPooler(), backup);
	}

	private static ServerSnapshot server(ServerWatch watch, Judge judge) {
		ProbeResult last = watch.last();
		if (last == null) {
			return new ServerSnapshot(watch.name(), DatabaseState.UNKNOWN, null, null, null, null, null);
		}
		return new ServerSnapshot(watch.name(), stateOf(watch, last, judge), judge.identity(watch), last.at(),
				last.isAlive() ? last.latency() : null, (last.fault() != null) ? last.fault() : last.freshFault(),
				watch.sample());
	}

	private static DatabaseState stateOf(ServerWatch watch, ProbeResult last, Judge judge) {
		if (judge.isStale(last.identity())) {
			return DatabaseState.STALE_PRIMARY;
		}
		return (last.state() == DatabaseState.UP && isSlow(watch, last)) ? DatabaseState.SLOW : last.state();
	}

	private static boolean isSlow(ServerWatch watch, ProbeResult last) {
		Sample sample = watch.sample();
		return last.latency().compareTo(SLOW_PING) > 0
				|| (sample != null && sample.queryLatency() != null && sample.queryLatency().compareTo(SLOW_QUERY) > 0);
	}

	private static DatabaseState state(List<ServerSnapshot> servers, List<ServerWatch> watches, Judge judge,
			@Nullable PoolSnapshot pool) {
		DatabaseState best = null;
		boolean readOnly = false;
		for (int i = 0; i < servers.size(); i++) {
			ProbeResult last = watches.get(i).last();
			DatabaseState state = servers.get(i).state();
			if (last == null || !state.isServing()) {
				continue;
			}
			if (!judge.isUsable(last) || (judge.isPrimaryNeeded() && !judge.isValidPrimary(watches.get(i)))) {
				readOnly = true;
			}
			else if (best == null || state == DatabaseState.UP) {
				best = state;
			}
		}
		if (best != null) {
			return (pool != null && pool.stuck()) ? DatabaseState.POOL_EXHAUSTED : best;
		}
		if (readOnly) {
			return DatabaseState.READ_ONLY;
		}
		return TELLING.stream()
			.filter((state) -> servers.stream().anyMatch((server) -> server.state() == state))
			.findFirst()
			.orElse(DatabaseState.UNKNOWN);
	}

	private static String explain(DatabaseState state, List<ServerSnapshot> servers, @Nullable PoolSnapshot pool) {
		return switch (state) {
			case UNKNOWN -> "not probed yet";
			case UP -> "answers";
			case SLOW -> "answers, but slowly: see the latencies";
			case READ_ONLY -> "a primary is needed, and only a standby is there";
			case POOL_EXHAUSTED -> String.format(Locale.ROOT,
					"the database is well, but all %d connections of the pool are in use and callers wait in vain",
					(pool != null) ? pool.maximumSize() : 0);
			case NO_NEW_CONNECTIONS, STARTING_UP, TOO_MANY_CONNECTIONS, UNREACHABLE, DOWN, REFUSED, STALE_PRIMARY ->
				faults(state, servers);
		};
	}

	private static String faults(DatabaseState state, List<ServerSnapshot> servers) {
		StringBuilder text = new StringBuilder(switch (state) {
			case NO_NEW_CONNECTIONS -> "sessions are served, but no new connection is accepted";
			case STARTING_UP -> "the server is starting up or shutting down";
			case TOO_MANY_CONNECTIONS -> "the server has no connection left";
			case UNREACHABLE -> "nothing answers";
			case REFUSED -> "the server refuses to let us in";
			case STALE_PRIMARY -> "only a primary that was left behind by a promotion is there";
			default -> "no server is listening";
		});
		for (ServerSnapshot server : servers) {
			if (server.state() == state && server.fault() != null) {
				text.append("; ").append(server.address()).append(": ").append(server.fault().describe());
			}
		}
		return text.toString();
	}

	private static Snapshot.Commits commits(Protection protection) {
		TokenKeeper keeper = protection.commits().keeper();
		CommitStatistics statistics = protection.commits().statistics();
		return new Snapshot.Commits(keeper.isTokenOn(), keeper.isTokenOn() || !keeper.isWanted() ? null : keeper.why(),
				statistics.lostCount(CommitOutcome.UNKNOWN), statistics.unreplicatedCount());
	}

}
