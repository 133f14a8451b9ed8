// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.fault.Fault;
import io.github.dbresilience.monitor.Sample;
import io.github.dbresilience.monitor.ServerSnapshot;
import io.github.dbresilience.monitor.Snapshot;
import io.github.dbresilience.topology.ServerIdentity;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a snapshot, each with its last sample.
 */
final class ServerDetails {

	private ServerDetails() {
	}

	static List<Map<String, Object>> of(Snapshot snapshot) {
		return snapshot.servers().stream().map((server) -> server(server, snapshot)).toList();
	}

	private static Map<String, Object> server(ServerSnapshot server, Snapshot snapshot) {
		ServerIdentity identity = server.identity();
		Fault fault = server.fault();
		Sample sample = server.sample();
		Details details = new Details().with("address", server.address())
			.with("state", server.state())
			.with("role", (identity != null) ? identity.role() : null)
			.with("timeline", (identity != null && identity.timeline() > 0) ? identity.timeline() : null)
			.with("startedAt", (identity != null) ? identity.startedAt() : null)
			.millis("latencyMillis", server.latency())
			.millis("probedMillisAgo",
					(server.probedAt() != null) ? Duration.between(server.probedAt(), snapshot.at()) : null)
			.with("failure", (fault != null) ? fault.describe() : null);
		return details.group("sample", (sample != null) ? sample(sample, snapshot) : null).toMap();
	}

	private static Details sample(Sample sample, Snapshot snapshot) {
		return new Details().seconds("ageSeconds", Duration.between(sample.at(), snapshot.at()))
			.millis("connectMillis", sample.connectLatency())
			.millis("queryMillis", sample.queryLatency())
			.group("sessions", sessions(sample.sessions()))
			.group("replication", replication(sample.replication()))
			.group("archive", archive(sample.archive()))
			.with("transactionIdAge", sample.transactionIdAge())
			.with("missing", sample.missing().isEmpty() ? null : sample.missing());
	}

	private static @Nullable Details sessions(Sample.@Nullable Sessions sessions) {
		if (sessions == null) {
			return null;
		}
		return new Details().with("open", sessions.open())
			.with("limit", sessions.limit())
			.seconds("longestTransactionSeconds", sessions.longestTransaction())
			.seconds("longestIdleInTransactionSeconds", sessions.longestIdleInTransaction());
	}

	private static @Nullable Details replication(Sample.@Nullable Replication replication) {
		if (replication == null) {
			return null;
		}
		return new Details().with("standbys", replication.standbys())
			.with("lagBytes", replication.lagBytes())
			.seconds("delaySeconds", replication.lagTime())
			.with("slotBytes", replication.slotBytes());
	}

	private static @Nullable Details archive(Sample.@Nullable Archive archive) {
		if (archive == null) {
			return null;
		}
		return new Details().with("failing", archive.failing())
			.with("failures", archive.failures())
			.with("waitingSegments", archive.waitingSegments())
			.seconds("oldestWaitingSeconds", archive.oldestWaiting());
	}

}
