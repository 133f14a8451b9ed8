// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

import io.github.dbresilience.testing.PgBouncer;
import io.github.dbresilience.testing.PostgresServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Through a real PgBouncer in transaction mode, whose only session serves the application
 * and the monitor in turn.
 */
@Timeout(60)
class SamplerBehindPgBouncerIT {

	@Test
	void aSampleIsTakenAndLeavesNothingInTheSharedSession() throws SQLException {
		try (PostgresServer server = PostgresServer.create();
				PgBouncer bouncer = PgBouncer.start(server, server.port(), Map.of("default_pool_size", "1"));
				Connection monitor = connect(bouncer);
				Connection application = connect(bouncer);
				Connection admin = server.connect()) {
			Sampler sampler = new Sampler("orders, pooler", Clock.systemUTC(), Duration.ofMillis(500));
			for (int i = 0; i < 10; i++) {
				Sample sample = sampler.take(monitor, null);
				assertThat(sample.missing()).containsOnlyKeys("sessions.ages");
				assertThat(sample.sessions().open()).isEqualTo(2);
				assertThat(sample.sessions().longestTransaction()).isNull();
				assertThat(query(application, "show statement_timeout")).isEqualTo("0");
			}
			admin.setAutoCommit(false);
			try (Statement statement = admin.createStatement()) {
				statement.execute("lock table pg_class in access exclusive mode");
			}
			assertThat(sampler.take(monitor, null).queryLatency()).isGreaterThanOrEqualTo(Duration.ofMillis(500));
			admin.rollback();
			assertThat(query(application, "show statement_timeout")).isEqualTo("0");
			assertThat(query(application, "show transaction_read_only")).isEqualTo("off");
			assertThat(sampler.take(monitor, null).missing()).containsOnlyKeys("sessions.ages");
		}
	}

	private static Connection connect(PgBouncer bouncer) throws SQLException {
		return DriverManager.getConnection(bouncer.jdbcUrl(), "app", "any");
	}

	private static String query(Connection connection, String sql) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return row.getString(1);
		}
	}

}
