// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link PgBouncer}.
 */
class PgBouncerTests {

	private static PostgresServer server;

	@BeforeAll
	static void startServer() {
		Assumptions.assumeTrue(PgBouncer.isInstalled(), "pgbouncer is not installed");
		server = PostgresServer.create();
	}

	@AfterAll
	static void stopServer() {
		if (server != null) {
			server.close();
		}
	}

	@Test
	void transactionsOfTwoClientsShareOneSession() throws SQLException {
		try (PgBouncer pooler = PgBouncer.start(server, server.port(), Map.of("default_pool_size", "1"));
				Connection one = connect(pooler);
				Connection two = connect(pooler)) {
			assertThat(query(one, "select current_user")).isEqualTo(server.username());
			String pid = query(one, "select pg_backend_pid()");
			assertThat(query(two, "select pg_backend_pid()")).isEqualTo(pid);
			assertThat(one.unwrap(PGConnection.class).getBackendPID()).isNotEqualTo(Integer.parseInt(pid));
		}
	}

	@Test
	void aKilledPoolerCutsItsClients() throws SQLException {
		try (PgBouncer pooler = PgBouncer.start(server); Connection connection = connect(pooler)) {
			query(connection, "select 1");
			pooler.kill();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> query(connection, "select 1"))
				.returns("08006", SQLException::getSQLState);
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> connect(pooler))
				.returns("08001", SQLException::getSQLState);
		}
	}

	@Test
	void losesCommitsBehindAProxy() throws SQLException {
		try (FaultProxy proxy = FaultProxy.to(server);
				PgBouncer pooler = PgBouncer.start(server, proxy.port(), Map.of());
				Connection connection = connect(pooler)) {
			connection.createStatement().execute("create table t (id int)");
			connection.setAutoCommit(false);
			connection.createStatement().execute("insert into t values (1)");
			CommitFault fault = proxy.arm(CommitScript.dropReply());
			assertThatExceptionOfType(SQLException.class).isThrownBy(connection::commit);
			fault.await(Duration.ofSeconds(5));
		}
		try (Connection admin = server.connect()) {
			assertThat(query(admin, "select count(*) from t")).isEqualTo("1");
		}
	}

	@Test
	void aWrongSettingIsTold() {
		assertThatIllegalStateException()
			.isThrownBy(() -> PgBouncer.start(server, server.port(), Map.of("pool_mode", "sometimes")))
			.withMessageContaining("sometimes");
	}

	private static Connection connect(PgBouncer pooler) throws SQLException {
		return DriverManager.getConnection(pooler.jdbcUrl() + "?prepareThreshold=0", server.username(), "any");
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
			result.next();
			return result.getString(1);
		}
	}

}
