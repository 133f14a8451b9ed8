// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.sample.fault;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * All sessions of the sample are ended, under load and at rest.
 */
class EndedSessionsIT {

	private static final int CLIENTS = 6;

	@Test
	void noRequestNotices() throws Exception {
		try (PostgresServer server = PostgresServer.create();
				Connection admin = server.connect();
				RunningSample sample = RunningSample.on(server);
				TransferLoad load = TransferLoad.start(sample, CLIENTS)) {
			Awaitility.await().until(() -> load.countByStatus().getOrDefault(201, 0L) > 100);
			for (int round = 1; round <= 5; round++) {
				long before = System.nanoTime();
				int ended = endAllSessions(server, admin);
				long after = System.nanoTime();
				Awaitility.await().until(() -> load.succeededSince(after) > 50);
				assertThat(ended).isPositive();
				long inFlight = load.answers()
					.filter((answer) -> answer.sent() <= after && answer.answered() >= before)
					.count();
				long failed = load.answers()
					.filter((answer) -> answer.answered() >= before && answer.status() != 201)
					.count();
				System.out.printf("round %d: %d sessions ended, %d requests under way, %d of them failed%n", round,
						ended, inFlight, failed);
				assertThat(failed).as("failed requests").isZero();
			}
			load.stop();
			load.assertHonest();
		}
	}

	@Test
	void atRestNobodyNotices() throws Exception {
		try (PostgresServer server = PostgresServer.create();
				Connection admin = server.connect();
				RunningSample sample = RunningSample.on(server)) {
			for (int round = 0; round < 20; round++) {
				endAllSessions(server, admin);
				for (int i = 0; i < 10; i++) {
					assertThat(sample.get("/api/ledger/check").statusCode()).isEqualTo(200);
				}
			}
		}
	}

	/**
	 * Returns when they are gone.
	 */
	private static int endAllSessions(PostgresServer server, Connection admin) throws SQLException {
		String sessions = " from pg_stat_activity where usename = '" + server.username() + "'";
		try (Statement statement = admin.createStatement()) {
			statement.execute("create temporary table if not exists ended (pid int)");
			statement.execute("truncate ended");
			int count = statement.executeUpdate("insert into ended select pid" + sessions);
			statement.execute("select pg_terminate_backend(pid) from ended");
			boolean gone = false;
			while (!gone) {
				try (var left = statement
					.executeQuery("select count(*) = 0" + sessions + " and pid in (select pid from ended)")) {
					gone = left.next() && left.getBoolean(1);
				}
			}
			return count;
		}
	}

}
