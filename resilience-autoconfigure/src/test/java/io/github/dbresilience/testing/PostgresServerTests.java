// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link PostgresServer}.
 */
class PostgresServerTests {

	@Test
	void committedRowsSurviveTheKillOfAllProcesses() throws SQLException {
		try (PostgresServer server = PostgresServer.create(); Connection lost = connect(server, "")) {
			execute(lost, "create table t (id int)", "insert into t values (1)");
			long pid = server.postmasterPid();
			List<ProcessHandle> backends = ProcessHandle.of(pid).orElseThrow().children().toList();

			server.killPostmasterAndBackends();

			assertThat(server.isRunning()).isFalse();
			assertThat(backends).hasSizeGreaterThan(3).noneMatch(Postmaster::isAlive);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(lost, "select 1"))
				.returns("08006", SQLException::getSQLState);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(server, ""))
				.returns("08001", SQLException::getSQLState);

			server.start();

			assertThat(server.postmasterPid()).isNotEqualTo(pid);
			try (Connection connection = connect(server, "")) {
				assertThat(query(connection, "select count(*) from t")).isEqualTo("1");
			}
		}
	}

	@Test
	void aPostmasterThatWasKilledByOthersIsNoticedAndReplaced() {
		try (PostgresServer server = PostgresServer.create()) {
			ProcessHandle.of(server.postmasterPid()).orElseThrow().destroyForcibly();
			Awaitility.await().until(() -> !server.isRunning());
			server.start();
			assertThat(server.isRunning()).isTrue();
		}
	}

	@Test
	void aFastStopEndsSessionsAndARestartKeepsTheRows() throws SQLException {
		try (PostgresServer server = PostgresServer.create()) {
			try (Connection connection = connect(server, "")) {
				execute(connection, "create table t (id int)");
				server.stop();
				assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(connection, "select 1"))
					.returns("57P01", SQLException::getSQLState);
			}
			assertThatIllegalStateException().isThrownBy(server::postmasterPid).withMessageContaining("down");
			server.restart();
			try (Connection connection = connect(server, "")) {
				assertThat(query(connection, "select count(*) from t")).isEqualTo("0");
			}
			server.restart();
			assertThatIllegalStateException().isThrownBy(server::start).withMessageContaining("runs already");
		}
	}

	@Test
	void anImmediateStopBreaksSessions() throws SQLException {
		try (PostgresServer server = PostgresServer.create(); Connection connection = connect(server, "")) {
			server.stopImmediately();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(connection, "select 1"))
				.returns("08006", SQLException::getSQLState);
		}
	}

	@Test
	void aPausedServerAnswersOnceItIsResumed() throws SQLException {
		try (PostgresServer server = PostgresServer.create(); Connection connection = connect(server, "")) {
			server.pause();
			FutureTask<String> answer = new FutureTask<>(() -> query(connection, "select 1"));
			new Thread(answer).start();
			Awaitility.await().during(Duration.ofMillis(300)).until(() -> !answer.isDone());
			assertThat(server.isRunning()).isTrue();
			server.resume();
			assertThat(answer).succeedsWithin(Duration.ofSeconds(5)).isEqualTo("1");
		}
	}

	@Test
	void aPausedPostmasterRefusesNobodyAndLetsNobodyIn() throws SQLException {
		try (PostgresServer server = PostgresServer.create(); Connection connection = connect(server, "")) {
			server.pausePostmaster();
			assertThat(query(connection, "select 1")).isEqualTo("1");
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(server, "?loginTimeout=1"));
			server.resume();
			connect(server, "").close();
		}
	}

	@Test
	void endsTheSessionsOfAnApplicationOrADatabase() throws SQLException {
		try (PostgresServer server = PostgresServer.create();
				TestDatabase other = server.createDatabase("Other one");
				Connection victim = connect(server, "?ApplicationName=victim");
				Connection inOther = other.connect();
				Connection bystander = connect(server, "")) {
			assertThat(server.terminateBackendsOfApplication("victim")).isOne();
			assertThat(server.terminateBackendsOfApplication("victim")).isZero();
			assertThat(server.terminateBackendsOfDatabase("Other one")).isOne();
			assertThat(victim.isValid(1)).isFalse();
			assertThat(inOther.isValid(1)).isFalse();
			assertThat(bystander.isValid(1)).isTrue();
			// One that is just ending may be counted again
			assertThat(server.terminateBackends()).isPositive();
			assertThat(bystander.isValid(1)).isFalse();
		}
	}

	@Test
	void letsInWhoKnowsThePassword() throws SQLException {
		try (PostgresServer server = PostgresServer.create()) {
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> DriverManager.getConnection(server.jdbcUrl(), server.username(), "wrong"))
				.returns("28P01", SQLException::getSQLState);
			try (Connection user = connect(server, ""); Connection admin = server.connect()) {
				assertThat(query(user, "show is_superuser")).isEqualTo("off");
				assertThat(query(admin, "show is_superuser")).isEqualTo("on");
			}
		}
	}

	@Test
	void commitsAreDurableAndSettingsApply() throws SQLException {
		try (PostgresServer server = PostgresServer.builder().setting("search_path", "it's").start();
				Connection connection = connect(server, "")) {
			assertThat(query(connection, "show fsync")).isEqualTo("on");
			assertThat(query(connection, "show synchronous_commit")).isEqualTo("on");
			assertThat(query(connection, "select current_setting('search_path')")).isEqualTo("it's");
		}
		assertThatIllegalArgumentException().isThrownBy(() -> PostgresServer.builder().setting("port", "1"));
	}

	@Test
	void serversAreIndependent() throws SQLException {
		try (PostgresServer one = PostgresServer.create(); PostgresServer two = PostgresServer.create()) {
			one.killPostmasterAndBackends();
			assertThat(two.isRunning()).isTrue();
			one.start();
			assertThat(one.port()).isNotEqualTo(two.port());
			assertThat(systemIdentifier(one)).isNotEqualTo(systemIdentifier(two));
		}
	}

	@Test
	void aServerThatCannotStartSaysWhy() throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertThatIllegalStateException()
				.isThrownBy(() -> PostgresServer.builder().port(taken.getLocalPort()).start())
				.withMessageContaining("Address already in use");
		}
	}

	@Test
	void closeLeavesNothing() {
		PostgresServer running = PostgresServer.create();
		PostgresServer paused = PostgresServer.create();
		paused.pause();
		PostgresServer killed = PostgresServer.create();
		List<ProcessHandle> processes = List.of(running, paused, killed)
			.stream()
			.map((server) -> ProcessHandle.of(server.postmasterPid()).orElseThrow())
			.flatMap(ProcessHandle::descendants)
			.toList();
		killed.killPostmasterAndBackends();
		for (PostgresServer server : List.of(running, paused, killed)) {
			Path directory = server.dataDirectory().getParent();
			assertThat(directory).isDirectory();
			server.close();
			server.close();
			assertThat(directory).doesNotExist();
			assertThat(server.isRunning()).isFalse();
		}
		assertThat(processes).hasSizeGreaterThan(9).noneMatch(Postmaster::isAlive);
	}

	private static Connection connect(PostgresServer server, String parameters) throws SQLException {
		return DriverManager.getConnection(server.jdbcUrl() + parameters, server.username(), server.password());
	}

	private static String systemIdentifier(PostgresServer server) throws SQLException {
		try (Connection connection = server.connect()) {
			return query(connection, "select system_identifier from pg_control_system()");
		}
	}

	private static void execute(Connection connection, String... statements) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			for (String sql : statements) {
				statement.execute(sql);
			}
		}
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getString(1);
		}
	}

}
