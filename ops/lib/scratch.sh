# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Recovery of a restored data directory: what the server is told, waiting for it, and scratch clusters that nobody reaches by accident.

# recovery_settings TARGET_KIND TARGET EXCLUSIVE TIMELINE: lines for postgresql.auto.conf
recovery_settings() {
  local kind=$1 target=$2 exclusive=$3 timeline=$4
  printf 'restore_command = %s\n' "$(quoted_setting "$(fetch_command)")"
  printf "recovery_target_timeline = '%s'\nrecovery_target_action = 'promote'\n" "${timeline:-latest}"
  if [[ -n "$exclusive" ]]; then printf 'recovery_target_inclusive = off\n'; fi
  case "$kind" in
    latest) ;;
    immediate) printf "recovery_target = 'immediate'\n" ;;
    *) printf 'recovery_target_%s = %s\n' "$kind" "$(quoted_setting "$target")" ;;
  esac
}

# The command that fetches a segment during recovery: the archive first, then the stream and its unfinished segment
fetch_command() {
  local stream=-
  if [[ -d "$OPS_STREAM_DIR" && "$OPS_STREAM" != off ]]; then stream=$OPS_STREAM_DIR; fi
  printf '%q "%%f" "%%p" %q' "$OPS_LIB/fetch-wal" "$stream"
  engine_fetch_command
}

# prepare_recovery DIRECTORY KIND TARGET EXCLUSIVE TIMELINE: settings of an earlier restore are taken out, the new ones put in
prepare_recovery() {
  local directory=$1 file="$1/postgresql.auto.conf"
  shift
  forget_recovery_settings "$directory"
  recovery_settings "$@" >>"$file"
  rm -f -- "$directory/standby.signal" "$directory/postmaster.pid"
  : >"$directory/recovery.signal"
  sync -- "$file" "$directory/recovery.signal" "$directory"
}

forget_recovery_settings() {
  local file="$1/postgresql.auto.conf"
  if [[ -f "$file" ]]; then
    sed -i -E '/^[[:space:]]*(restore_command|recovery_target[a-z_]*|recovery_end_command|archive_cleanup_command|primary_conninfo|primary_slot_name)[[:space:]=]/d' "$file"
  fi
}

# scratch_start HOME [fast]: HOME/data becomes a server of its own: a socket in HOME that only this user reaches, no TCP, no archiving,
# no memory of a standby. Sets SCRATCH_HOST, SCRATCH_PORT, SCRATCH_USER. "fast": it will be thrown away, so nothing is synced.
scratch_start() {
  local home=$1 data=$1/data file="$1/postgresql.conf" version program
  version=$(<"$data/PG_VERSION")
  if ((${#home} > 80)); then
    die "$E_CONFIG" "the path $(shown "$home") is too long for a socket" "Set OPS_SCRATCH_DIR to a shorter one."
  fi
  SCRATCH_HOST=$home SCRATCH_PORT=$(free_port) SCRATCH_USER=${PGUSER:-$(id -un)}
  printf 'local all all trust\n' >"$home/pg_hba.conf"
  : >"$home/pg_ident.conf"
  scratch_settings "$data" "$home" "${2:-}" >"$file"
  program=$(server_program pg_ctl "$version")
  chmod 700 -- "$data"
  # The command line wins over whatever the restored postgresql.auto.conf says
  without_locks "$program" start -s -W -D "$data" -l "$home/log" -o "$(scratch_options "$home")" >/dev/null
  recovery_wait "$data" "$home/log" scratch_answers
  if [[ "$RECOVERY" != ok ]]; then return 0; fi
  SCRATCH_USER=$(scratch_sql template1 <<<"select rolname from pg_roles where rolsuper and rolcanlogin order by oid limit 1")
}

# These must hold whatever was restored
scratch_options() {
  local name
  printf -- '-c config_file=%q -c hba_file=%q -c ident_file=%q' "$1/postgresql.conf" "$1/pg_hba.conf" "$1/pg_ident.conf"
  for name in "listen_addresses=" "port=$SCRATCH_PORT" "unix_socket_directories=$1" "archive_mode=off" "hot_standby=off" "ssl=off" \
    "synchronous_standby_names=" "max_logical_replication_workers=0" "cluster_name=scratch" "logging_collector=off" "log_destination=stderr" "autovacuum=off"; do
    printf -- ' -c %q' "$name"
  done
}

# Shared structures as large as the origin's, as recovery may need them
scratch_settings() {
  local data=$1 home=$2 name field
  for name in max_connections:max_connections max_prepared_xacts:max_prepared_transactions max_locks_per_xact:max_locks_per_transaction \
    max_worker_processes:max_worker_processes; do
    field=$(control_data "$data" "${name%:*} setting")
    if [[ -n "$field" ]]; then printf '%s = %s\n' "${name#*:}" "$field"; fi
  done
  printf "shared_buffers = '64MB'\nmax_wal_size = '1GB'\nunix_socket_permissions = 0700\n"
  if [[ -n "$3" ]]; then printf 'fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n'; fi
  if [[ -n "$OPS_SCRATCH_SETTINGS_FILE" ]]; then cat -- "$OPS_SCRATCH_SETTINGS_FILE"; fi
}

# recovery_wait DIRECTORY LOG CONDITION...: until the condition holds (RECOVERY is then "ok"), or the server has ended because the WAL
# does not reach the target ("unmet"); everything else that ends it, and the time limit, end the script
recovery_wait() {
  local directory=$1 log_file=$2 deadline=$((SECONDS + OPS_RECOVERY_TIMEOUT)) misses=0
  shift 2
  RECOVERY=ok
  until "$@" >/dev/null 2>&1; do
    # Right after the start there may be no pid file yet
    if server_runs "$directory"; then
      misses=0
    elif ((++misses > 20)); then
      recovery_failed "$log_file"
      return 0
    fi
    if ((SECONDS > deadline)); then
      die "$E_FAILED" "the recovery took longer than OPS_RECOVERY_TIMEOUT=$OPS_RECOVERY_TIMEOUT seconds"
    fi
    sleep 0.1
  done
}

recovery_failed() {
  local reason
  reason=$(grep -E 'FATAL|PANIC' -- "$1" | tail -n 1 | sed -E 's/^.*(FATAL|PANIC): */\1: /' || true)
  if [[ "$reason" == *"recovery ended before configured recovery target was reached"* ]]; then
    RECOVERY=unmet
    return 0
  fi
  die "$E_FAILED" "the restored server ended during recovery: ${reason:-no reason in its log}" \
    "Before that: $(grep -E 'fetch-wal:|ERROR: \[|PANIC|FATAL|invalid|No space' -- "$1" | tail -n 4 | tr '\n' ' ')"
}

target_unmet() {
  die "$E_NOT_FOUND" "the recovery target was not met: the WAL that is kept ends before it" \
    "See list-backups for what can be restored; --latest takes everything there is."
}

scratch_answers() { [[ "$(scratch_sql template1 <<<"select pg_is_in_recovery()" 2>/dev/null)" == f ]]; }

# scratch_sql DATABASE [psql options]: as sql(), in the scratch cluster
scratch_sql() {
  (
    scratch_environment
    sql "$@"
  )
}

# For a subshell: libpq's variables lead to the scratch cluster. A service's host, and PGHOSTADDR, would win over PGHOST.
scratch_environment() {
  unset PGSERVICE PGSERVICEFILE PGHOSTADDR PGPASSFILE PGSSLROOTCERT
  export PGHOST=$SCRATCH_HOST PGPORT=$SCRATCH_PORT PGUSER=$SCRATCH_USER PGSSLMODE=disable
}

scratch_stop() {
  if [[ -f "$1/data/postmaster.pid" ]]; then
    "$(server_program pg_ctl "$(cat -- "$1/data/PG_VERSION")")" stop -s -w -t 120 -m "${2:-fast}" -D "$1/data" || true
  fi
}

scratch_remove() {
  scratch_stop "$1" immediate
  rm -rf -- "$1"
}

free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 12000))
    if ! (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      printf '%s' "$port"
      return
    fi
  done
  die "$E_FAILED" "no free port was found between 20000 and 32000"
}
