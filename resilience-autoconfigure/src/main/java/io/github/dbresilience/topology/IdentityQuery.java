// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.topology;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;

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
		while (true) {
			boolean timeline = this.timelineTold;
			boolean system = this.systemTold;
			try {
				return ask(connection, timeline, system);
			}
			catch (SQLException ex) {
				if (!REFUSALS.contains(ex.getSQLState()) || !(timeline || system)) {
					throw ex;
				}
				if (system) {
					this.systemTold = false;
				}
				else {
					this.timelineTold = false;
				}
			}
		}
	}

	/**
	 * Whether a stale primary can be recognised.
	 * @return {@code false} once a server has refused to tell its timeline or its system
	 * identifier
	 */
	public boolean isComplete() {
		return this.timelineTold && this.systemTold;
	}

	private static ServerIdentity ask(Connection connection, boolean timeline, boolean system) throws SQLException {
		String sql = ROLE + (timeline ? TIMELINE : ", 0") + (system ? SYSTEM : ", null::text");
		try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
			row.next();
			return new ServerIdentity(row.getString(4), row.getBoolean(1) ? ServerRole.STANDBY : ServerRole.PRIMARY,
					row.getInt(3), Instant.EPOCH.plus(row.getLong(2), ChronoUnit.MICROS));
		}
	}

}
