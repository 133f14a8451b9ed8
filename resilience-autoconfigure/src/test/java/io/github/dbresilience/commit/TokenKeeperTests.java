// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.time.Duration;

import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.testing.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The table of the tokens: who creates it, what happens without it, how it is kept small.
 */
@ExtendWith(OutputCaptureExtension.class)
class TokenKeeperTests {

	private static final String[] NO_PROPERTIES = {};

	private static PostgresServer server;

	private TestDatabase database;

	@BeforeAll
	static void startServer() {
		server = PostgresServer.builder().setting("wal_level", "logical").start();
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	@BeforeEach
	void createDatabase() {
		this.database = server.createDatabase("tokens");
	}

	@AfterEach
	void dropDatabase() {
		this.database.close();
	}

	@Test
	void theStarterCreatesTheSchemaWhereItMay() {
		try (Application application = start(NO_PROPERTIES)) {
			assertThat(isOn(application)).isTrue();
			assertThat(application.jdbc().queryForObject("select count(*) from db_resilience.commit_token", Long.class))
				.isZero();
		}
	}

	@Test
	void anotherNameOfTheSchemaIsUsedEverywhere() {
		try (Application application = start("db.resilience.commit-outcome.schema=user")) {
			assertThat(isOn(application)).isTrue();
			write(application);
			assertThat(application.jdbc().queryForObject("select count(*) from \"user\".commit_token", Long.class))
				.isEqualTo(1);
			assertThat(application.jdbc().queryForObject("select to_regnamespace('db_resilience')::text", String.class))
				.isNull();
		}
	}

	@Test
	void aRoleThatMayNotCreateItIsToldOnceAndWorksOn(CapturedOutput output) throws SQLException {
		admin("revoke create on database %s from public; alter database %s owner to postgres".formatted(name(),
				name()));
		admin("create table t (id int); grant all on t to public");
		try (Application application = start(NO_PROPERTIES)) {
			assertThat(isOn(application)).isFalse();
			application.transaction()
				.executeWithoutResult((status) -> application.jdbc().update("insert into t values (1)"));
			application.commits().keeper().verify();
			assertThat(output).containsOnlyOnce("commits carry no token").contains("may not create schemas");
			adminScript();
			Awaitility.await().until(() -> {
				application.commits().keeper().suspect();
				return isOn(application);
			});
			assertThat(output).contains("commit tokens are on again");
			application.transaction()
				.executeWithoutResult((status) -> application.jdbc().update("insert into t values (2)"));
		}
		assertThat(adminCount("db_resilience.commit_token")).isEqualTo(1);
	}

	@Test
	void whereAPublicationForAllTablesWouldBreakItsSubscribersNothingIsCreated(CapturedOutput output)
			throws SQLException {
		admin("create publication everything for all tables");
		try (Application application = start(NO_PROPERTIES)) {
			assertThat(isOn(application)).isFalse();
			assertThat(output).contains("FOR ALL TABLES");
		}
	}

	@Test
	void neverMeansNever(CapturedOutput output) {
		try (Application application = start("db.resilience.commit-outcome.create=never")) {
			assertThat(isOn(application)).isFalse();
			assertThat(output).contains("db.resilience.commit-outcome.create=never");
		}
	}

	@Test
	void offMeansThatNothingIsCreatedAndNobodyIsWarned(CapturedOutput output) {
		try (Application application = start("db.resilience.commit-outcome.strategy=off")) {
			assertThat(isOn(application)).isFalse();
			assertThat(application.jdbc().queryForObject("select to_regnamespace('db_resilience')::text", String.class))
				.isNull();
			assertThat(output).doesNotContain("commits carry no token");
		}
	}

	@Test
	void aTableThatIsDroppedCostsOneAttemptAndNoMore(CapturedOutput output) throws SQLException {
		try (Application application = start("db.resilience.commit-outcome.create=auto")) {
			write(application);
			admin("drop schema db_resilience cascade");
			assertThatException().isThrownBy(() -> write(application))
				.withRootCauseInstanceOf(SQLException.class)
				.satisfies(
						(ex) -> assertThat(ex).hasStackTraceContaining(SQLTransactionRollbackException.class.getName())
							.hasStackTraceContaining("another attempt goes without"));
			write(application);
			assertThat(output).contains("commit tokens are off until they work again");
			Awaitility.await().until(() -> isOn(application));
			write(application);
			assertThat(application.jdbc().queryForObject("select count(*) from mine", Long.class)).isEqualTo(3);
		}
	}

	@Test
	void aTableThatIsLockedCostsOneAttemptAndNoMore() throws SQLException {
		try (Application application = start(NO_PROPERTIES); Connection admin = connect()) {
			write(application);
			admin.setAutoCommit(false);
			admin.createStatement().execute("lock table db_resilience.commit_token");
			assertThatException().isThrownBy(() -> write(application))
				.satisfies((ex) -> assertThat(ex).hasStackTraceContaining("55P03"));
			write(application);
			admin.rollback();
			application.commits().keeper().suspect();
			Awaitility.await().until(() -> isOn(application));
		}
	}

	@Test
	void tokensAreDeletedWhenTheyAreOldAndNotBefore() throws SQLException {
		try (Application application = start("db.resilience.commit-outcome.retention=1h",
				"db.resilience.commit-outcome.abandoned-retention=24h")) {
			admin("""
					insert into db_resilience.commit_token (token, abandoned, created_at)
					select gen_random_uuid(), false, now() - interval '61 minutes' from generate_series(1, 25000);
					insert into db_resilience.commit_token (token, abandoned, created_at)
					values (gen_random_uuid(), false, now() - interval '59 minutes'),
					(gen_random_uuid(), true, now() - interval '23 hours'),
					(gen_random_uuid(), true, now() - interval '25 hours')""");
			assertThat(application.commits().keeper().purge()).isEqualTo(25_001);
			assertThat(adminCount("db_resilience.commit_token")).isEqualTo(2);
			assertThat(application.jdbc().queryForObject("select db_resilience.purge('0', '0', 1000)", Integer.class))
				.isEqualTo(2);
			write(application);
			assertThat(application.jdbc().queryForObject("select db_resilience.purge('0', '0', 1000)", Integer.class))
				.isZero();
		}
	}

	@Test
	void theApplicationsRoleCanReachNothingButTheFunctions() throws SQLException {
		try (Connection admin = connect()) {
			adminScript();
			admin.createStatement().execute("set role " + this.database.username());
			for (String statement : new String[] { "delete from db_resilience.commit_token",
					"select * from db_resilience.commit_token", "insert into db_resilience.commit_token values (null)",
					"create table db_resilience.mine (id int)" }) {
				assertThatExceptionOfType(SQLException.class)
					.isThrownBy(() -> admin.createStatement().execute(statement))
					.satisfies((ex) -> assertThat(ex.getSQLState()).isEqualTo("42501"));
			}
		}
	}

	@Test
	void twoInstancesThatStartTogetherCreateItOnce() {
		try (Application one = start(NO_PROPERTIES); Application other = start(NO_PROPERTIES)) {
			assertThat(isOn(one)).isTrue();
			assertThat(isOn(other)).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "default_transaction_isolation='serializable'",
			"default_transaction_isolation='repeatable read'", "default_transaction_read_only=on",
			"default_transaction_deferrable=on", "search_path=pg_temp", "lock_timeout='1ms'", "DateStyle='German'",
			"TimeZone='Asia/Kathmandu'", "synchronous_commit=off" })
	void aDefaultOfTheDatabaseDoesNotMatter(String setting) throws SQLException {
		admin("alter database %s set %s".formatted(name(), setting));
		try (Application application = start(NO_PROPERTIES); Connection connection = application.connection()) {
			assertThat(isOn(application)).isTrue();
			connection.createStatement().execute("set transaction read write");
			connection.createStatement().execute("create table public.u (id int)");
			connection.commit();
			assertThat(adminCount("db_resilience.commit_token")).isEqualTo(1);
		}
	}

	private Application start(String... properties) {
		return Application.start(this.database.jdbcUrl(), this.database.username(), this.database.password(),
				properties);
	}

	private static boolean isOn(Application application) {
		return application.commits().keeper().isTokenOn();
	}

	private static void write(Application application) {
		application.transaction().executeWithoutResult((status) -> {
			application.jdbc().execute("create temporary table if not exists scratch (id int)");
			application.jdbc().execute("create table if not exists mine (id int)");
			application.jdbc().update("insert into mine values (1)");
		});
	}

	private String name() {
		return this.database.name();
	}

	private Connection connect() throws SQLException {
		return server.connect(name());
	}

	private void admin(String sql) throws SQLException {
		try (Connection admin = connect()) {
			admin.createStatement().execute(sql);
		}
	}

	private void adminScript() throws SQLException {
		try (Connection admin = connect()) {
			new TokenSchema("db_resilience").create(admin);
		}
	}

	private long adminCount(String table) throws SQLException {
		try (Connection admin = connect();
				var row = admin.createStatement().executeQuery("select count(*) from " + table)) {
			row.next();
			return row.getLong(1);
		}
	}

}
