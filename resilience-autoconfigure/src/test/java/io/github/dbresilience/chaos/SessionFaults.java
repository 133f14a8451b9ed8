// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.chaos;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Random;

import io.github.dbresilience.testing.PostgresServer;
import org.awaitility.Awaitility;

/**
 * Faults of single sessions.
 */
final class SessionFaults {

	private static final String OTHERS = " from pg_stat_activity where backend_type = 'client backend' "
			+ "and datname = 'app' and pid <> pg_backend_pid() ";

	private final PostgresServer server;

	SessionFaults(PostgresServer server) {
		this.server = server;
	}

	List<Fault> all() {
		return List.of(
				new Fault("terminate all sessions",
						(random, hit) -> query("select pg_terminate_backend(pid)" + OTHERS)),
				new Fault("terminate one session",
						(random, hit) -> query(
								"select pg_terminate_backend(pid)" + OTHERS + "order by random() limit 1")),
				new Fault("terminate during COMMIT", this::terminateInCommit),
				new Fault("cancel statements",
						(random, hit) -> query("select pg_cancel_backend(pid)" + OTHERS + "and state = 'active'")),
				new Fault("kill -9 one backend", this::killOne));
	}

	/** The sessions that are at COMMIT, as soon as there is one. */
	private void terminateInCommit(Random random, Runnable hit) throws SQLException, InterruptedException {
		int hits = 0;
		for (int i = 0; i < 300 && hits < 3; i++) {
			int found = query(
					"select pg_terminate_backend(pid)" + OTHERS + "and state = 'active' and query ilike '%commit%'");
			if (found > 0) {
				hit.run();
			}
			hits += found;
			Pause.forAbout(Duration.ofMillis(2));
		}
	}

	/** After which the postmaster ends all other sessions and recovers. */
	private void killOne(Random random, Runnable hit) throws SQLException, InterruptedException {
		try (Connection connection = this.server.connect(); Statement statement = connection.createStatement()) {
			long pid;
			try (ResultSet result = statement.executeQuery("select pid" + OTHERS + "order by random() limit 1")) {
				if (!result.next()) {
					return;
				}
				pid = result.getLong(1);
			}
			ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
		}
		Awaitility.await().pollInterval(Duration.ofMillis(20)).atMost(Duration.ofSeconds(30)).until(this::answers);
	}

	private boolean answers() {
		try (Connection connection = this.server.connect()) {
			return connection.isValid(1);
		}
		catch (SQLException ex) {
			return false;
		}
	}

	private int query(String sql) throws SQLException {
		try (Connection connection = this.server.connect();
				Statement statement = connection.createStatement();
				ResultSet result = statement.executeQuery(sql)) {
			int rows = 0;
			while (result.next()) {
				rows++;
			}
			return rows;
		}
	}

}
