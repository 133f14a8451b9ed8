// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

import io.github.dbresilience.testing.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.jdbc.AutoSave;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The token is written with every commit that wrote something, and breaks no good
 * transaction.
 */
class CommitTokenTests {

	private static PostgresServer server;

	private static Application application;

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.builder().setting("max_prepared_transactions", "5").start();
		admin("""
				create role stranger;
				create table t (id int primary key, v text);
				create table checked (id int, constraint once unique (id) deferrable initially deferred);
				create table guarded (id int); alter table guarded enable row level security;
				create policy mine on guarded using (id < 10);
				grant all on t, checked, guarded to public;
				grant stranger to %s; grant create on database postgres to %s;
				""".formatted(server.username(), server.username()));
		application = Application.start(server.jdbcUrl(), server.username(), server.password());
	}

	@AfterAll
	static void stop() {
		application.close();
		server.close();
	}

	@AfterEach
	void tokensAreStillOn() throws SQLException {
		assertThat(application.commits().keeper().isTokenOn()).as(application.commits().keeper().why()).isTrue();
		admin("delete from t; delete from checked; delete from guarded; delete from db_resilience.commit_token");
	}

	@Test
	void aWritingTransactionLeavesOneToken() {
		application.transaction()
			.executeWithoutResult((status) -> application.jdbc().update("insert into t values (1)"));
		assertThat(tokens()).isEqualTo(1);
		assertThat(count("t")).isEqualTo(1);
	}

	@Test
	void aTransactionThatOnlyReadLeavesNone() {
		application.transaction().executeWithoutResult((status) -> count("t"));
		assertThat(tokens()).isZero();
	}

	@Test
	void switchingAutocommitOnLeavesATokenToo() throws SQLException {
		try (Connection connection = application.connection()) {
			execute(connection, "insert into t values (1)");
			connection.setAutoCommit(true);
			assertThat(connection.getAutoCommit()).isTrue();
		}
		assertThat(tokens()).isEqualTo(1);
	}

	@Test
	void thePoolIsNotMadeToRollBackAfterACommit() throws SQLException {
		try (Connection connection = application.connection()) {
			execute(connection, "insert into t values (1)");
			connection.commit();
			connection.commit();
			connection.rollback();
		}
		assertThat(count("t")).isEqualTo(1);
		assertThat(tokens()).isEqualTo(1);
	}

	@Test
	void aHundredCommitsOnOneConnectionAllLeaveTheirs() throws SQLException {
		try (Connection connection = application.connection()) {
			for (int i = 0; i < 100; i++) {
				execute(connection, "insert into t values (" + i + ")");
				connection.commit();
			}
		}
		assertThat(tokens()).isEqualTo(100);
	}

	@ParameterizedTest
	@ValueSource(strings = { "set transaction read only", "set local role stranger", "set local search_path = ''",
			"set local search_path = pg_temp", "set local row_security = off", "set local lock_timeout = 1",
			"set local plan_cache_mode = force_generic_plan", "set local session_replication_role = replica",
			"set constraints all immediate" })
	void aSettingOfTheTransactionDoesNotMatter(String setting) throws SQLException {
		if (setting.contains("session_replication_role")) {
			admin("grant set on parameter session_replication_role to " + server.username());
		}
		try (Connection connection = application.connection()) {
			execute(connection, "insert into public.t values (1)");
			execute(connection, "set local role none");
			execute(connection, setting);
			connection.commit();
		}
		assertThat(count("t")).isEqualTo(1);
		assertThat(tokens()).isEqualTo(setting.contains("read only") ? 0 : 1);
	}

	@Test
	void aTableWithRowLevelSecurityDoesNotMatter() throws SQLException {
		try (Connection connection = application.connection()) {
			execute(connection, "insert into guarded values (1)");
			connection.commit();
		}
		assertThat(tokens()).isEqualTo(1);
	}

	@Test
	void savepointsDoNotMatter() throws SQLException {
		try (Connection connection = application.connection()) {
			execute(connection, "insert into t values (1)");
			Savepoint savepoint = connection.setSavepoint();
			assertThatExceptionOfType(SQLException.class)
				.isThrownBy(() -> execute(connection, "insert into t values (1)"));
			connection.rollback(savepoint);
			execute(connection, "insert into t values (2)");
			connection.commit();
		}
		assertThat(count("t")).isEqualTo(2);
		assertThat(tokens()).isEqualTo(1);
	}

	@Test
	void aDeferredConstraintThatIsViolatedLeavesNoTokenAndSaysWhy() throws SQLException {
		try (Connection connection = application.connection()) {
			execute(connection, "insert into checked values (1), (1)");
			assertThatExceptionOfType(SQLException.class).isThrownBy(connection::commit)
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("23505"));
			execute(connection, "insert into checked values (2)");
			connection.commit();
		}
		assertThat(count("checked")).isEqualTo(1);
		assertThat(tokens()).isEqualTo(1);
	}

	@Test
	void temporaryTablesDoNotMatter() throws SQLException {
		try (Connection connection = application.connection()) {
			execute(connection, "create temporary table commit_token (token int) on commit drop");
			execute(connection, "insert into commit_token values (1)");
			connection.commit();
		}
		assertThat(tokens()).isEqualTo(1);
	}

	@Test
	void aNotificationAloneIsCommittedWithoutAToken() throws SQLException {
		try (Connection listener = application.dataSource().getConnection();
				Connection connection = application.connection()) {
			execute(listener, "listen news");
			execute(connection, "notify news, 'x'");
			connection.commit();
			assertThat(listener.unwrap(PGConnection.class).getNotifications(5000)).hasSize(1);
			execute(listener, "unlisten *");
		}
		assertThat(tokens()).isZero();
	}

	@Test
	void aPreparedTransactionIsLeftToItsManager() throws SQLException {
		try (Connection connection = application.connection()) {
			execute(connection, "insert into t values (1)");
			execute(connection, "prepare transaction 'two-phase'");
			connection.commit();
			assertThat(tokens()).isZero();
			connection.setAutoCommit(true);
			execute(connection, "commit prepared 'two-phase'");
		}
		assertThat(count("t")).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ALWAYS", "CONSERVATIVE" })
	void theDriversAutosaveDoesNotMatter(String autosave) throws SQLException {
		try (Connection connection = application.connection()) {
			PGConnection driver = connection.unwrap(PGConnection.class);
			driver.setAutosave(AutoSave.valueOf(autosave));
			for (int i = 0; i < 10; i++) {
				execute(connection, "insert into t values (" + i + ")");
				if (autosave.equals("ALWAYS")) {
					assertThatExceptionOfType(SQLException.class)
						.isThrownBy(() -> execute(connection, "insert into t values (0)"));
				}
				connection.commit();
			}
			driver.setAutosave(AutoSave.NEVER);
		}
		assertThat(count("t")).isEqualTo(10);
		assertThat(tokens()).isEqualTo(10);
	}

	@ParameterizedTest
	@ValueSource(ints = { Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ,
			Connection.TRANSACTION_SERIALIZABLE })
	void theIsolationDoesNotMatter(int isolation) throws SQLException {
		try (Connection connection = application.dataSource().getConnection()) {
			connection.setTransactionIsolation(isolation);
			connection.setAutoCommit(false);
			execute(connection, "insert into t values (1)");
			connection.commit();
			connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
		}
		assertThat(tokens()).isEqualTo(1);
	}

	@Test
	void theTokenOfALongTransactionIsNotBornOld() throws SQLException {
		Instant before;
		try (Connection connection = application.connection()) {
			execute(connection, "insert into t values (1)");
			execute(connection, "select pg_sleep(1.2)");
			before = Instant.now();
			connection.commit();
		}
		Instant created = application.jdbc()
			.queryForObject("select created_at from db_resilience.commit_token",
					(row, n) -> row.getTimestamp(1).toInstant());
		assertThat(Duration.between(before, created)).isGreaterThan(Duration.ofSeconds(-1));
	}

	@Test
	void aCommitThatArrivesAfterItsTokenWasAbandonedFails() throws SQLException {
		TokenSchema schema = new TokenSchema("db_resilience");
		UUID token = UUID.randomUUID();
		try (Connection late = application.connection(); Connection resolver = application.connection()) {
			execute(late, "insert into t values (1)");
			assertThat(call(resolver, schema.resolve(), token)).isFalse();
			resolver.commit();
			assertThatExceptionOfType(SQLException.class).isThrownBy(() -> call(late, schema.markAndCommit(), token))
				.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("23505"));
			late.rollback();
		}
		assertThat(count("t")).isZero();
	}

	private static boolean call(Connection connection, String sql, UUID token) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.setObject(1, token);
			statement.execute();
			try (var row = statement.getResultSet()) {
				row.next();
				return row.getBoolean(1);
			}
		}
	}

	@Test
	void inSimpleQueryModeItWorksToo() {
		try (Application simple = Application.start(server.jdbcUrl() + "?preferQueryMode=simple", server.username(),
				server.password())) {
			simple.transaction().executeWithoutResult((status) -> simple.jdbc().update("insert into t values (?)", 7));
			assertThat(tokens()).isEqualTo(1);
		}
	}

	private static long tokens() {
		return count("db_resilience.commit_token");
	}

	private static long count(String table) {
		try (Connection admin = server.connect();
				Statement statement = admin.createStatement();
				var row = statement.executeQuery("select count(*) from " + table)) {
			row.next();
			return row.getLong(1);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	private static void admin(String sql) throws SQLException {
		try (Connection admin = server.connect()) {
			execute(admin, sql);
		}
	}

}
