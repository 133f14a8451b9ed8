// SPDX-License-Identifier: Apache-2.0
package io.github.dbresilience.monitor;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Reads the replication of a server, as primary or as standby. Lag in time is no false
 * alarm after a rest: a standby that has replayed all that it received is not behind, and
 * one that has not is at most as much behind as it is since it last had. On the other
 * side, PostgreSQL's own {@code replay_lag} stands still with a standby that does, so the
 * primary also watches whether the standby comes by where the primary was. Used by one
 * thread.
 */
final class ReplicationReading {

	/**
	 * Receivers of WAL that do not replay it, like pg_receivewal and base backups, are no
	 * standbys. Slots that are lost hold nothing back.
	 */
	private static final String SQL = """
			with here as (
			  select pg_is_in_recovery() as standby,
			    case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end as position,
			    case when pg_is_in_recovery() then pg_last_wal_receive_lsn() end as received,
			    case when pg_is_in_recovery() then pg_last_xact_replay_timestamp() end as replayed,
			    exists (select from pg_stat_wal_receiver) as streams,
			    pg_has_role(current_user, 'pg_read_all_stats', 'usage') as told
			), followers as (
			  select count(*) filter (where replay_lsn is not null or not told) as standbys,
			    min(pg_wal_lsn_diff(replay_lsn, '0/0'))::bigint as replayed, max(replay_lag) as lag
			  from here, pg_stat_replication
			), slots as (
			  select max(greatest(pg_wal_lsn_diff(position, restart_lsn), 0))::bigint as held
			  from here, pg_replication_slots where wal_status is distinct from 'lost'
			)
			select standby, streams, told, quote_ident(current_user) as role,
			  pg_wal_lsn_diff(position, '0/0')::bigint as position, pg_wal_lsn_diff(received, '0/0')::bigint as received,
			  (extract(epoch from clock_timestamp() - here.replayed) * 1000)::bigint as replay_age,
			  standbys, followers.replayed as follower, (extract(epoch from lag) * 1000)::bigint as lag, held
			from here, followers, slots""";

	private final Clock clock;

	private Backlog backlog = new Backlog();

	private @Nullable Instant caughtUp;

	ReplicationReading(Clock clock) {
		this.clock = clock;
	}

	Sample.Replication ask(Connection connection, Duration timeout, MissingReadings missing) throws SQLException {
		return BoundedQuery.ask(connection, timeout, SQL,
				(row) -> row.getBoolean("standby") ? standby(row, missing) : primary(row, missing));
	}

	private Sample.Replication primary(ResultSet row, MissingReadings missing) throws SQLException {
		this.caughtUp = null;
		int standbys = row.getInt("standbys");
		Long held = Columns.number(row, "held");
		Long follower = Columns.number(row, "follower");
		if (standbys > 0 && !row.getBoolean("told")) {
			missing.ungranted(Reading.REPLICATION_LAG, "how far standbys are behind is hidden", row.getString("role"));
		}
		if (follower == null) {
			this.backlog = new Backlog();
			return new Sample.Replication(standbys, null, null, held);
		}
		long position = row.getLong("position");
		Duration stuck = this.backlog.look(position, follower, this.clock.instant());
		Duration lag = Columns.millis(row, "lag");
		if (follower >= position || lag == null || lag.compareTo(stuck) < 0) {
			lag = stuck;
		}
		return new Sample.Replication(standbys, Math.max(0, position - follower), lag, held);
	}

	private Sample.Replication standby(ResultSet row, MissingReadings missing) throws SQLException {
		this.backlog = new Backlog();
		Instant now = this.clock.instant();
		Long received = Columns.number(row, "received");
		Long position = Columns.number(row, "position");
		Long behind = null;
		if (row.getBoolean("streams") && received != null && position != null) {
			behind = Math.max(0, received - position);
			if (behind == 0) {
				this.caughtUp = now;
			}
		}
		else {
			missing.failed(Reading.REPLICATION_LAG,
					"this standby receives no stream of WAL, so nobody knows how much it lacks");
		}
		return new Sample.Replication(row.getInt("standbys"), behind, staleness(row, now), Columns.number(row, "held"));
	}

	/**
	 * The shorter of two upper bounds.
	 */
	private @Nullable Duration staleness(ResultSet row, Instant now) throws SQLException {
		Duration age = Columns.millis(row, "replay_age");
		if (this.caughtUp == null || now.isBefore(this.caughtUp)) {
			return age;
		}
		Duration since = Duration.between(this.caughtUp, now);
		return (age != null && age.compareTo(since) < 0) ? age : since;
	}

}
