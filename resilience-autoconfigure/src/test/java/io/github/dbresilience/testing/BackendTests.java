// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.FutureTask;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link Backend}.
 */
class BackendTests {

	private static PostgresServer server;

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void endsOneSession() throws SQLException {
		try (Connection victim = connect(); Connection bystander = connect()) {
			Backend backend = backend(victim);
			assertThat(backend.terminate()).isTrue();
			assertThat(backend.isAlive()).isFalse();
			assertFails(victim, "57P01");
			assertThat(query(bystander, "select 1")).isEqualTo("1");
			assertThatIllegalArgumentException().isThrownBy(() -> server.backend(backend.pid()));
		}
	}

	@Test
	void cancelsOneStatement() throws Exception {
		try (Connection victim = connect()) {
			Backend backend = backend(victim);
			FutureTask<String> answer = inBackground(victim, "select pg_sleep(30)");
			Awaitility.await().until(() -> {
				backend.cancel();
				return answer.isDone();
			});
			assertThat(answer).failsWithin(Duration.ZERO).withThrowableThat().withMessageContaining("canceling");
			assertThat(query(victim, "select 1")).isEqualTo("1");
		}
	}

	@Test
	void aPausedSessionAnswersOnceItIsResumed() throws SQLException {
		try (Connection victim = connect(); Connection bystander = connect()) {
			Backend backend = backend(victim);
			backend.pause();
			FutureTask<String> answer = inBackground(victim, "select 1");
			Awaitility.await().during(Duration.ofMillis(300)).until(() -> !answer.isDone());
			assertThat(query(bystander, "select 1")).isEqualTo("1");
			backend.resume();
			assertThat(answer).succeedsWithin(Duration.ofSeconds(5)).isEqualTo("1");
		}
	}

	@Test
	void aKilledSessionTakesTheOthersWithItAndTheServerRecovers() throws SQLException {
		try (Connection victim = connect(); Connection bystander = connect()) {
			long postmaster = server.postmasterPid();
			backend(victim).kill();
			assertFails(victim, "08006");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(bystander, "select 1"));
			Awaitility.await().ignoreExceptions().until(() -> {
				try (Connection connection = connect()) {
					return query(connection, "select 1").equals("1");
				}
			});
			assertThat(server.postmasterPid()).isEqualTo(postmaster);
		}
	}

	private static Connection connect() throws SQLException {
		return DriverManager.getConnection(server.jdbcUrl(), server.username(), server.password());
	}

	private static Backend backend(Connection connection) throws SQLException {
		return server.backend(connection.unwrap(PGConnection.class).getBackendPID());
	}

	private static FutureTask<String> inBackground(Connection connection, String sql) {
		FutureTask<String> answer = new FutureTask<>(() -> query(connection, sql));
		new Thread(answer).start();
		return answer;
	}

	private static void assertFails(Connection connection, String sqlState) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(connection, "select 1"))
			.returns(sqlState, SQLException::getSQLState);
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getString(1);
		}
	}

}
