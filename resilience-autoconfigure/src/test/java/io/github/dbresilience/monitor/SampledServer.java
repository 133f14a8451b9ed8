// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.dbresilience.testing.PostgresServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * A server with an ordinary role, one in pg_monitor and one with an odd name, whose
 * sessions all end with each test.
 */
abstract class SampledServer {

	static final Duration TIMEOUT = Duration.ofSeconds(3);

	static PostgresServer server;

	private final List<Connection> opened = new ArrayList<>();

	final Sampler sampler = new Sampler("orders, db1:5432", Clock.systemUTC(), TIMEOUT);

	Connection admin;

	@BeforeAll
	static void start() throws SQLException {
		server = PostgresServer.builder()
			.setting("max_connections", "40")
			.setting("superuser_reserved_connections", "4")
			.start();
		try (Connection connection = server.connect()) {
			execute(connection, "create role watcher login password 'pw' in role pg_monitor");
			execute(connection, "create role \"Odd Role\" login password 'pw'");
		}
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@BeforeEach
	void connect() throws SQLException {
		this.admin = keep(server.connect());
	}

	@AfterEach
	void disconnect() throws SQLException {
		server.terminateBackends();
		for (Connection connection : this.opened) {
			connection.close();
		}
	}

	void begin(Connection connection) throws SQLException {
		connection.setAutoCommit(false);
		execute(connection, "select 1");
	}

	Connection asApp() throws SQLException {
		return keep(DriverManager.getConnection(server.jdbcUrl(), server.username(), server.password()));
	}

	Connection as(String role) throws SQLException {
		return keep(DriverManager.getConnection(server.jdbcUrl(), role, "pw"));
	}

	Connection keep(Connection connection) {
		this.opened.add(connection);
		return connection;
	}

	static void execute(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(sql);
		}
	}

	static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

}
