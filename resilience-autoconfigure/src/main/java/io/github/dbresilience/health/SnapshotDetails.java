// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.monitor.PoolSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot for people and their tools: names and plain values. Never with a password,
 * nor with the parameters of a URL.
 */
public final class SnapshotDetails {

	private SnapshotDetails() {
	}

	/**
	 * Puts a snapshot into words.
	 * @param snapshot what is known of a data source
	 * @param alerts all alerts that fire, those of other data sources are left out
	 * @return the details in a stable order; what is not known is missing
	 */
	public static Map<String, Object> of(Snapshot snapshot, List<AlertEvent> alerts) {
		return new Details().with("state", snapshot.state())
			.with("explanation", snapshot.explanation())
			.with("servers", ServerDetails.of(snapshot))
			.group("pool", pool(snapshot.pool()))
			.group("circuitBreaker", breaker(snapshot.breaker()))
			.group("commits", commits(snapshot.commits()))
			.with("connection", snapshot.behindPooler() ? "pooled" : "direct")
			.group("backup", BackupDetails.of(snapshot))
			.with("alerts",
					alerts.stream()
						.filter((alert) -> alert.dataSource().equals(snapshot.dataSource()))
						.map((alert) -> alert(alert, snapshot))
						.toList())
			.toMap();
	}

	private static @Nullable Details pool(@Nullable PoolSnapshot pool) {
		if (pool == null) {
			return null;
		}
		return new Details().with("open", pool.counts().open())
			.with("idle", pool.counts().idle())
			.with("inUse", pool.counts().inUse())
			.with("waiting", pool.counts().waiting())
			.with("maximumSize", pool.maximumSize())
			.with("minimumIdle", pool.minimumIdle())
			.millis("longestWaitMillis", pool.longestWait())
			.with("timedOut", pool.waits().timedOut())
			.with("stuck", pool.stuck());
	}

	private static Details breaker(Snapshot.Breaker breaker) {
		return new Details().with("state", breaker.state())
			.with("mode", breaker.mode())
			.seconds("sinceSeconds", breaker.since())
			.with("openedByHand", breaker.openedByHand())
			.with("reason", breaker.description());
	}

	private static Details commits(Snapshot.Commits commits) {
		return new Details().with("tokens", commits.tokens())
			.with("whyNoTokens", commits.whyNoTokens())
			.with("unknown", commits.unknown())
			.with("unreplicated", commits.unreplicated());
	}

	private static Map<String, Object> alert(AlertEvent alert, Snapshot snapshot) {
		return new Details().with("name", alert.name())
			.with("severity", alert.severity())
			.with("summary", alert.summary())
			.with("value", alert.value())
			.seconds("sinceSeconds", Duration.between(alert.startsAt(), snapshot.at()))
			.toMap();
	}

}
