// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

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

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a sample tells of a WAL archive that works, is slow, or fails. The archive command
 * waits while a file "slow" is in the data directory and fails while a file "broken" is.
 */
@Timeout(120)
class SamplerArchiveTests {

	/** Bounded, so that nothing is left behind by a server that is killed. */
	private static final String COMMAND = "i=0; while test -e slow && test $i -lt 200; do sleep 0.1; i=$((i+1)); done; "
			+ "test ! -e broken";

	private static PostgresServer server;

	private final SteppingClock clock = new SteppingClock();

	private final Sampler sampler = new Sampler("orders, db1:5432", this.clock, Duration.ofSeconds(3));

	private Connection admin;

	private Path slow;

	private Path broken;

	@BeforeAll
	static void start() {
		server = PostgresServer.builder().setting("archive_mode", "on").setting("archive_command", COMMAND).start();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void connect() throws SQLException {
		this.admin = server.connect();
		this.slow = server.dataDirectory().resolve("slow");
		this.broken = server.dataDirectory().resolve("broken");
	}

	@AfterEach
	void mend() throws SQLException, IOException {
		Files.deleteIfExists(this.slow);
		Files.deleteIfExists(this.broken);
		execute("revoke pg_monitor from " + server.username());
		// Wakes the archiver, which otherwise waits a minute after three failures
		fillSegment();
		Awaitility.await().atMost(Duration.ofSeconds(90)).until(() -> {
			Sample.Archive archive = new Sampler("mended", this.clock, Duration.ofSeconds(3)).take(this.admin, null)
				.archive();
			return !archive.failing() && archive.waitingSegments() == 0;
		});
		this.admin.close();
	}

	@Test
	void anArchiveThatWorksHasNothingWaiting() throws SQLException {
		fillSegment();
		Awaitility.await().untilAsserted(() -> {
			Sample sample = this.sampler.take(this.admin, null);
			assertThat(sample.missing()).isEmpty();
			assertThat(sample.archive().failing()).isFalse();
			assertThat(sample.archive().waitingSegments()).isZero();
			assertThat(sample.archive().oldestWaiting()).isNull();
		});
	}

	@Test
	void anArchiveThatIsSlowLetsSegmentsWait() throws SQLException, IOException {
		Files.createFile(this.slow);
		fillSegment();
		fillSegment();
		Awaitility.await().untilAsserted(() -> {
			Sample.Archive archive = this.sampler.take(this.admin, null).archive();
			assertThat(archive.failing()).isFalse();
			assertThat(archive.waitingSegments()).isGreaterThanOrEqualTo(2);
			assertThat(archive.oldestWaiting()).isGreaterThan(Duration.ofSeconds(1));
		});
	}

	@Test
	void anArchiveThatFailsIsToldWithAndWithoutRights() throws SQLException, IOException {
		Files.createFile(this.broken);
		fillSegment();
		Awaitility.await().untilAsserted(() -> {
			Sample.Archive archive = this.sampler.take(this.admin, null).archive();
			assertThat(archive.failing()).isTrue();
			assertThat(archive.failures()).isPositive();
			assertThat(archive.waitingSegments()).isPositive();
		});
		try (Connection app = asApp()) {
			Sampler unprivileged = new Sampler("orders, db1:5432", this.clock, Duration.ofSeconds(3));
			Sample sample = unprivileged.take(app, null);
			assertThat(sample.archive().failing()).isTrue();
			assertThat(sample.archive().waitingSegments()).isNull();
			assertThat(sample.missing()).containsEntry("archive.waiting",
					"pg_ls_archive_statusdir may not be called; grant pg_monitor to app");
			execute("grant pg_monitor to " + server.username());
			Sample granted = unprivileged.take(app, null);
			assertThat(granted.missing()).isEmpty();
			assertThat(granted.archive().waitingSegments()).isPositive();
			execute("revoke pg_monitor from " + server.username());
			Sample revoked = unprivileged.take(app, null);
			assertThat(revoked.archive().failing()).isTrue();
			assertThat(revoked.missing()).containsKey("archive.waiting");
			this.clock.step(Duration.ofMinutes(11));
			assertThat(unprivileged.take(app, null).missing()).containsEntry("archive.waiting",
					"pg_ls_archive_statusdir may not be called; grant pg_monitor to app");
		}
	}

	@Test
	void theListCostsNoFurtherRoundTrip() throws SQLException {
		try (FaultProxy proxy = FaultProxy.to(server);
				Connection connection = DriverManager.getConnection(proxy.jdbcUrl(), server.adminUsername(),
						server.adminPassword())) {
			this.sampler.take(connection, null);
			Traffic before = proxy.traffic();
			assertThat(this.sampler.take(connection, null).archive().waitingSegments()).isNotNull();
			assertThat(proxy.traffic().since(before).roundTrips()).isEqualTo(5);
		}
	}

	private void fillSegment() throws SQLException {
		execute("create table if not exists work (id int)");
		execute("insert into work values (1)");
		execute("select pg_switch_wal()");
	}

	private static Connection asApp() throws SQLException {
		return DriverManager.getConnection(server.jdbcUrl(), server.username(), server.password());
	}

	private void execute(String sql) throws SQLException {
		try (Statement statement = this.admin.createStatement()) {
			statement.execute(sql);
		}
	}

}
