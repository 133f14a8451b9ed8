// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.topology;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.dbresilience.testing.PostgresServer;
import io.github.dbresilience.topology.IdentityQuery.Asker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a server tells of itself, again and again, and what it refuses to tell.
 */
class IdentityQueryTests {

	private static final String SYSTEM = "function pg_catalog.pg_control_system() ";

	private static PostgresServer server;

	private final IdentityQuery query = new IdentityQuery();

	@BeforeAll
	static void start() {
		server = PostgresServer.create();
	}

	@AfterAll
	static void stop() {
		server.close();
	}

	@Test
	void aServerTellsTheSameEachTimeAndKeepsNoStatement() throws SQLException {
		try (Connection connection = open(); Asker asker = this.query.on(connection)) {
			ServerIdentity identity = asker.ask();
			for (int i = 0; i < 10; i++) {
				assertThat(asker.ask()).isEqualTo(identity);
			}
			assertThat(identity).isEqualTo(this.query.of(connection));
			assertThat(identity.isPrimary()).isTrue();
			assertThat(identity.timeline()).isEqualTo(1);
			try (var row = connection.createStatement().executeQuery("select count(*) from pg_prepared_statements")) {
				row.next();
				assertThat(row.getInt(1)).isZero();
			}
		}
	}

	@Test
	void whatIsRefusedOnManyConnectionsAtOnceIsLeftOutAndNothingElse() throws SQLException {
		try (Connection one = open();
				Connection other = open();
				Asker first = this.query.on(one);
				Asker second = this.query.on(other)) {
			assertThat(first.ask().systemIdentifier()).isEqualTo(second.ask().systemIdentifier()).isNotNull();
			execute("revoke execute on " + SYSTEM + "from public");
			try {
				assertThat(first.ask().systemIdentifier()).isNull();
				assertThat(second.ask().systemIdentifier()).isNull();
				assertThat(second.ask().timeline()).isEqualTo(1);
				assertThat(this.query.isComplete()).isFalse();
			}
			finally {
				execute("grant execute on " + SYSTEM + "to public");
			}
		}
	}

	private static Connection open() throws SQLException {
		return DriverManager.getConnection(server.jdbcUrl(), server.username(), server.password());
	}

	private static void execute(String sql) throws SQLException {
		try (Connection admin = server.connect(); Statement statement = admin.createStatement()) {
			statement.execute(sql);
		}
	}

}
