// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * Asks for one row in one round trip, bounded by the server. The bound is set for this
 * transaction alone, so that it stays with no session of a pooler; the driver's own
 * {@link Statement#setQueryTimeout(int)} would open a further connection to cancel.
 */
final class BoundedQuery {

	/** Each bound is a line of its own in pg_stat_statements. */
	private static final long STEP = 100;

	private BoundedQuery() {
	}

	/**
	 * Asks.
	 * @param connection in autocommit mode; so it is left, after a failure too
	 * @param timeout after which the server cancels the query (57014)
	 * @param sql a query without side effects that gives one row
	 * @param reader reads that row
	 * @param <T> what is read
	 * @return what was read
	 * @throws SQLException if the query failed; the connection is closed if it cannot be
	 * used any more
	 */
	static <T> T ask(Connection connection, Duration timeout, String sql, RowReader<T> reader) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			boolean rows = statement
				.execute("begin read only; set local statement_timeout = " + millis(timeout) + "; " + sql + "; commit");
			while (!rows) {
				rows = statement.getMoreResults();
				if (!rows && statement.getUpdateCount() < 0) {
					throw new SQLException("The query gave no row", "02000");
				}
			}
			try (ResultSet row = statement.getResultSet()) {
				row.next();
				return reader.read(row);
			}
		}
		catch (SQLException ex) {
			rollBack(connection, ex);
			throw ex;
		}
	}

	private static long millis(Duration timeout) {
		long millis = timeout.toMillis();
		return (millis > STEP) ? millis - millis % STEP : Math.max(1, millis);
	}

	private static void rollBack(Connection connection, SQLException failure) throws SQLException {
		if (connection.isClosed()) {
			return;
		}
		try (Statement statement = connection.createStatement()) {
			statement.execute("rollback");
		}
		catch (SQLException ex) {
			failure.addSuppressed(ex);
			connection.abort(Runnable::run);
		}
	}

	/**
	 * Reads a row.
	 *
	 * @param <T> what is read
	 */
	@FunctionalInterface
	interface RowReader<T> {

		T read(ResultSet row) throws SQLException;

	}

}
