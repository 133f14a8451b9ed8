// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;

import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pools that are replaced, by an alert and by hand, with a real monitor and a real pool.
 */
class RecyclingIT {

	@Test
	void aThresholdThatFiresHasThePoolReplacedOnce() throws Exception {
		try (PostgresServer server = PostgresServer.create();
				MonitoredApplication application = MonitoredApplication.start(server.jdbcUrl(), server.username(),
						server.password(), "db.resilience.health.sample-interval=1s",
						"db.resilience.health.recycle-on=idle-in-transaction",
						"db.resilience.health.thresholds.idle-in-transaction.warning=1s");
				Connection other = server.connect();
				Statement idle = other.createStatement()) {
			int before = session(application);
			assertThat(session(application)).isEqualTo(before);
			idle.execute("grant pg_monitor to " + server.username());
			other.setAutoCommit(false);
			idle.execute("select 1");
			Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> session(application) != before);
			assertThat(application.alerts()).extracting((alert) -> alert.name()).contains("idle-in-transaction");
			assertThat(application.monitor().events().newestFirst())
				.filteredOn((event) -> event.kind() == MonitorEvent.Kind.RECYCLED)
				.extracting(MonitorEvent::message)
				.containsExactly("the alert idle-in-transaction fires");
		}
	}

	@Test
	void aPoolIsReplacedByHandAndAProbeIsMadeByHand() {
		try (PostgresServer server = PostgresServer.create();
				MonitoredApplication application = MonitoredApplication.start(server.jdbcUrl(), server.username(),
						server.password())) {
			DataSourceMonitor monitor = application.monitor().all().iterator().next();
			int before = session(application);
			monitor.recycle("by hand");
			assertThat(session(application)).isNotEqualTo(before);
			assertThat(monitor.probeNow(Duration.ofSeconds(5)).state()).isEqualTo(DatabaseState.UP);
			server.stopImmediately();
			assertThat(monitor.probeNow(Duration.ofSeconds(5)).state()).isEqualTo(DatabaseState.DOWN);
			server.start();
			assertThat(monitor.probeNow(Duration.ofSeconds(5)).state()).isEqualTo(DatabaseState.UP);
		}
	}

	private static int session(MonitoredApplication application) {
		Integer pid = application.jdbc().queryForObject("select pg_backend_pid()", Integer.class);
		return (pid != null) ? pid : 0;
	}

}
