// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.PrimaryAndStandby;
import io.github.dbresilience.testing.PrimaryAndStandby.Replication;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What samples of a primary and of its standby tell when the standby rests, lags, is cut
 * off, and is promoted.
 */
@Timeout(120)
class SamplerStandbyIT {

	private static final Duration TIMEOUT = Duration.ofSeconds(3);

	private PrimaryAndStandby servers;

	private Connection primary;

	private Connection standby;

	private final SteppingClock clock = new SteppingClock();

	private final Sampler ofPrimary = new Sampler("orders, primary", this.clock, TIMEOUT);

	private final Sampler ofStandby = new Sampler("orders, standby", this.clock, TIMEOUT);

	@BeforeEach
	void start() throws SQLException {
		this.servers = PrimaryAndStandby.start(Replication.ASYNCHRONOUS);
		this.primary = this.servers.primary().connect();
		this.standby = this.servers.standby().connect();
		execute(this.primary, "create table work as select 1 as id");
		this.servers.awaitCaughtUp();
	}

	@AfterEach
	void stop() {
		this.servers.close();
	}

	@Test
	void aStandbyAtRestIsNotBehind() throws SQLException {
		awaitReplayAge(Duration.ofMillis(1500));
		assertThat(this.ofStandby.take(this.standby, null))
			.returns(new Sample.Replication(0, 0L, Duration.ZERO, null), Sample::replication)
			.returns(Map.of(), Sample::missing);
		Awaitility.await()
			.untilAsserted(() -> assertThat(this.ofPrimary.take(this.primary, null).replication())
				.isEqualTo(new Sample.Replication(1, 0L, Duration.ZERO, null)));
	}

	@Test
	void aStandbyThatStandsStillIsSeenByItselfAndByItsPrimary() throws SQLException {
		this.ofPrimary.take(this.primary, null);
		execute(this.standby, "select pg_wal_replay_pause()");
		write();
		awaitReceived();
		assertThat(this.ofStandby.take(this.standby, null).replication().lagBytes()).isGreaterThan(1_000_000);
		assertThat(this.ofPrimary.take(this.primary, null).replication().lagBytes()).isGreaterThan(1_000_000);
		awaitReplayAge(Duration.ofMillis(1500));
		this.clock.step(Duration.ofSeconds(40));
		assertThat(this.ofStandby.take(this.standby, null).replication().lagTime())
			.isGreaterThanOrEqualTo(Duration.ofMillis(1500));
		assertThat(this.ofPrimary.take(this.primary, null).replication().lagTime())
			.isGreaterThanOrEqualTo(Duration.ofSeconds(40));
		execute(this.standby, "select pg_wal_replay_resume()");
		this.servers.awaitCaughtUp();
		assertThat(this.ofStandby.take(this.standby, null).replication().lagTime()).isZero();
		Awaitility.await().untilAsserted(() -> {
			Sample.Replication replication = this.ofPrimary.take(this.primary, null).replication();
			assertThat(replication.lagBytes()).isZero();
			assertThat(replication.lagTime()).isZero();
		});
	}

	@Test
	void theFirstWriteAfterARestIsNoLagOfTheWholeRest() throws SQLException {
		awaitReplayAge(Duration.ofSeconds(2));
		this.ofStandby.take(this.standby, null);
		execute(this.standby, "select pg_wal_replay_pause()");
		write();
		awaitReceived();
		this.clock.step(Duration.ofMillis(20));
		Sample.Replication replication = this.ofStandby.take(this.standby, null).replication();
		assertThat(replication.lagBytes()).isPositive();
		assertThat(replication.lagTime()).isEqualTo(Duration.ofMillis(20));
	}

	@Test
	void aStandbyThatNothingReachesLagsForItsPrimary() throws SQLException {
		this.ofPrimary.take(this.primary, null);
		this.servers.holdReplication();
		write();
		assertThat(this.ofPrimary.take(this.primary, null).replication().lagBytes()).isGreaterThan(1_000_000);
		this.clock.step(Duration.ofSeconds(40));
		assertThat(this.ofPrimary.take(this.primary, null).replication().lagTime())
			.isGreaterThanOrEqualTo(Duration.ofSeconds(40));
	}

	@Test
	void aStandbyThatIsCutOffSaysThatItDoesNotKnow() throws SQLException {
		this.ofStandby.take(this.standby, null);
		this.servers.link().refuse();
		this.servers.link().cut();
		write();
		awaitReplayAge(Duration.ofSeconds(1));
		Awaitility.await().untilAsserted(() -> {
			this.clock.step(Duration.ofSeconds(1));
			Sample sample = this.ofStandby.take(this.standby, null);
			assertThat(sample.replication().lagBytes()).isNull();
			assertThat(sample.replication().lagTime()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
			assertThat(sample.missing().get("replication.lag")).contains("this standby receives no stream of WAL");
		});
		assertThat(this.ofPrimary.take(this.primary, null).replication())
			.isEqualTo(new Sample.Replication(0, null, null, null));
		this.servers.link().accept();
		this.servers.awaitCaughtUp();
		assertThat(this.ofStandby.take(this.standby, null).replication())
			.isEqualTo(new Sample.Replication(0, 0L, Duration.ZERO, null));
	}

	@Test
	void aRoleWithoutRightsSeesTheStandbyButNotItsLag() throws SQLException {
		try (Connection app = asApp(this.servers.primary())) {
			Sample sample = this.ofPrimary.take(app, null);
			assertThat(sample.replication()).isEqualTo(new Sample.Replication(1, null, null, null));
			assertThat(sample.missing()).containsEntry("replication.lag",
					"how far standbys are behind is hidden; grant pg_monitor to app");
		}
	}

	@Test
	void aRoleWithoutRightsIsToldTheLagByTheStandby() throws SQLException {
		try (Connection app = asApp(this.servers.standby())) {
			assertThat(this.ofStandby.take(app, null).replication())
				.isEqualTo(new Sample.Replication(0, 0L, Duration.ZERO, null));
			execute(this.standby, "select pg_wal_replay_pause()");
			write();
			awaitReceived();
			assertThat(this.ofStandby.take(app, null).replication().lagBytes()).isGreaterThan(1_000_000);
		}
	}

	@Test
	void aStandbyThatIsPromotedIsSampledAsPrimaryOnTheSameConnection() throws SQLException {
		this.ofStandby.take(this.standby, null);
		this.servers.failOver();
		Sample sample = this.ofStandby.take(this.standby, null);
		assertThat(sample.replication()).isEqualTo(new Sample.Replication(0, null, null, null));
		assertThat(sample.missing()).isEmpty();
	}

	private void write() throws SQLException {
		execute(this.primary, "insert into work select generate_series(1, 50000)");
	}

	private void awaitReceived() throws SQLException {
		String position = query(this.primary, "select pg_current_wal_flush_lsn()");
		Awaitility.await()
			.until(() -> query(this.standby, "select pg_last_wal_receive_lsn() >= '" + position + "'").equals("t"));
	}

	private void awaitReplayAge(Duration age) {
		Awaitility.await()
			.until(() -> query(this.standby,
					"select clock_timestamp() - pg_last_xact_replay_timestamp() > interval '" + age.toMillis() + " ms'")
				.equals("t"));
	}

	private static Connection asApp(PostgresServer server) throws SQLException {
		return DriverManager.getConnection(server.jdbcUrl(), server.username(), server.password());
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
