// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.benchmark;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.dbresilience.testing.PostgresServer;

/**
 * The table of the workloads, which both contenders use.
 */
final class AccountTable {

	private AccountTable() {
	}

	/**
	 * Creates the table.
	 * @param accounts how many rows it has, with ids from 0
	 */
	static void create(PostgresServer server, int accounts) {
		query(server, """
				create table account (id integer primary key, owner text not null, balance bigint not null)
				  with (fillfactor = 50);
				insert into account select id, 'owner ' || id, 0 from generate_series(0, %d) id;
				select count(*) from account""".formatted(accounts - 1));
	}

	/**
	 * {@return how many commit tokens were left so far}
	 */
	static long tokens(PostgresServer server) {
		return query(server, "select count(*) from db_resilience.commit_token");
	}

	private static long query(PostgresServer server, String sql) {
		try (Connection connection = DriverManager.getConnection(server.jdbcUrl(), server.username(),
				server.password()); Statement statement = connection.createStatement()) {
			boolean rows = statement.execute(sql);
			while (!rows) {
				rows = statement.getMoreResults();
			}
			try (ResultSet result = statement.getResultSet()) {
				result.next();
				return result.getLong(1);
			}
		}
		catch (SQLException ex) {
			throw new IllegalStateException("The table of the benchmark cannot be used", ex);
		}
	}

}
