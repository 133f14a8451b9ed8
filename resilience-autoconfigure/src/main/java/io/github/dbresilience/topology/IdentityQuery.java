// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.topology;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/**
 * Asks a server who it is, in one round trip outside a transaction. What a server refuses
 * (managed ones do, and roles without the right) is left out from then on: without the
 * timeline or the system identifier, a stale primary cannot be recognised. Thread-safe.
 */
public final class IdentityQuery {

	/** No right, not supported, no such function. */
	private static final Set<String> REFUSALS = Set.of("42501", "0A000", "42883");

	private static final String ROLE = "select pg_catalog.pg_is_in_recovery(), "
			+ "(extract(epoch from pg_catalog.pg_postmaster_start_time()) * 1000000)::bigint";

	private static final String TIMELINE = ", case when pg_catalog.pg_is_in_recovery() then "
			+ "(select timeline_id from pg_catalog.pg_control_checkpoint()) else ('x' || "
			+ "pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8))::bit(32)::int end";

	private static final String SYSTEM = ", (select system_identifier::text from pg_catalog.pg_control_system())";

	private volatile boolean timelineTold = true;

	private volatile boolean systemTold = true;

	/**
	 * Asks a server.
	 * @param connection in autocommit mode
	 * @return who it is
	 * @throws SQLException if it does not answer
	 */
	public ServerIdentity of(Connection connection) throws SQLException {
		try (Asker asker = on(connection)) {
			return asker.ask();
		}
	}

	/**
	 * Asks a server again and again on one connection, without making the statement anew.
	 * @param connection in autocommit mode
	 * @return asks; it ends with the connection. Not thread-safe
	 */
	public Asker on(Connection connection) {
		return new Asker(this, connection);
	}

	/**
	 * Whether a stale primary can be recognised.
	 * @return {@code false} once a server has refused to tell its timeline or its system
	 * identifier
	 */
	public boolean isComplete() {
		return this.timelineTold && this.systemTold;
	}

	/**
	 * Asks on one connection. The statement has no name on the server: a pooler may give
	 * each question to another session.
	 */
	public static final class Asker implements AutoCloseable {

		private final IdentityQuery query;

		private final Connection connection;

		private @Nullable PreparedStatement statement;

		private boolean timeline;

		private boolean system;

		private Asker(IdentityQuery query, Connection connection) {
			this.query = query;
			this.connection = connection;
		}

		/**
		 * Asks the server.
		 * @return who it is
		 * @throws SQLException if it does not answer
		 */
		public ServerIdentity ask() throws SQLException {
			while (true) {
				try (ResultSet row = prepared().executeQuery()) {
					row.next();
					return new ServerIdentity(row.getString(4),
							row.getBoolean(1) ? ServerRole.STANDBY : ServerRole.PRIMARY, row.getInt(3),
							Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS));
				}
				catch (SQLException ex) {
					forget(ex);
					if (!REFUSALS.contains(ex.getSQLState()) || !(this.timeline || this.system)) {
						throw ex;
					}
					leaveOut();
				}
			}
		}

		private void leaveOut() {
			if (this.system) {
				this.query.systemTold = false;
			}
			else {
				this.query.timelineTold = false;
			}
		}

		private void forget(SQLException failure) {
			try {
				close();
			}
			catch (SQLException ex) {
				failure.addSuppressed(ex);
			}
		}

		private PreparedStatement prepared() throws SQLException {
			PreparedStatement known = this.statement;
			if (known == null) {
				this.timeline = this.query.timelineTold;
				this.system = this.query.systemTold;
				known = this.connection.prepareStatement(
						ROLE + (this.timeline ? TIMELINE : ", 0") + (this.system ? SYSTEM : ", null::text"));
				this.statement = known;
				known.unwrap(PGStatement.class).setPrepareThreshold(0);
			}
			return known;
		}

		@Override
		public void close() throws SQLException {
			PreparedStatement known = this.statement;
			this.statement = null;
			if (known != null) {
				known.close();
			}
		}

	}

}
