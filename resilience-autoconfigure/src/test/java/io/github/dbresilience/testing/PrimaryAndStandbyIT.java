// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.FutureTask;

import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Integration tests for {@link PrimaryAndStandby}.
 */
class PrimaryAndStandbyIT {

	@Test
	void failsOverManyTimesAndKeepsTheData() throws SQLException {
		try (PrimaryAndStandby servers = PrimaryAndStandby.start(Replication.ASYNCHRONOUS)) {
			execute(servers.primary(), "create table t (id int)");
			for (int i = 1; i <= 6; i++) {
				execute(servers.primary(), "insert into t values (1)");
				servers.awaitCaughtUp();
				PostgresServer old = servers.primary();
				long start = System.nanoTime();
				PostgresServer promoted = servers.failOver();
				long promotedAt = System.nanoTime();
				assertThat(promoted).isNotSameAs(old).isSameAs(servers.primary());
				assertThat(old.isRunning()).isFalse();
				assertThat(query(promoted, "select count(*) from t")).isEqualTo(Integer.toString(i));
				assertThat(query(promoted, "select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)::int"))
					.isEqualTo(Integer.toString(i + 1));
				servers.rebuild();
				assertThat(servers.standby()).isSameAs(old);
				assertThat(query(old, "select pg_is_in_recovery()")).isEqualTo("t");
				System.out.printf("failover %d ms, rebuild %d ms%n", (promotedAt - start) / 1_000_000,
						(System.nanoTime() - promotedAt) / 1_000_000);
			}
		}
	}

	@Test
	void whatWasHeldBackIsLostInAFailover() throws SQLException {
		try (PrimaryAndStandby servers = PrimaryAndStandby.start(Replication.ASYNCHRONOUS)) {
			execute(servers.primary(), "create table t (id int)");
			servers.awaitCaughtUp();
			servers.holdReplication();
			execute(servers.primary(), "insert into t values (1)");
			Awaitility.await()
				.during(Duration.ofMillis(300))
				.until(() -> query(servers.standby(), "select count(*) from t").equals("0"));
			servers.failOver();
			assertThat(query(servers.primary(), "select count(*) from t")).isEqualTo("0");
			servers.rebuild();
			servers.holdReplication();
			execute(servers.primary(), "insert into t values (2)");
			servers.resumeReplication();
			servers.awaitCaughtUp();
			assertThat(query(servers.standby(), "select count(*) from t")).isEqualTo("1");
		}
	}

	@Test
	void aSynchronousCommitWaitsForTheStandbyUntilThatIsPromoted() throws Exception {
		try (PrimaryAndStandby servers = PrimaryAndStandby.start(Replication.SYNCHRONOUS)) {
			execute(servers.primary(), "create table t (id int)");
			servers.holdReplication();
			PostgresServer old = servers.primary();
			FutureTask<Void> insert = new FutureTask<>(() -> {
				execute(old, "insert into t values (1)");
				return null;
			});
			new Thread(insert).start();
			Awaitility.await().during(Duration.ofMillis(300)).until(() -> !insert.isDone());
			servers.resumeReplication();
			assertThat(insert).succeedsWithin(Duration.ofSeconds(5));
			servers.failOver();
			assertThat(query(servers.primary(), "select count(*) from t")).isEqualTo("1");
			execute(servers.primary(), "insert into t values (2)");
			servers.rebuild();
			assertThat(query(servers.primary(), "select sync_state from pg_stat_replication")).isEqualTo("sync");
			execute(servers.primary(), "insert into t values (3)");
			servers.awaitCaughtUp();
			assertThat(query(servers.standby(), "select count(*) from t")).isEqualTo("3");
		}
	}

	@Test
	void theOldPrimaryMayLiveOn() throws SQLException {
		try (PrimaryAndStandby servers = PrimaryAndStandby.start(Replication.ASYNCHRONOUS)) {
			execute(servers.primary(), "create table t (id int)");
			servers.awaitCaughtUp();
			servers.promote();
			execute(servers.standby(), "insert into t values (1)");
			execute(servers.primary(), "insert into t values (2)");
			servers.rebuild();
			assertThat(query(servers.standby(), "select id from t")).isEqualTo("2");
		}
	}

	@Test
	void theUrlFindsThePrimary() throws SQLException {
		try (PrimaryAndStandby servers = PrimaryAndStandby.start(Replication.ASYNCHRONOUS)) {
			assertThat(portOf(servers, "primary")).isEqualTo(servers.primary().port());
			assertThat(portOf(servers, "secondary")).isEqualTo(servers.standby().port());
			String url = servers.jdbcUrl();
			servers.failOver();
			assertThat(servers.jdbcUrl()).isEqualTo(url);
			assertThat(portOf(servers, "primary")).isEqualTo(servers.primary().port());
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> portOf(servers, "secondary"))
				.returns("08001", SQLException::getSQLState);
		}
	}

	private static int portOf(PrimaryAndStandby servers, String type) throws SQLException {
		String url = servers.jdbcUrl() + "?hostRecheckSeconds=0&targetServerType=" + type;
		try (Connection connection = DriverManager.getConnection(url, servers.primary().username(),
				servers.primary().password())) {
			return Integer.parseInt(query(connection, "show port"));
		}
	}

	private static void execute(PostgresServer server, String sql) throws SQLException {
		try (Connection connection = server.connect(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static String query(PostgresServer server, String sql) throws SQLException {
		try (Connection connection = server.connect()) {
			return query(connection, sql);
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getString(1);
		}
	}

}
