// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.health;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.dbresilience.alert.AlertEvent;
import io.github.dbresilience.alert.AlertSeverity;
import io.github.dbresilience.monitor.Snapshots;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A snapshot as people and their tools see it.
 */
class SnapshotDetailsTests {

	@Test
	void allThatIsKnownIsThereAndInOrder() {
		String json = JsonMapper.shared().writeValueAsString(SnapshotDetails.of(Snapshots.full(), List.of(alert())));
		assertThat(json).isEqualTo(
				"""
						{"state":"UP","explanation":"answers","servers":[\
						{"address":"db1.example.org:5432","state":"UP","role":"PRIMARY","timeline":4,\
						"startedAt":"2026-01-30T02:00:00Z","latencyMillis":2.0,"probedMillisAgo":1000.0,\
						"sample":{"ageSeconds":20.0,"connectMillis":5.0,"queryMillis":8.0,\
						"sessions":{"open":40,"limit":97,"longestTransactionSeconds":30.0},\
						"replication":{"standbys":2,"lagBytes":1048576,"delaySeconds":0.5,"slotBytes":2097152},\
						"archive":{"failing":true,"failures":3,"waitingSegments":7,"oldestWaitingSeconds":120.0},\
						"transactionIdAge":1000000,"missing":{"slots":"no right"}}},\
						{"address":"db2.example.org:5432","state":"DOWN","probedMillisAgo":3000.0,\
						"failure":"[08001] Connection refused"}],\
						"pool":{"open":10,"idle":3,"inUse":7,"waiting":2,"maximumSize":25,"minimumIdle":5,\
						"longestWaitMillis":250.0,"timedOut":4,"stuck":false},\
						"circuitBreaker":{"state":"CLOSED","mode":"ENABLED","sinceSeconds":90.0,"openedByHand":false,\
						"reason":"CLOSED since 90 s"},\
						"commits":{"tokens":true,"unknown":1,"unreplicated":2},"connection":"pooled",\
						"backup":{"updatedAt":"2026-01-31T01:59:00Z","runs":[\
						{"kind":"LOGICAL","database":"app","state":"OK","finishedAt":"2026-01-31T00:00:00Z",\
						"ageSeconds":7200.0,"lastSuccessAt":"2026-01-31T00:00:00Z","bytes":1000,"recoverableFrom":"2026-01-24T00:00:00Z",\
						"recoverableTo":"2026-01-31T00:00:00Z","rpoSeconds":0.4,"rtoSeconds":21.0},\
						{"kind":"LOGICAL","database":"billing","state":"OK","finishedAt":"2026-01-30T21:00:00Z",\
						"ageSeconds":18000.0,"lastSuccessAt":"2026-01-30T21:00:00Z","bytes":1000,"recoverableFrom":"2026-01-23T21:00:00Z",\
						"recoverableTo":"2026-01-30T21:00:00Z","rpoSeconds":0.4,"rtoSeconds":21.0},\
						{"kind":"FULL","state":"FAILED","finishedAt":"2026-01-31T01:00:00Z","ageSeconds":3600.0,\
						"error":"disk full"}]},\
						"alerts":[{"name":"ping-latency","severity":"CRITICAL","summary":"the ping takes long",\
						"value":"1200 ms","sinceSeconds":60.0}]}""");
	}

	@Test
	void whatIsNotKnownIsLeftOut() {
		assertThat(SnapshotDetails.of(Snapshots.unknown(), List.of())).containsOnlyKeys("state", "explanation",
				"servers", "circuitBreaker", "commits", "connection", "alerts");
	}

	@Test
	void alertsOfOtherDataSourcesAreLeftOut() {
		AlertEvent other = new AlertEvent("ping-latency", AlertSeverity.WARNING, AlertEvent.Status.FIRING, "billing",
				"f", "s", Map.of(), null, Snapshots.NOW, null);
		assertThat(SnapshotDetails.of(Snapshots.unknown(), List.of(other))).containsEntry("alerts", List.of());
	}

	private static AlertEvent alert() {
		return new AlertEvent("ping-latency", AlertSeverity.CRITICAL, AlertEvent.Status.FIRING, "orders", "f",
				"the ping takes long", Map.of(), "1200 ms", Snapshots.NOW.minus(Duration.ofMinutes(1)), null);
	}

}
