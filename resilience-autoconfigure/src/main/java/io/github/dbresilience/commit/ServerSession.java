// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

import org.postgresql.PGConnection;

/**
 * The server's session behind a connection, as it was when the connection was opened.
 *
 * @param pid the process id of the session's backend
 * @param startMicros when the backend started, in microseconds of the epoch by the
 * server's clock; a later backend with the same process id started at another time
 * @param direct {@code false} behind a pooler, where the next transaction may be another
 * session's
 */
public record ServerSession(int pid, long startMicros, boolean direct) {

	private static final String SQL = """
			select pid, (extract(epoch from backend_start) * 1000000)::bigint from pg_catalog.pg_stat_activity
			where pid = pg_catalog.pg_backend_pid()""";

	/**
	 * Reads the session of a connection, in one round trip.
	 * @param connection a connection of the driver, outside a transaction
	 * @return the session
	 * @throws SQLException if the server does not answer
	 */
	public static ServerSession of(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(SQL)) {
			if (!row.next()) {
				throw new SQLException("The server does not show the session to its own role", "55000");
			}
			int pid = row.getInt(1);
			return new ServerSession(pid, row.getLong(2), pid == connection.unwrap(PGConnection.class).getBackendPID());
		}
	}

}
