// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;

import io.github.dbresilience.testing.FaultProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.postgresql.PGConnection;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What becomes of a sample when the server is slow, refuses, or is gone.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class SamplerFailureTests extends SampledServer {

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

}
