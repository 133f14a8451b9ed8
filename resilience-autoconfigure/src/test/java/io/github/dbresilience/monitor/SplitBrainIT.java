// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.PrimaryAndStandby;
import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * The old primary is left running and writable while its standby is promoted.
 */
class SplitBrainIT {

	@Test
	void noTransactionReachesTheOldPrimaryOnceThePromotionWasSeen() throws Exception {
		AtomicLong ids = new AtomicLong();
		try (PrimaryAndStandby pair = PrimaryAndStandby.start(Replication.ASYNCHRONOUS)) {
			PostgresServer old = pair.primary();
			admin(old, "create table work (id bigint)", "grant all on work to public");
			try (MonitoredApplication application = MonitoredApplication
				.start(pair.jdbcUrl() + "?targetServerType=primary", old.username(), old.password())) {
				WriteLoad load = new WriteLoad(4, ids, application.ledger()::write);
				PostgresServer promoted;
				long seen;
				try (load) {
					load.awaitSuccesses(Duration.ofMillis(500));
					promoted = pair.promote();
					Awaitility.await()
						.pollDelay(Duration.ZERO)
						.pollInterval(Duration.ofMillis(1))
						.until(() -> application.snapshot()
							.servers()
							.stream()
							.anyMatch((server) -> server.identity() != null && server.identity().timeline() == 2));
					seen = System.nanoTime();
					load.awaitSuccesses(Duration.ofSeconds(2));
					Awaitility.await()
						.until(() -> application.snapshot().servers().get(0).state() == DatabaseState.STALE_PRIMARY);
					assertThat(application.snapshot().state()).isEqualTo(DatabaseState.UP);
					assertThat(application.monitor().events().newestFirst()).extracting(MonitorEvent::kind)
						.contains(MonitorEvent.Kind.FENCED);
				}
				assertThat(load.failed).isEmpty();

				Set<Long> onNew = ids(promoted);
				Set<Long> orphans = new HashSet<>(ids(old));
				orphans.removeAll(onNew);
				System.out.printf(
						"%d transactions; %d went to the old primary after the promotion and before it was seen%n",
						ids.get(), orphans.size());
				assertThat(orphans).allMatch((id) -> load.begun.get(id) < seen);
				assertThat(load.acknowledged).filteredOn((id) -> load.begun.get(id) > seen)
					.isNotEmpty()
					.allMatch(onNew::contains);
			}
		}
	}

	@Test
	void anOldPrimaryThatIsAloneIsRefusedUntilSomebodySaysOtherwise() throws Exception {
		try (PrimaryAndStandby pair = PrimaryAndStandby.start(Replication.ASYNCHRONOUS);
				FaultProxy proxy = FaultProxy.to(pair.primary())) {
			PostgresServer old = pair.primary();
			try (MonitoredApplication application = MonitoredApplication.start(proxy.jdbcUrl(), old.username(),
					old.password(), "db.resilience.retry.max-duration=1s")) {
				proxy.retarget(pair.promote());
				proxy.cut();
				Awaitility.await().until(() -> works(application));
				proxy.retarget(old);
				proxy.cut();
				Awaitility.await().until(() -> application.snapshot().state() == DatabaseState.STALE_PRIMARY);
				assertThat(works(application)).isFalse();
				application.protection().choice().fence().reset();
				Awaitility.await().until(() -> works(application));
			}
		}
	}

	private static boolean works(MonitoredApplication application) {
		return catchThrowable(() -> application.jdbc().queryForObject("select 1", Integer.class)) == null;
	}

	private static Set<Long> ids(PostgresServer server) throws SQLException {
		Set<Long> ids = new HashSet<>();
		try (Connection admin = server.connect();
				var row = admin.createStatement().executeQuery("select id from work")) {
			while (row.next()) {
				ids.add(row.getLong(1));
			}
		}
		return ids;
	}

	private static void admin(PostgresServer server, String... statements) throws SQLException {
		try (Connection admin = server.connect(); var statement = admin.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

}
