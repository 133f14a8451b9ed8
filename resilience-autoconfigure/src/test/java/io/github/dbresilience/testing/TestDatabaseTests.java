// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link TestDatabase}.
 */
class TestDatabaseTests {

	@Test
	void eachDatabaseIsEmpty() throws SQLException {
		try (TestDatabase one = TestDatabase.create(); TestDatabase two = TestDatabase.create()) {
			query(one, "create table t as select 1; select 1");
			assertThat(query(one, "select count(*) from pg_tables where schemaname = 'public'")).isEqualTo("1");
			assertThat(query(two, "select count(*) from pg_tables where schemaname = 'public'")).isEqualTo("0");
		}
	}

	@Test
	void theUserOwnsTheDatabaseAndNothingElse() throws SQLException {
		try (TestDatabase database = TestDatabase.create()) {
			assertThat(query(database, "show is_superuser")).isEqualTo("off");
			assertThat(query(database, "select datdba::regrole from pg_database where datname = current_database()"))
				.isEqualTo(database.username());
			assertThat(query(database, "show fsync")).isEqualTo("on");
		}
	}

	@Test
	void endsTheSessionsOfOneDatabase() throws SQLException {
		try (TestDatabase one = TestDatabase.create();
				TestDatabase two = TestDatabase.create();
				Connection victim = one.connect();
				Connection bystander = two.connect()) {
			assertThat(one.terminateBackends()).isOne();
			assertThat(victim.isValid(1)).isFalse();
			assertThat(bystander.isValid(1)).isTrue();
		}
	}

	@Test
	void closeDropsTheDatabaseWithItsSessions() throws SQLException {
		TestDatabase database = TestDatabase.create();
		try (Connection connection = database.connect()) {
			database.close();
			assertThat(connection.isValid(1)).isFalse();
		}
		assertThatExceptionOfType(SQLException.class).isThrownBy(database::connect)
			.returns("3D000", SQLException::getSQLState);
	}

	@Test
	void theAdministratorGetsIn() throws SQLException {
		try (TestDatabase database = TestDatabase.create();
				Connection admin = database.connectAsAdmin();
				Statement statement = admin.createStatement();
				ResultSet result = statement.executeQuery("show is_superuser")) {
			result.next();
			assertThat(result.getString(1)).isEqualTo("on");
			assertThat(admin.getCatalog()).isEqualTo(database.name());
		}
	}

	@Test
	void anUnknownKindOfDatabaseIsRefused() {
		assertThatIllegalStateException().isThrownBy(() -> SharedServer.start("oracle"))
			.withMessageContaining("db-resilience.test.database must be docker, embedded or auto");
	}

	@Test
	void withoutDockerARequestForItFails() {
		Assumptions.assumeFalse(SharedServer.isDockerAvailable());
		assertThatIllegalStateException().isThrownBy(() -> SharedServer.start("docker"))
			.withMessageContaining("no Docker answers");
	}

	private static String query(TestDatabase database, String sql) throws SQLException {
		try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
			boolean rows = statement.execute(sql);
			while (!rows) {
				rows = statement.getMoreResults();
			}
			try (ResultSet result = statement.getResultSet()) {
				result.next();
				return result.getString(1);
			}
		}
	}

}
