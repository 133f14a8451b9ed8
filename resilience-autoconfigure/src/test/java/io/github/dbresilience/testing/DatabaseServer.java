// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A server's address and accounts, and what the administrator does there by SQL. Its own
 * connections are unpooled and bounded by time-outs.
 *
 * @param address host and port
 * @param admin the superuser
 * @param user the account of the application, which is nothing special
 */
record DatabaseServer(String address, Account admin, Account user) {

	private static final int CONNECT_SECONDS = 10;

	private static final int STATEMENT_SECONDS = 30;

	record Account(String name, String password) {

		@Override
		public String toString() {
			return this.name;
		}

	}

	String jdbcUrl(String database) {
		return "jdbc:postgresql://" + this.address + "/" + database;
	}

	PGSimpleDataSource dataSource(String database, Account account) {
		PGSimpleDataSource dataSource = new PGSimpleDataSource();
		dataSource.setURL(jdbcUrl(database));
		dataSource.setUser(account.name());
		dataSource.setPassword(account.password());
		return dataSource;
	}

	Connection connectAsAdmin(String database) throws SQLException {
		PGSimpleDataSource dataSource = dataSource(database, this.admin);
		dataSource.setApplicationName("db-resilience-test-admin");
		dataSource.setConnectTimeout(CONNECT_SECONDS);
		dataSource.setLoginTimeout(CONNECT_SECONDS);
		return dataSource.getConnection();
	}

	void createDatabase(String name) {
		execute("create database " + quote(name) + " owner " + quote(this.user.name()));
	}

	void dropDatabase(String name) {
		execute("drop database if exists " + quote(name) + " with (force)");
	}

	String version() {
		return query("show server_version", null).strip();
	}

	/**
	 * Ends client sessions and waits until they have ended.
	 * @param condition on the columns of pg_stat_activity, with one parameter
	 * @param value the parameter
	 * @return how many there were
	 */
	int terminate(String condition, String value) {
		return Integer.parseInt(query("select count(*) filter (where pg_terminate_backend(pid, "
				+ STATEMENT_SECONDS * 1000 / 2 + ")) from pg_stat_activity where backend_type = 'client backend' "
				+ "and pid <> pg_backend_pid() and " + condition, value));
	}

	void execute(String sql) {
		try (Connection connection = connectForStatement(); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
		catch (SQLException ex) {
			throw failure(ex);
		}
	}

	String query(String sql, @Nullable String parameter) {
		try (Connection connection = connectForStatement();
				PreparedStatement statement = connection.prepareStatement(sql)) {
			if (parameter != null) {
				statement.setString(1, parameter);
			}
			try (ResultSet result = statement.executeQuery()) {
				result.next();
				return result.getString(1);
			}
		}
		catch (SQLException ex) {
			throw failure(ex);
		}
	}

	private Connection connectForStatement() throws SQLException {
		Connection connection = connectAsAdmin("postgres");
		connection.setNetworkTimeout(Runnable::run, STATEMENT_SECONDS * 1000);
		return connection;
	}

	private IllegalStateException failure(SQLException cause) {
		return new IllegalStateException("The administrator of " + this.address + " failed: " + cause.getMessage(),
				cause);
	}

	static String quote(String identifier) {
		return '"' + identifier.replace("\"", "\"\"") + '"';
	}

}
