// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.Traffic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a sample tells of a primary without standbys and archive, by the rights of its
 * role.
 */
@Timeout(60)
class SamplerTests extends SampledServer {

	@Test
	void theSuperuserIsToldEverything() throws SQLException {
		assertComplete(this.sampler.take(this.admin, Duration.ofMillis(7)));
	}

	@Test
	void pgMonitorIsToldEverything() throws SQLException {
		assertComplete(this.sampler.take(as("watcher"), Duration.ofMillis(7)));
	}

	private static void assertComplete(Sample sample) {
		assertThat(sample.missing()).isEmpty();
		assertThat(sample.at()).isBeforeOrEqualTo(Clock.systemUTC().instant());
		assertThat(sample.connectLatency()).isEqualTo(Duration.ofMillis(7));
		assertThat(sample.queryLatency()).isPositive();
		assertThat(sample.transactionIdAge()).isPositive();
		assertThat(sample.replication()).isEqualTo(new Sample.Replication(0, null, null, null));
		assertThat(sample.archive()).isNull();
		assertThat(sample.sessions()).isNotNull();
		assertThat(sample.sessions().limit()).isEqualTo(36);
	}

	@Test
	void aRoleWithoutRightsIsToldAllButTheTransactionsOfOthers() throws SQLException {
		begin(this.admin);
		Sample sample = this.sampler.take(asApp(), null);
		assertThat(sample.missing()).containsExactly(
				Map.entry("sessions.ages", "transactions of other roles are hidden; grant pg_monitor to app"));
		assertThat(sample.sessions()).isEqualTo(new Sample.Sessions(2, 36, null, null));
		assertThat(sample.replication()).isNotNull();
		assertThat(sample.transactionIdAge()).isPositive();
		assertThat(sample.connectLatency()).isNull();
	}

	@Test
	void aRoleWithoutRightsSeesItsOwnTransactions() throws SQLException {
		begin(asApp());
		Sample.Sessions sessions = this.sampler.take(asApp(), null).sessions();
		assertThat(sessions.longestTransaction()).isNotNull();
		assertThat(sessions.longestIdleInTransaction()).isNotNull();
	}

	@Test
	void theGrantNamesTheRoleAsSqlWantsIt() throws SQLException {
		assertThat(this.sampler.take(as("Odd Role"), null).missing().get("sessions.ages"))
			.endsWith("grant pg_monitor to \"Odd Role\"");
	}

	@Test
	void everySessionIsCountedWhoeverAsks() throws SQLException {
		for (int i = 0; i < 5; i++) {
			asApp();
			as("watcher");
		}
		assertThat(this.sampler.take(this.admin, null).sessions().open()).isEqualTo(11);
		assertThat(this.sampler.take(as("watcher"), null).sessions().open()).isEqualTo(12);
		assertThat(this.sampler.take(asApp(), null).sessions().open()).isEqualTo(13);
		assertThat(this.sampler.take(as("Odd Role"), null).sessions().open()).isEqualTo(14);
	}

	@Test
	void theMonitorsOwnTransactionIsNotALongOne() throws SQLException {
		Sample.Sessions sessions = this.sampler.take(this.admin, null).sessions();
		assertThat(sessions.longestTransaction()).isNull();
		assertThat(sessions.longestIdleInTransaction()).isNull();
	}

	@Test
	void aSessionThatSitsInATransactionIsSeenToAge() throws SQLException {
		begin(asApp());
		Connection watcher = as("watcher");
		Awaitility.await().until(() -> {
			Sample.Sessions sessions = this.sampler.take(watcher, null).sessions();
			return sessions.longestIdleInTransaction().compareTo(Duration.ofMillis(300)) > 0
					&& sessions.longestTransaction().compareTo(sessions.longestIdleInTransaction()) >= 0;
		});
	}

	@Test
	void aBusyTransactionIsLongButNotIdle() throws SQLException {
		Connection busy = asApp();
		Thread sleeper = new Thread(() -> {
			try {
				execute(busy, "select pg_sleep(30)");
			}
			catch (SQLException ex) {
				// The end of the test
			}
		});
		sleeper.start();
		Awaitility.await().until(() -> {
			Sample.Sessions sessions = this.sampler.take(this.admin, null).sessions();
			return sessions.longestTransaction() != null
					&& sessions.longestTransaction().compareTo(Duration.ofMillis(200)) > 0
					&& sessions.longestIdleInTransaction() == null;
		});
	}

	@Test
	void aSlotHoldsWalBack() throws SQLException {
		execute(this.admin, "select pg_create_physical_replication_slot('held', true)");
		try {
			execute(this.admin, "create table ballast as select repeat('x', 1000) from generate_series(1, 1000)");
			execute(this.admin, "drop table ballast");
			assertThat(this.sampler.take(asApp(), null).replication().slotBytes()).isGreaterThan(1_000_000);
		}
		finally {
			execute(this.admin, "select pg_drop_replication_slot('held')");
		}
	}

	@Test
	void aSampleCostsFiveRoundTripsOnTheConnectionThatIsThere() throws SQLException {
		try (FaultProxy proxy = FaultProxy.to(server);
				Connection connection = DriverManager.getConnection(proxy.jdbcUrl(), server.username(),
						server.password())) {
			this.sampler.take(connection, null);
			Traffic before = proxy.traffic();
			this.sampler.take(connection, null);
			Traffic cost = proxy.traffic().since(before);
			assertThat(cost.connections()).isZero();
			assertThat(cost.roundTrips()).isEqualTo(4 + 1);
		}
	}

	@Test
	void theLatencyIsThatOfTheWayAndTheQuery() throws SQLException {
		try (FaultProxy proxy = FaultProxy.to(server);
				Connection connection = DriverManager.getConnection(proxy.jdbcUrl(), server.username(),
						server.password())) {
			assertThat(this.sampler.take(connection, null).queryLatency()).isLessThan(Duration.ofSeconds(1));
			proxy.delay(Duration.ofMillis(60));
			assertThat(this.sampler.take(connection, null).queryLatency()).isBetween(Duration.ofMillis(120), TIMEOUT);
		}
	}

}
