// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * Reads the sessions of a server. Of the sessions of other roles everybody sees that they
 * are there; what they do is told to members of {@code pg_read_all_stats}, which
 * {@code pg_monitor} is (manual, 27.2).
 */
final class SessionsReading {

	/**
	 * The kind of a foreign session is hidden too; one with a role and a database is a
	 * client or a parallel worker of one. Our own session is busy with this query.
	 */
	private static final String SQL = """
			select count(*) as open,
			  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
			    - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) as connection_limit,
			  (extract(epoch from clock_timestamp() - min(xact_start)) * 1000)::bigint as transaction,
			  (extract(epoch from clock_timestamp() - min(state_change) filter (where state like 'idle in transaction%'))
			    * 1000)::bigint as idle,
			  pg_has_role(current_user, 'pg_read_all_stats', 'usage') as told, quote_ident(current_user) as role
			from (select case when pid <> pg_backend_pid() then xact_start end as xact_start, state, state_change
			  from pg_stat_activity
			  where backend_type = 'client backend'
			    or backend_type is null and usesysid is not null and datid is not null) clients""";

	private SessionsReading() {
	}

	static Sample.Sessions ask(Connection connection, Duration timeout, MissingReadings missing) throws SQLException {
		return BoundedQuery.ask(connection, timeout, SQL, (row) -> {
			if (!row.getBoolean("told")) {
				missing.ungranted(Reading.SESSION_AGES, "transactions of other roles are hidden",
						row.getString("role"));
			}
			return new Sample.Sessions(row.getInt("open"), row.getInt("connection_limit"),
					Columns.millis(row, "transaction"), Columns.millis(row, "idle"));
		});
	}

}
