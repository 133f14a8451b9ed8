# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A standby: its connection to the primary, its data, its slot, and whether it follows.

# read_peer HOST[:PORT] OPTION: sets PEER_HOST and PEER_PORT; [::1]:5432 for an address of IPv6, /directory for a socket
read_peer() {
  PEER_HOST=$1 PEER_PORT=5432
  if [[ "$1" =~ ^\[([0-9a-fA-F:.]+)\](:([0-9]+))?$ ]]; then
    PEER_HOST=${BASH_REMATCH[1]} PEER_PORT=${BASH_REMATCH[3]:-5432}
  elif [[ "$1" =~ ^([^:]+):([0-9]+)$ ]]; then
    PEER_HOST=${BASH_REMATCH[1]} PEER_PORT=${BASH_REMATCH[2]}
  fi
  if [[ ! "$PEER_HOST" =~ ^[A-Za-z0-9_.:/-]+$ ]] || ((10#$PEER_PORT < 1 || 10#$PEER_PORT > 65535)); then
    wrong_usage "$2 $(shown "$1") must look like HOST:PORT"
  fi
}

# need_node_name NAME: it becomes the name of a replication slot, so the rules are PostgreSQL's
need_node_name() {
  if [[ ! "$1" =~ ^[a-z0-9_]{1,63}$ ]]; then
    wrong_usage "--name $(shown "$1") may have small letters, digits and _ only (it names the replication slot), and 63 at most"
  fi
}

# peer_conninfo NAME: for the replication role; the password is in a file, and it is TLS unless the peer is this machine
peer_conninfo() {
  local mode=${PGSSLMODE:-} file=${OPS_REPLICATION_PASSFILE:-${PGPASSFILE:-}}
  if [[ -z "$mode" && ! "$PEER_HOST" =~ ^(127\.|::1$|localhost$|/) ]]; then mode=require; fi
  printf "host='%s' port=%s user='%s' dbname='%s' application_name='%s' connect_timeout=%s" \
    "$PEER_HOST" "$((10#$PEER_PORT))" "$OPS_REPLICATION_USER" "$(quoted "$PGDATABASE")" "$1" "${PGCONNECT_TIMEOUT:-10}"
  if [[ -n "$file" ]]; then printf " passfile='%s'" "$(quoted "$file")"; fi
  if [[ -n "$mode" ]]; then printf ' sslmode=%s' "$mode"; fi
  if [[ -n "${PGSSLROOTCERT:-}" ]]; then printf " sslrootcert='%s'" "$(quoted "$PGSSLROOTCERT")"; fi
}

quoted() { # a value inside quotes of a connection string
  local value=${1//\\/\\\\}
  printf '%s' "${value//\'/\\\'}"
}

# A service of the environment, and PGHOSTADDR, would lead elsewhere than to the host that is named
AS_PEER=(env -u PGSERVICE -u PGSERVICEFILE -u PGHOSTADDR)

ask_peer() { "${AS_PEER[@]}" "$(pg_program psql)" -X -w -q -A -t -v ON_ERROR_STOP=1 "$@" --dbname="$(peer_conninfo "$OPS_VERB")"; }

# need_peer: it answers the replication role, is a primary, and accepts replication connections; sets PEER_SYSTEM
# shellcheck disable=SC2034  # used by the verbs
need_peer() {
  local answer
  answer=$(ask_peer <<<'select pg_is_in_recovery()' 2>&1) ||
    die "$E_DATABASE" "the server at $(shown "$PEER_HOST"):$PEER_PORT cannot be used as $OPS_REPLICATION_USER: ${answer//$'\n'/ }" \
      "Run setup-replication primary there, allow this machine's address, and set OPS_REPLICATION_PASSFILE here."
  if [[ "$answer" == t ]]; then
    die "$E_REFUSED" "the server at $(shown "$PEER_HOST"):$PEER_PORT is a standby itself" "Name the primary."
  fi
  answer=$("${AS_PEER[@]}" "$(pg_program psql)" -X -w -q -A -t --dbname="$(peer_conninfo "$OPS_VERB") replication=true" -c IDENTIFY_SYSTEM 2>&1) ||
    die "$E_DATABASE" "$(shown "$PEER_HOST"):$PEER_PORT refuses replication connections of $OPS_REPLICATION_USER: ${answer//$'\n'/ }" \
      "Run setup-replication primary --allow with this machine's address there."
  PEER_SYSTEM=${answer%%|*}
}

peer_version() { ask_peer <<<"select current_setting('server_version_num')::int / 10000"; }

make_slot() { # NAME: on the primary; one that is there already is used
  ask_peer -v slot="$1" <<'SQL' >/dev/null
select pg_create_physical_replication_slot(:'slot', true) where not exists (select from pg_replication_slots where slot_name = :'slot');
SQL
}

# need_free_slot NAME: nobody else streams from it
need_free_slot() {
  local active
  active=$(ask_peer -v slot="$1" <<<"select coalesce(bool_or(active), false) from pg_replication_slots where slot_name = :'slot'")
  if [[ "$active" == t ]]; then
    die "$E_REFUSED" "another standby uses the name $1 at this moment" "Give this one a --name of its own."
  fi
}

slot_is_free() { [[ "$(ask_peer -v slot="$1" <<<"select count(*) from pg_replication_slots where slot_name = :'slot' and active")" == 0 ]]; }

slot_exists() { [[ "$(ask_peer -v slot="$1" <<<"select count(*) from pg_replication_slots where slot_name = :'slot'")" == 1 ]]; }

# drop_slot NAME: as soon as the connection that used it is gone
drop_slot() {
  wait_for 10 slot_is_free "$1" || true
  ask_peer -v slot="$1" <<<"select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = :'slot' and not active" >/dev/null
}

# copy_of_primary DIR NAME: the primary's files in the new directory DIR, proven by the manifest
copy_of_primary() {
  local dir=$1 name=$2
  run_pg "the base backup failed" "${AS_PEER[@]}" "$INSTANCE_BIN/pg_basebackup" -w --pgdata="$dir" --dbname="$(peer_conninfo "$name")" \
    --wal-method=stream --slot="$name" --checkpoint=fast --manifest-checksums=SHA256 --no-sync
  # pg_verifybackup knows the files of the copy, so it comes before ours are added
  run_pg "the base backup is damaged" "$INSTANCE_BIN/pg_verifybackup" --quiet "$dir"
  sync_tree "$dir"
}

need_space_for_copy() { # PARENT-DIRECTORY
  local bytes
  bytes=$(ask_peer <<<'select sum(pg_database_size(oid)) from pg_database' 2>/dev/null) || return 0
  if [[ "$bytes" =~ ^[0-9]+$ ]]; then need_space "$1" "$bytes"; fi
}

# write_setting DIR NAME VALUE: into postgresql.auto.conf of a server that does not run, in place of an older one
write_setting() {
  local file="$1/postgresql.auto.conf" temporary
  temporary=$(mktemp -- "$file.XXXXXX")
  { sed "/^[[:space:]]*$2[[:space:]]*=/d" -- "$file" 2>/dev/null || true; } >"$temporary"
  if (($# == 3)); then
    local value=${3//\\/\\\\}
    printf "%s = '%s'\n" "$2" "${value//\'/\'\'}" >>"$temporary"
  fi
  sync -- "$temporary"
  mv -f -- "$temporary" "$file"
}

# follow DIR NAME: DIR starts as a standby of the peer from now on, under NAME
follow() {
  mark_standby "$1"
  write_setting "$1" primary_conninfo "$(peer_conninfo "$2")"
  write_setting "$1" primary_slot_name "$2"
  write_setting "$1" recovery_target_timeline latest
}

# mark_standby DIR: however it is started, it accepts no writes
mark_standby() {
  touch -- "$1/standby.signal"
  sync -- "$1/standby.signal" "$1"
}

# follows DIR: it streams, from the peer's timeline, and has come as far as the peer was
follows() {
  [[ "$(instance_sql "$1" -v lsn="$2" <<'SQL' 2>/dev/null
select pg_is_in_recovery() and pg_last_wal_replay_lsn() >= :'lsn'::pg_lsn and exists (select from pg_stat_wal_receiver where status = 'streaming');
SQL
)" == t ]]
}

need_following() {
  local dir=$1 lsn
  lsn=$(ask_peer <<<'select pg_current_wal_lsn()')
  wait_for "$OPS_FAILOVER_TIMEOUT" follows "$dir" "$lsn" ||
    die "$E_FAILED" "the standby runs, but did not come to $lsn of the primary within $OPS_FAILOVER_TIMEOUT s" \
      "Look at its log; the WAL it needs may be gone (rejoin-standby --rebuild)."
  log "it follows: replayed beyond $lsn of the primary"
}
