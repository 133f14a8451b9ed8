// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import org.jspecify.annotations.Nullable;

/**
 * Reads the archive of WAL. Whether it fails is told to everybody; what waits is listed
 * from files ({@code *.ready}), for members of {@code pg_monitor}. In recovery only the
 * mode {@code always} archives. Used by one thread.
 */
final class ArchiveReading {

	private static final String SQL = """
			select current_setting('archive_mode') as mode, pg_is_in_recovery() as standby, failed_count as failures,
			  coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false) as failing,
			  coalesce(has_function_privilege(to_regprocedure('pg_ls_archive_statusdir()'), 'execute'), false) as listable,
			  to_regprocedure('pg_ls_archive_statusdir()') is null as unlisted, quote_ident(current_user) as role, %s
			from pg_stat_archiver""";

	private static final String WITHOUT_LIST = SQL.formatted("null::int as waiting, null::bigint as oldest");

	private static final String WITH_LIST = SQL.formatted("waiting, oldest") + """
			, (select count(*) as waiting,
			  (extract(epoch from clock_timestamp() - min(modification)) * 1000)::bigint as oldest
			  from pg_ls_archive_statusdir() where name like '%.ready') files""";

	private boolean listable;

	/**
	 * Asks what everybody may know, and learns whether the list may be asked for.
	 * @return the archive, {@code null} if this server does not archive
	 */
	Sample.@Nullable Archive ask(Connection connection, Duration timeout, MissingReadings missing) throws SQLException {
		return BoundedQuery.ask(connection, timeout, WITHOUT_LIST, (row) -> {
			boolean archives = isArchiving(row);
			this.listable = archives && row.getBoolean("listable");
			if (archives && !this.listable) {
				explain(row, missing);
			}
			return archives ? Optional.of(archive(row)) : Optional.<Sample.Archive>empty();
		}).orElse(null);
	}

	private static void explain(ResultSet row, MissingReadings missing) throws SQLException {
		if (row.getBoolean("unlisted")) {
			missing.failed(Reading.ARCHIVE_WAITING, "this server has no function pg_ls_archive_statusdir");
			return;
		}
		missing.ungranted(Reading.ARCHIVE_WAITING, "pg_ls_archive_statusdir may not be called", row.getString("role"));
	}

	/**
	 * Whether the list may be asked for, as far as is known.
	 */
	boolean isListable() {
		return this.listable;
	}

	/**
	 * Asks for everything at once.
	 * @return the archive, {@code null} if this server does not archive
	 */
	Sample.@Nullable Archive askWithList(Connection connection, Duration timeout) throws SQLException {
		return BoundedQuery
			.ask(connection, timeout, WITH_LIST,
					(row) -> isArchiving(row) ? Optional.of(archive(row)) : Optional.<Sample.Archive>empty())
			.orElse(null);
	}

	private static boolean isArchiving(ResultSet row) throws SQLException {
		String mode = row.getString("mode");
		return "always".equals(mode) || "on".equals(mode) && !row.getBoolean("standby");
	}

	private static Sample.Archive archive(ResultSet row) throws SQLException {
		Long waiting = Columns.number(row, "waiting");
		return new Sample.Archive(row.getBoolean("failing"), row.getLong("failures"),
				(waiting != null) ? Math.toIntExact(waiting) : null, Columns.millis(row, "oldest"));
	}

}
