# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Promoting a standby: who is the primary, what the standby lacks, the fence around the old one, and the proof afterwards.

# The place of the primary as the standby knows it: sets PEER_HOST and PEER_PORT, empty when it has none
read_upstream() {
  local facts
  facts=$(instance_sql "$1" -F '|' <<'SQL'
select coalesce((regexp_match(c, '(?:^|\s)host=''?([^'' ]+)'))[1], ''), coalesce((regexp_match(c, '(?:^|\s)port=''?(\d+)'))[1], '5432')
  from current_setting('primary_conninfo') c;
SQL
  )
  IFS='|' read -r PEER_HOST PEER_PORT <<<"$facts" || true
}

# upstream_state: writable, standby, unsettled (starting up: it may become writable; shutting down: sessions may go on writing), or silent.
# Asked as the super-user of this machine or as the replication role. Silent is only what gives no answer of a server at all.
upstream_state() {
  local answer
  if [[ -z "$PEER_HOST" ]]; then
    printf silent
    return
  fi
  answer=$(PGCONNECT_TIMEOUT=3 timeout -k 1 8 "${AS_PEER[@]}" "$(pg_program psql)" -X -w -q -A -t --dbname="$(PGCONNECT_TIMEOUT=3 peer_conninfo failover)" \
    -c 'select pg_is_in_recovery()' 2>"$OPS_TMP/upstream") || answer=
  case "$answer" in
    f) printf writable ;;
    t) printf standby ;;
    *)
      if grep -qE 'starting up|shutting down' -- "$OPS_TMP/upstream"; then
        printf unsettled
      # It refuses us, or speaks TLS otherwise than we want, but it lives
      elif grep -qE 'FATAL|no password|authentication|SSL|certificate' -- "$OPS_TMP/upstream"; then
        printf writable
      else
        printf silent
      fi
      ;;
  esac
}

upstream_settles() { [[ "$(upstream_state)" != unsettled ]]; }

show_standby() { # DIR
  local line
  while IFS= read -r line; do log "$line"; done < <(instance_sql "$1" <<'SQL'
select format('standby: timeline %s, received %s, replayed %s%s', (select timeline_id from pg_control_checkpoint()),
              coalesce(pg_last_wal_receive_lsn()::text, 'nothing by streaming'), pg_last_wal_replay_lsn(),
              ', last transaction of ' || pg_last_xact_replay_timestamp() || ' (' ||
              round(extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::numeric, 1) || ' s ago)');
select case when exists (select from pg_stat_wal_receiver where status = 'streaming') then 'standby: is streaming'
            else 'standby: is not streaming' end;
SQL
  )
  if [[ "$(instance_sql "$1" <<<'select pg_is_wal_replay_paused()')" == t ]]; then
    die "$E_REFUSED" "replay is paused on the standby: promoting would skip the question why" "select pg_wal_replay_resume() there first."
  fi
}

# What the old primary has acknowledged and the standby lacks, seen from a primary that still answers
show_live_lag() { # DIR
  local now lag sync
  now=$(ask_peer <<<'select pg_current_wal_lsn()' 2>/dev/null) || return 0
  lag=$(instance_sql "$1" -v now="$now" <<<"select greatest(pg_wal_lsn_diff(:'now', coalesce(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())), 0)::bigint")
  sync=$(ask_peer <<<"select coalesce(string_agg(format('%s (%s)', application_name, sync_state), ', '), 'nobody') from pg_stat_replication" 2>/dev/null) || sync='?'
  log "old primary: answers at $(shown "$PEER_HOST"):$PEER_PORT, is at $now; this standby lags $(human_bytes "$lag"); streaming from it: $sync"
}

# need_most_advanced DIR CONNINFO...: of several standbys the one with the most WAL is promoted
need_most_advanced() {
  local dir=$1 other theirs ahead
  shift
  for other in "$@"; do
    theirs=$("$(pg_program psql)" -X -w -q -A -t --dbname="$other" \
      -c 'select greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())' 2>"$OPS_TMP/other") ||
      die "$E_DATABASE" "the other standby cannot be asked: $(tail -n 1 -- "$OPS_TMP/other")" "If it is lost, leave its --other out."
    ahead=$(instance_sql "$dir" -v lsn="$theirs" <<<"select greatest(pg_wal_lsn_diff(:'lsn', greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())), 0)::bigint")
    if ((ahead > 0)); then
      die "$E_REFUSED" "another standby is $(human_bytes "$ahead") ahead (at $theirs): promoting this one would lose that" "Promote that one."
    fi
    log "another standby is at $theirs, not ahead of this one"
  done
}

# fence DIR-OF-OLD: it is stopped, and however it is started again it is a standby
fence_data_directory() {
  local old=$1
  mark_standby "$old"
  if is_running "$old"; then
    log "fence: stopping the old primary in $(shown "$old")"
    # Fast: it waits until the standbys that stream have all of its WAL
    stop_instance "$old" fast || stop_instance "$old" immediate || true
    if is_running "$old"; then die "$E_FAILED" "the old primary in $(shown "$old") does not stop: $(tail -n 1 -- "$OPS_TMP/stop.log")"; fi
  fi
  log "fence: the old primary is down; standby.signal is in its directory, so it cannot come back writable"
}

run_fence_command() {
  log "fence: running OPS_FENCE_COMMAND"
  if ! run_child bash -c "$OPS_FENCE_COMMAND" >"$OPS_TMP/fence" 2>&1; then
    die "$E_FAILED" "the fence command failed, nothing was promoted: $(tail -n 3 -- "$OPS_TMP/fence" | tr '\n' ' ')" \
      "Fence the old primary by hand (power off, or cut its network), then give --fenced."
  fi
}

# all_replayed DIR: everything that was received, twice in a row. A primary that dies leaves half a record behind, so that
# the end of what was received need not be reached: then recovery waits for more, and stands still.
all_replayed() {
  local now
  now=$(instance_sql "$1" <<'SQL'
select pg_last_wal_replay_lsn()
 where pg_last_wal_receive_lsn() is null or pg_last_wal_replay_lsn() >= pg_last_wal_receive_lsn()
    or exists (select from pg_stat_activity where backend_type = 'startup'
                and wait_event in ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval'));
SQL
  )
  if [[ -n "$now" && "$now" == "${REPLAYED:-}" ]]; then return 0; fi
  REPLAYED=$now
  return 1
}

# commits_after DIR TIMELINE LSN: committed transactions in the WAL of DIR from there on, one a line
commits_after() {
  { "$INSTANCE_BIN/pg_waldump" --path="$1/pg_wal" --timeline="$((16#$2))" --start="$3" --rmgr=Transaction 2>/dev/null || true; } |
    grep -E 'desc: (COMMIT|COMMIT_PREPARED) ' || true
}

# has_wal_from DIR TIMELINE LSN: the segment of that position is there, or there is nothing after it
has_wal_from() {
  local name segment
  name=$(printf '%s%08X%08X' "$2" "$((16#${3%/*}))" "$((16#${3#*/} / $(control "$1" 'Bytes per WAL segment')))")
  if [[ -e "$1/pg_wal/$name" ]]; then return 0; fi
  for segment in "$1"/pg_wal/*; do
    segment=${segment##*/}
    if [[ "$segment" =~ ^[0-9A-F]{24}$ && "${segment:8}" > "${name:8}" ]]; then return 1; fi
  done
}

# Of a dead primary whose disk can be read: exactly what the standby does not have
show_missing() { # DIR OLD
  local lsn timeline missing
  lsn=$(instance_sql "$1" <<<'select pg_last_wal_replay_lsn()')
  timeline=$(printf '%08X' "$(control "$2" "Latest checkpoint's TimeLineID")")
  if ! has_wal_from "$2" "$timeline" "$lsn"; then
    warn "this standby stopped at $lsn, and the old primary has removed its WAL from there on: what the standby lacks cannot be counted"
    confirm_name lose "Promoting loses every transaction of the old primary after $lsn."
    return 0
  fi
  missing=$(commits_after "$2" "$timeline" "$lsn" | wc -l)
  if ((missing == 0)); then
    log "the standby has every transaction that the old primary has on its disk"
    return 0
  fi
  warn "$missing transactions are committed on the old primary and not on this standby (after $lsn)" \
    "${SYNCHRONOUS:+; its commits wait for a standby, so these were not acknowledged, unless that wait was cancelled or switched off}"
  confirm_name lose "Promoting loses these $missing transactions, unless they are fetched by hand from the old primary's disk."
}

# synchronous_of_old OLD: what the old primary's commits wait for, where that can be found out
synchronous_of_old() {
  if [[ -n "$1" ]]; then
    "$INSTANCE_BIN/postgres" -D "$1" -c config_file="$(configuration_file "$1")" -C synchronous_standby_names 2>/dev/null || true
  elif [[ "$UPSTREAM" == writable ]]; then
    ask_peer <<<'show synchronous_standby_names' 2>/dev/null || true
  fi
}

# keep_synchronous DIR NAMES: the setting does not come by replication, and without it the next failover may lose commits
keep_synchronous() {
  if [[ -z "$2" || -n "$ASYNCHRONOUS" || -n "$(instance_sql "$1" <<<'show synchronous_standby_names')" ]]; then return 0; fi
  instance_sql "$1" -v names="$2" <<<"select format('alter system set synchronous_standby_names = %L', :'names') \\gexec
    select pg_reload_conf()" >/dev/null
  log "the old primary's commits waited for '$2': so will those of this one"
}

# shellcheck disable=SC2034  # told by the verb
promote() { # DIR; sets PROMOTED_SECONDS
  local started=$EPOCHREALTIME
  if [[ "$(instance_sql "$1" <<<"select pg_promote(true, $OPS_FAILOVER_TIMEOUT)")" != t ]]; then
    die "$E_FAILED" "the promotion did not end within $OPS_FAILOVER_TIMEOUT s" "Look at the log of the server; nothing else was changed."
  fi
  PROMOTED_SECONDS=$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }')
}

# The new primary writes; or it waits for synchronous standbys that are not there, which is said, and mended if wanted
prove_writable() { # DIR
  local names
  if [[ "$(instance_sql "$1" <<<'select pg_is_in_recovery()')" != f ]]; then die "$E_FAILED" "the server is still in recovery after its promotion"; fi
  names=$(instance_sql "$1" <<<'show synchronous_standby_names')
  if [[ -n "$names" ]] && ! wait_for 3 has_synchronous_standby "$1"; then
    if [[ -n "$ASYNCHRONOUS" ]]; then
      instance_sql "$1" <<<"alter system set synchronous_standby_names = ''; select pg_reload_conf()" >/dev/null
      warn "synchronous_standby_names was '$names' and is empty now: from here on one copy of each commit, until" \
        "setup-replication primary --synchronous is run again"
    else
      warn "commits wait: no standby of '$names' is here yet. Bring the old primary back (rejoin-standby), or give --asynchronous"
      return 0
    fi
  fi
  # A commit of a transaction with an id, so that it reaches the disk
  instance_sql "$1" <<<"begin; select pg_current_xact_id(); commit" >/dev/null
  # pg_rewind believes the newest checkpoint, which is from before the promotion until there is another
  instance_sql "$1" <<<'checkpoint'
}

has_synchronous_standby() {
  [[ "$(instance_sql "$1" <<<"select count(*) from pg_stat_replication where sync_state in ('sync', 'quorum')")" != 0 ]]
}
