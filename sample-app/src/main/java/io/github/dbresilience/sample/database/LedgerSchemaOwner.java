// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import javax.sql.DataSource;

/**
 * The role and the database of the application inside the embedded server. The
 * application is no superuser: what works here works on a real server.
 */
final class LedgerSchemaOwner {

	static final String ROLE = "ledger";

	static final String DATABASE = "ledger";

	private LedgerSchemaOwner() {
	}

	static void create(DataSource superuser) {
		try (Connection connection = superuser.getConnection(); Statement statement = connection.createStatement()) {
			if (!exists(statement, "select from pg_roles where rolname = '" + ROLE + "'")) {
				statement.execute("create role " + ROLE + " login createrole");
			}
			statement.execute("grant pg_monitor to " + ROLE);
			if (!exists(statement, "select from pg_database where datname = '" + DATABASE + "'")) {
				statement.execute("create database " + DATABASE + " owner " + ROLE);
			}
		}
		catch (SQLException ex) {
			throw new DatabaseSetupException(
					"The embedded PostgreSQL runs but its database cannot be made: " + ex.getMessage(),
					"Start anew with sample.embedded.clean=true, which throws the data away.", ex);
		}
	}

	private static boolean exists(Statement statement, String query) throws SQLException {
		try (ResultSet rows = statement.executeQuery(query)) {
			return rows.next();
		}
	}

}
