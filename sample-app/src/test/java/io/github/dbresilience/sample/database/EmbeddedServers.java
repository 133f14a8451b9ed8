// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.database;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Embedded servers for tests, all with the same programs.
 */
final class EmbeddedServers {

	private static final Path BINARIES = Path.of("target", "embedded-postgresql");

	private EmbeddedServers() {
	}

	static EmbeddedProperties on(Path dataDirectory) {
		return on(dataDirectory, 0, false);
	}

	static EmbeddedProperties on(Path dataDirectory, int port, boolean clean) {
		return new EmbeddedProperties(dataDirectory, BINARIES, port, clean, Duration.ofSeconds(60));
	}

	static void execute(EmbeddedDatabase database, String sql) throws SQLException {
		try (Connection connection = connect(database); Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	static String query(EmbeddedDatabase database, String sql) throws SQLException {
		try (Connection connection = connect(database);
				Statement statement = connection.createStatement();
				ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return String.valueOf(row.getString(1));
		}
	}

	private static Connection connect(EmbeddedDatabase database) throws SQLException {
		return DriverManager.getConnection(database.getJdbcUrl(), database.getUsername(), "");
	}

}
