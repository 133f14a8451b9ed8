// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for a {@link FaultProxy} that loses a COMMIT or the answer to it.
 */
class FaultProxyCommitTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static PostgresServer server;

	private FaultProxy proxy;

	@BeforeAll
	static void startServer() throws SQLException {
		server = PostgresServer.create();
		execute("create table t (id int primary key); create table mark (id int); grant all on t, mark to public");
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@BeforeEach
	void startProxy() throws SQLException {
		execute("truncate t, mark");
		this.proxy = FaultProxy.to(server);
	}

	@AfterEach
	void stopProxy() {
		this.proxy.close();
	}

	@ParameterizedTest
	@EnumSource
	void theAnswerToCommitIsLost(Client client) throws SQLException {
		try (Connection connection = connect(client)) {
			client.prepare(connection);
			CommitFault fault = this.proxy.arm(CommitScript.dropReply());
			insert(connection, 1);
			assertLost(connection, client);
			fault.await(TIMEOUT);
			assertThat(fault.replies()).singleElement().satisfies((tags) -> assertThat(tags).endsWith("COMMIT"));
			assertThat(rows("t")).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@EnumSource
	void commitIsLost(Client client) throws SQLException {
		try (Connection connection = connect(client)) {
			client.prepare(connection);
			CommitFault fault = this.proxy.arm(CommitScript.dropCommit());
			insert(connection, 1);
			assertLost(connection, client);
			fault.await(TIMEOUT);
			Awaitility.await().until(() -> sessions() == 0);
			assertThat(fault.replies()).isEmpty();
			assertThat(rows("t")).isZero();
		}
	}

	@ParameterizedTest
	@EnumSource
	void commitIsLostAndTheSessionKeepsItsLocks(Client client) throws SQLException {
		try (Connection connection = connect(client)) {
			client.prepare(connection);
			CommitFault fault = this.proxy.arm(CommitScript.dropCommit().keepSession());
			insert(connection, 1);
			assertLost(connection, client);
			fault.await(TIMEOUT);
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> execute("set lock_timeout = 200; insert into t values (1)"))
				.returns("55P03", SQLException::getSQLState);
			fault.release();
			Awaitility.await().until(() -> sessions() == 0);
			assertThat(rows("t")).isZero();
		}
	}

	@ParameterizedTest
	@EnumSource
	void commitArrivesWhenItIsReleased(Client client) throws SQLException {
		try (Connection connection = connect(client)) {
			client.prepare(connection);
			CommitFault fault = this.proxy.arm(CommitScript.delayCommit());
			insert(connection, 1);
			assertLost(connection, client);
			fault.await(TIMEOUT);
			Awaitility.await().during(Duration.ofMillis(200)).until(() -> rows("t") == 0);
			assertThat(sessions()).isOne();
			fault.release();
			assertThat(fault.awaitReplies(TIMEOUT).get(0)).endsWith("COMMIT");
			assertThat(rows("t")).isEqualTo(1);
			Awaitility.await().until(() -> sessions() == 0);
		}
	}

	@Test
	void commitArrivesAfterATime() throws SQLException {
		try (Connection connection = connect(Client.EXTENDED)) {
			CommitFault fault = this.proxy.arm(CommitScript.delayCommit(Duration.ofMillis(300)));
			insert(connection, 1);
			assertLost(connection, Client.EXTENDED);
			assertThat(rows("t")).isZero();
			assertThat(fault.awaitReplies(TIMEOUT)).containsExactly(List.of("COMMIT"));
			assertThat(rows("t")).isEqualTo(1);
		}
	}

	@Test
	void whatWasSentBeforeCommitIsExecuted() throws SQLException {
		try (Connection connection = connect(Client.PIPELINED)) {
			CommitFault fault = this.proxy.arm(CommitScript.delayCommit().letOthersThrough());
			insert(connection, 1);
			assertLost(connection, Client.PIPELINED);
			fault.await(TIMEOUT);
			Awaitility.await().until(() -> activity().equals("insert into mark values (1) in active, ClientRead"));
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> execute("set lock_timeout = 200; truncate mark"))
				.returns("55P03", SQLException::getSQLState);
			fault.release();
			assertThat(fault.awaitReplies(TIMEOUT)).containsExactly(List.of("INSERT 0 1", "COMMIT"));
			assertThat(rows("mark")).isEqualTo(1);
		}
	}

	@Test
	void ofAWholeMessageNothingIsExecuted() throws SQLException {
		try (Connection connection = connect(Client.PIPELINED)) {
			CommitFault fault = this.proxy.arm(CommitScript.dropCommit().keepSession());
			insert(connection, 1);
			assertLost(connection, Client.PIPELINED);
			fault.await(TIMEOUT);
			assertThat(activity()).startsWith("insert into t").endsWith("in idle in transaction, ClientRead");
			execute("set lock_timeout = 200; truncate mark");
		}
	}

	@Test
	void theAnswerOfAServerThatRefusesIsTold() throws SQLException {
		try (Connection connection = connect(Client.SIMPLE)) {
			CommitFault fault = this.proxy.arm(CommitScript.dropReply());
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> connection.createStatement().execute("select 1/0; COMMIT"));
			assertThat(fault.awaitReplies(TIMEOUT)).containsExactly(List.of("ERROR 22012"));
		}
	}

	@Test
	void happensToTheCommitsThatItIsMeantFor() throws SQLException {
		CommitFault later = this.proxy
			.arm(CommitScript.dropReply().when((sql) -> sql.contains("mark")).after(1).times(2));
		for (int i = 0; i < 2; i++) {
			try (Connection connection = connect(Client.EXTENDED)) {
				insert(connection, i);
				Client.EXTENDED.commit(connection);
			}
		}
		try (Connection connection = connect(Client.PIPELINED)) {
			insert(connection, 3);
			Client.PIPELINED.commit(connection);
		}
		assertThat(later.happened()).isZero();
		for (int i = 4; i < 6; i++) {
			try (Connection connection = connect(Client.PIPELINED)) {
				insert(connection, i);
				assertLost(connection, Client.PIPELINED);
			}
		}
		later.await(TIMEOUT);
		try (Connection connection = connect(Client.PIPELINED)) {
			insert(connection, 6);
			Client.PIPELINED.commit(connection);
		}
		assertThat(later.happened()).isEqualTo(2);
	}

	@Test
	void aFaultThatDoesNotHappenSaysSo() throws SQLException {
		CommitFault fault = this.proxy.arm(CommitScript.dropCommit());
		try (Connection connection = connect(Client.EXTENDED)) {
			insert(connection, 1);
			connection.rollback();
			insert(connection, 2);
			this.proxy.disarm();
			connection.commit();
		}
		assertThatIllegalStateException().isThrownBy(() -> fault.await(Duration.ofMillis(10)))
			.withMessageContaining("has not happened within 10 ms");
		assertThat(rows("t")).isOne();
	}

	private Connection connect(Client client) throws SQLException {
		Connection connection = DriverManager.getConnection(
				this.proxy.jdbcUrl() + "?ApplicationName=victim" + client.parameters, server.username(),
				server.password());
		connection.setAutoCommit(false);
		return connection;
	}

	private static void insert(Connection connection, int id) throws SQLException {
		try (PreparedStatement insert = connection.prepareStatement("insert into t values (?)")) {
			insert.setInt(1, id);
			insert.executeUpdate();
		}
	}

	private static void assertLost(Connection connection, Client client) {
		assertThatExceptionOfType(SQLException.class).isThrownBy(() -> client.commit(connection))
			.returns("08006", SQLException::getSQLState);
	}

	private static int rows(String table) throws SQLException {
		return Integer.parseInt(query("select count(*) from " + table));
	}

	private static int sessions() throws SQLException {
		return Integer.parseInt(query("select count(*) from pg_stat_activity where application_name = 'victim'"));
	}

	private static String activity() throws SQLException {
		return query("select query || ' in ' || state || ', ' || wait_event from pg_stat_activity "
				+ "where application_name = 'victim'")
			.replace("$1", "1");
	}

	private static String query(String sql) throws SQLException {
		try (Connection connection = server.connect();
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return String.valueOf(result.getString(1));
		}
	}

	private static void execute(String sql) throws SQLException {
		try (Connection connection = server.connect(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	/** The ways in which a client of pgjdbc commits. */
	enum Client {

		SIMPLE("&preferQueryMode=simple"),

		EXTENDED(""),

		UNNAMED("&prepareThreshold=0"),

		/** After five executions the driver gives its statements names. */
		NAMED("") {
			@Override
			void prepare(Connection connection) throws SQLException {
				for (int i = 100; i < 110; i++) {
					insert(connection, i);
					commit(connection);
				}
				FaultProxyCommitTests.execute("truncate t, mark");
			}
		},

		PIPELINED("") {
			@Override
			void commit(Connection connection) throws SQLException {
				pipeline(connection);
			}
		},

		PIPELINED_NAMED("") {
			@Override
			void prepare(Connection connection) throws SQLException {
				NAMED.prepare(connection);
				for (int i = 0; i < 10; i++) {
					insert(connection, i);
					commit(connection);
				}
				FaultProxyCommitTests.execute("truncate t, mark");
			}

			@Override
			void commit(Connection connection) throws SQLException {
				pipeline(connection);
			}
		},

		PIPELINED_SIMPLE("&preferQueryMode=simple") {
			@Override
			void commit(Connection connection) throws SQLException {
				pipeline(connection);
			}
		};

		private final String parameters;

		Client(String parameters) {
			this.parameters = parameters;
		}

		void prepare(Connection connection) throws SQLException {
		}

		void commit(Connection connection) throws SQLException {
			connection.commit();
		}

		private static void pipeline(Connection connection) throws SQLException {
			try (PreparedStatement statement = connection.prepareStatement("insert into mark values (?); COMMIT")) {
				statement.setInt(1, 1);
				statement.execute();
			}
		}

	}

}
