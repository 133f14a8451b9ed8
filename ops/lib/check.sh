# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The live state of the archive and of the stream.

# One line: archive_mode, age of the oldest segment that waits ('' for none), last archived segment, seconds since then, whether the
# newest attempt failed, what failed, whether WAL was written after the last archived segment
readonly ARCHIVE_STATE_SQL="
with waiting as (select min(modification) as since from pg_ls_archive_statusdir() where name ~ '^[0-9A-F]{24}\\.ready\$'),
     state as (select * from pg_stat_archiver)
select current_setting('archive_mode'),
       coalesce(round(extract(epoch from clock_timestamp() - waiting.since))::text, ''),
       coalesce(last_archived_wal, ''),
       coalesce(round(extract(epoch from clock_timestamp() - last_archived_time)::numeric, 1)::text, ''),
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false),
       coalesce(last_failed_wal, ''),
       coalesce(left(last_archived_wal, 24) < pg_walfile_name(pg_current_wal_lsn() - 1)
                and pg_current_wal_lsn() - '0/0'::pg_lsn > 0
                and (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint % (select setting::bigint from pg_settings where name = 'wal_segment_size') > 400, true)
  from waiting, state"

check_archive() {
  local mode waiting last since failing failed_wal written rpo=0 answer
  begin_run archive "$OPS_STANZA"
  need_database "$PGDATABASE"
  answer=$(sql "$PGDATABASE" <<<"$ARCHIVE_STATE_SQL")
  IFS='|' read -r mode waiting last since failing failed_wal written <<<"$answer"
  if [[ "$mode" == off ]]; then die "$E_CHECK" "archive_mode is off: nothing is archived" "Run setup-wal-archiving."; fi
  if [[ "$written" == t ]]; then rpo=${since:-0}; fi
  if [[ -n "$waiting" ]] && ((waiting > ${rpo%.*})); then rpo=$waiting; fi
  printf 'archive: last segment %s, %s s ago; oldest waiting: %s; recovery point at most %s s\n' "${last:-none}" "${since:--}" "${waiting:-none}" "$rpo"
  if [[ "$failing" == t ]]; then
    archive_failed "$rpo" "archiving fails: $failed_wal could not be archived${waiting:+, the oldest segment has been waiting for $waiting s}"
  fi
  if [[ -n "$waiting" ]] && ((waiting > OPS_ARCHIVE_MAX_AGE)); then
    archive_failed "$rpo" "the archive lags: a segment has been waiting for $waiting s (OPS_ARCHIVE_MAX_AGE=$OPS_ARCHIVE_MAX_AGE)"
  fi
  [[ -n "$last" ]] || archive_failed "$rpo" "nothing was archived yet"
  # An archive_command that only says yes is found here
  if [[ "$last" =~ $WAL_NAME ]] && ! engine_wal_get "$last" "$OPS_TMP/last-segment"; then
    archive_failed "$rpo" "the server believes that $last was archived, but the archive does not give it back"
  fi
  end_run ok rpoSeconds="$rpo" recoverableTo="$(date -u -d "-${rpo%.*} seconds" +%Y-%m-%dT%H:%M:%SZ)"
}

# archive_failed RPO TEXT
archive_failed() {
  end_run failed error="$2" rpoSeconds="$1"
  die "$E_CHECK" "$2" "See the server's log for what the archive_command said."
}

# One line: slot status, active, flush position behind in bytes, seconds since the receiver reported, state
readonly STREAM_STATE_SQL="
select coalesce(s.wal_status, 'missing'), coalesce(s.active, false),
       coalesce((pg_current_wal_flush_lsn() - r.flush_lsn)::bigint, -1),
       coalesce(round(extract(epoch from coalesce(r.flush_lag, interval '0'))::numeric, 3), 0),
       coalesce(round(extract(epoch from clock_timestamp() - r.reply_time)::numeric, 3), -1)
  from (select 1) one
  left join pg_replication_slots s on s.slot_name = :'slot'
  left join pg_stat_replication r on r.pid = s.active_pid"

check_stream() {
  local status active behind lag reply answer rpo
  begin_run stream "$OPS_STANZA"
  need_database "$PGDATABASE"
  stream_thin_out
  answer=$(sql "$PGDATABASE" -v slot="$OPS_STREAM_SLOT" <<<"$STREAM_STATE_SQL")
  IFS='|' read -r status active behind lag reply <<<"$answer"
  case "$status" in
    missing) die "$E_CHECK" "the slot $OPS_STREAM_SLOT does not exist" "Run setup-wal-archiving, and start stream-wal." ;;
    lost) die "$E_CHECK" "the slot $OPS_STREAM_SLOT has lost WAL: the stream has a hole" "Start stream-wal (it makes the slot anew), then backup-physical --full." ;;
    unreserved) warn "the slot $OPS_STREAM_SLOT is about to lose WAL: the receiver is too far behind" ;;
  esac
  [[ "$active" == t ]] || die "$E_CHECK" "nobody receives the stream" "Start stream-wal: systemctl start db-resilience-stream-wal"
  # What was written since the receiver's last report counts as lost until it reports again
  rpo=$lag
  if ((behind == 0)); then rpo=0; elif awk -v a="$reply" -v b="$lag" 'BEGIN { exit !(a > b) }'; then rpo=$reply; fi
  printf 'stream: %s bytes behind, recovery point %s s\n' "$behind" "$rpo"
  if awk -v a="$rpo" -v b="$OPS_ARCHIVE_MAX_AGE" 'BEGIN { exit !(a > b) }'; then
    end_run failed error="the stream lags by $rpo s" rpoSeconds="$rpo"
    die "$E_CHECK" "the stream lags by $rpo s (OPS_ARCHIVE_MAX_AGE=$OPS_ARCHIVE_MAX_AGE)"
  fi
  end_run ok rpoSeconds="$rpo" recoverableTo="$(date -u -d "-${rpo%.*} seconds" +%Y-%m-%dT%H:%M:%SZ)"
}
