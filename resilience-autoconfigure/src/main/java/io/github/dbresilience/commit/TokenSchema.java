// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.commit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * The table and the functions of the commit tokens: their statements, their creation and
 * their clean-up. Its connections are in autocommit mode and may be a pooler's. Immutable
 * and thread-safe.
 */
final class TokenSchema {

	private static final String SCRIPT = "schema.sql";

	private static final String NAME_IN_SCRIPT = "db_resilience";

	/** Two instances that start together create it once. */
	private static final long ADVISORY_LOCK = 0x6462726573696cL;

	private static final String BEGIN = "begin isolation level read committed read write; "
			+ "set local lock_timeout = '2s'; set local statement_timeout = '10s'";

	private final String name;

	private final String guardedMark;

	/**
	 * Creates the schema's statements.
	 * @param name a plain identifier
	 */
	TokenSchema(String name) {
		this.name = '"' + name + '"';
		this.guardedMark = "select case when pg_catalog.pg_current_xact_id_if_assigned() is not null "
				+ "and pg_catalog.current_setting('transaction_read_only') = 'off' then " + this.name + ".mark(?) end";
	}

	/**
	 * The statement that leaves a token, if the transaction has written anything, and
	 * commits; one message of the driver.
	 */
	String markAndCommit() {
		return this.guardedMark + "; commit";
	}

	String resolve() {
		return "select " + this.name + ".resolve(?)";
	}

	String stuckSessions(Duration silence) {
		return this.name + ".stuck_sessions(interval '" + silence.toMillis() + " milliseconds') s";
	}

	/**
	 * Leaves a token and takes it back.
	 * @throws SQLException why tokens cannot be left
	 */
	void verify(Connection connection) throws SQLException {
		inTransaction(connection, "rollback", (statement) -> {
			query(connection, "select " + this.name + ".mark(?)", UUID.randomUUID());
			query(connection, this.guardedMark, UUID.randomUUID());
			query(connection, resolve(), UUID.randomUUID());
		});
	}

	/**
	 * Why the starter must not create the schema.
	 * @return the reason, {@code null} if it may
	 */
	@Nullable String obstacle(Connection connection) throws SQLException {
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery("""
				select pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
				  exists (select from pg_catalog.pg_publication where puballtables),
				  pg_catalog.to_regnamespace('%s') is not null, current_user""".formatted(this.name))) {
			row.next();
			if (row.getBoolean(3)) {
				return "the schema exists, but is not what it should be or the role has no right to use it";
			}
			if (row.getBoolean(2)) {
				return "a publication FOR ALL TABLES would carry its table to subscribers that lack it";
			}
			return row.getBoolean(1) ? null : "the role " + row.getString(4) + " may not create schemas";
		}
	}

	void create(Connection connection) throws SQLException {
		String script = script().replace(NAME_IN_SCRIPT, this.name);
		inTransaction(connection, "commit", (statement) -> {
			statement.execute("select pg_catalog.pg_advisory_xact_lock(" + ADVISORY_LOCK + ")");
			statement.execute(script);
		});
	}

	/**
	 * Deletes tokens that are old enough.
	 * @return how many were deleted, at most {@code atMost}
	 */
	int purge(Connection connection, Duration committedAge, Duration abandonedAge, int atMost) throws SQLException {
		int[] deleted = new int[1];
		inTransaction(connection, "commit", (statement) -> {
			statement.execute("set local synchronous_commit = off");
			String call = "select %s.purge(interval '%d seconds', interval '%d seconds', %d)".formatted(this.name,
					committedAge.toSeconds(), abandonedAge.toSeconds(), atMost);
			try (ResultSet row = statement.executeQuery(call)) {
				row.next();
				deleted[0] = row.getInt(1);
			}
		});
		return deleted[0];
	}

	private static void query(Connection connection, String sql, UUID token) throws SQLException {
		try (PreparedStatement statement = connection.prepareStatement(sql)) {
			statement.unwrap(PGStatement.class).setPrepareThreshold(0);
			statement.setObject(1, token);
			statement.execute();
		}
	}

	private static void inTransaction(Connection connection, String end, Work work) throws SQLException {
		try (Statement statement = connection.createStatement()) {
			statement.execute(BEGIN);
			try {
				work.run(statement);
			}
			catch (SQLException ex) {
				statement.execute("rollback");
				throw ex;
			}
			statement.execute(end);
		}
	}

	private static String script() {
		try (InputStream script = TokenSchema.class.getResourceAsStream(SCRIPT)) {
			if (script == null) {
				throw new IllegalStateException(SCRIPT + " is missing from the class path");
			}
			return new String(script.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@FunctionalInterface
	private interface Work {

		void run(Statement statement) throws SQLException;

	}

}
