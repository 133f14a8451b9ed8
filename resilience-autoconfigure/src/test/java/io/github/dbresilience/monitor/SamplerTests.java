// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.dbresilience.testing.FaultProxy;
import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.Traffic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a sample tells of a primary without standbys and archive, by the rights of its
 * role, and what becomes of it when something fails.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class SamplerTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(3);

	private static PostgresServer server;

	private final List<Connection> opened = new ArrayList<>();

	private final Sampler sampler = new Sampler("orders, db1:5432", Clock.systemUTC(), TIMEOUT);

	private Connection admin;

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.builder()
			.setting("max_connections", "40")
			.setting("superuser_reserved_connections", "4")
			.start();
		try (Connection connection = server.connect()) {
			execute(connection, "create role watcher login password 'pw' in role pg_monitor");
			execute(connection, "create role \"Odd Role\" login password 'pw'");
		}
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void connect() throws SQLException {
		this.admin = keep(server.connect());
	}

	@AfterEach
	void disconnect() throws SQLException {
		server.terminateBackends();
		for (Connection connection : this.opened) {
			connection.close();
		}
	}

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
		beginAs(this.admin);
		Sample sample = this.sampler.take(asApp(), null);
		assertThat(sample.missing()).containsExactly(java.util.Map.entry("sessions.ages",
				"transactions of other roles are hidden; grant pg_monitor to app"));
		assertThat(sample.sessions()).isEqualTo(new Sample.Sessions(2, 36, null, null));
		assertThat(sample.replication()).isNotNull();
		assertThat(sample.transactionIdAge()).isPositive();
		assertThat(sample.connectLatency()).isNull();
	}

	@Test
	void aRoleWithoutRightsSeesItsOwnTransactions() throws SQLException {
		beginAs(asApp());
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
		beginAs(asApp());
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

	@Test
	void aCatalogThatDoesNotAnswerTakesNoOtherReadingWithIt() throws SQLException {
		Connection app = asApp();
		Sampler hasty = new Sampler("orders, db1:5432", Clock.systemUTC(), Duration.ofMillis(400));
		hasty.take(app, null);
		this.admin.setAutoCommit(false);
		execute(this.admin, "lock table pg_class in access exclusive mode");
		Sample sample = hasty.take(app, null);
		this.admin.rollback();
		assertThat(sample.queryLatency()).isBetween(Duration.ofMillis(400), Duration.ofSeconds(3));
		assertThat(sample.missing()).doesNotContainKey("queryLatency");
		assertThat(sample.sessions()).isNotNull();
		assertThat(sample.transactionIdAge()).isNotNull();
		assertUsable(app);
	}

	@Test
	void aReadingThatTakesTooLongIsMissingAndTheSampleIsBounded() throws SQLException {
		Connection app = asApp();
		Sampler hasty = new Sampler("orders, db1:5432", Clock.systemUTC(), Duration.ofMillis(400));
		hasty.take(app, null);
		this.admin.setAutoCommit(false);
		execute(this.admin, "lock table pg_database in access exclusive mode");
		long start = System.nanoTime();
		Sample sample = hasty.take(app, null);
		Duration took = Duration.ofNanos(System.nanoTime() - start);
		this.admin.rollback();
		assertThat(sample.sessions()).isNull();
		assertThat(sample.missing()).containsEntry("sessions", "it took too long and was cancelled")
			.containsEntry("replication", "not asked for, as the readings before it took too long");
		assertThat(sample.queryLatency()).isNotNull();
		assertThat(took).isLessThan(Duration.ofSeconds(3));
		assertUsable(app);
		assertThat(hasty.take(app, null).missing()).containsOnlyKeys("sessions.ages");
	}

	@Test
	void theServerAnswersBeforeTheNetworkTimeoutOfTheConnection() throws SQLException {
		Connection app = asApp();
		app.setNetworkTimeout(Runnable::run, 1000);
		this.sampler.take(app, null);
		this.admin.setAutoCommit(false);
		execute(this.admin, "lock table pg_class in access exclusive mode");
		Sample sample = this.sampler.take(app, null);
		this.admin.rollback();
		assertThat(sample.queryLatency()).isGreaterThanOrEqualTo(Duration.ofMillis(500));
		assertUsable(app);
	}

	@Test
	void theSessionIsLeftAsItWas() throws SQLException {
		Connection app = asApp();
		this.sampler.take(app, null);
		assertUsable(app);
		assertThat(query(app, "show statement_timeout")).isEqualTo("0");
		assertThat(query(app, "show transaction_read_only")).isEqualTo("off");
	}

	@Test
	void anEndedSessionIsThrownOn() throws SQLException {
		Connection app = asApp();
		server.backend(app.unwrap(PGConnection.class).getBackendPID()).terminate();
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.sampler.take(app, null))
			.returns("57P01", SQLException::getSQLState);
	}

	@Test
	void aNetworkThatIsGoneIsThrownOn() throws SQLException {
		try (FaultProxy proxy = FaultProxy.to(server);
				Connection connection = DriverManager.getConnection(proxy.jdbcUrl(), server.username(),
						server.password())) {
			connection.setNetworkTimeout(Runnable::run, 700);
			this.sampler.take(connection, null);
			proxy.blackHole();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> this.sampler.take(connection, null))
				.returns("08006", SQLException::getSQLState);
			assertThat(connection.isClosed()).isTrue();
		}
	}

	@Test
	void whatTheServerRefusesIsMissingAndAskedForAgainOnlyLater() throws SQLException, IOException {
		SteppingClock clock = new SteppingClock();
		Sampler patient = new Sampler("orders, db1:5432", clock, TIMEOUT);
		Connection app = asApp();
		execute(this.admin, "revoke execute on function pg_current_wal_lsn() from public");
		try {
			for (int i = 0; i < 3; i++) {
				Sample sample = patient.take(app, null);
				assertThat(sample.replication()).isNull();
				assertThat(sample.missing().get("replication")).contains("42501", "pg_current_wal_lsn",
						"grant that right to app");
				assertThat(sample.sessions()).isNotNull();
				assertThat(sample.transactionIdAge()).isNotNull();
				clock.step(Duration.ofMinutes(3));
			}
			assertThat(refusalsInLog()).isOne();
		}
		finally {
			execute(this.admin, "grant execute on function pg_current_wal_lsn() to public");
		}
		clock.step(Duration.ofMinutes(3));
		assertThat(patient.take(app, null).replication()).isNotNull();
	}

	private static long refusalsInLog() throws IOException {
		return Files.readAllLines(server.logFile())
			.stream()
			.filter((line) -> line.contains("permission denied for function pg_current_wal_lsn"))
			.count();
	}

	@Test
	void whatIsMissingIsSaidOnce(CapturedOutput output) throws SQLException {
		Connection app = asApp();
		for (int i = 0; i < 5; i++) {
			this.sampler.take(app, null);
		}
		assertThat(output.getOut().lines().filter((line) -> line.contains("orders, db1:5432 - monitored without")))
			.singleElement()
			.asString()
			.contains("INFO", "orders, db1:5432 - monitored without sessions.ages: "
					+ "transactions of other roles are hidden; grant pg_monitor to app");
	}

	private void assertUsable(Connection connection) throws SQLException {
		assertThat(connection.getAutoCommit()).isTrue();
		assertThat(query(connection, "select 1")).isEqualTo("1");
		assertThat(query(this.admin, "select state from pg_stat_activity where pid = "
				+ connection.unwrap(PGConnection.class).getBackendPID()))
			.isEqualTo("idle");
	}

	private void beginAs(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
		execute(connection, "select 1");
	}

	private Connection asApp() throws SQLException {
		return keep(DriverManager.getConnection(server.jdbcUrl(), server.username(), server.password()));
	}

	private Connection as(String role) throws SQLException {
		return keep(DriverManager.getConnection(server.jdbcUrl(), role, "pw"));
	}

	private Connection keep(Connection connection) {
		this.opened.add(connection);
		return connection;
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

}
