# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# One PostgreSQL server as its data directory: what it is, whether it runs, how it is started, and how it is asked.
# A data directory with its configuration inside is started by pg_ctl, one of Debian's clusters by pg_ctlcluster.

# need_data_directory DIR: it is one, it is ours, and its version has programs here
need_data_directory() {
  if [[ ! -d "$1" ]]; then die "$E_NOT_FOUND" "there is no directory $(shown "$1")"; fi
  if [[ ! -s "$1/PG_VERSION" || ! -s "$1/global/pg_control" ]]; then
    die "$E_NOT_FOUND" "$(shown "$1") is not the data directory of a PostgreSQL server (or cannot be read by $(id -un))"
  fi
  if [[ ! -O "$1" ]]; then
    die "$E_REFUSED" "$(shown "$1") belongs to $(stat -c %U -- "$1"), this is $(id -un)" "Run it as the user of the server (OPS_USER)."
  fi
  need_version_programs "$(<"$1/PG_VERSION")"
}

# need_version_programs VERSION: sets INSTANCE_VERSION and INSTANCE_BIN
need_version_programs() {
  INSTANCE_VERSION=$1
  INSTANCE_BIN=${OPS_PG_BIN:-/usr/lib/postgresql/$1/bin}
  if [[ ! -x "$INSTANCE_BIN/postgres" ]]; then
    die "$E_TOOL" "there is no server of version $1 in $(shown "$INSTANCE_BIN")" "Install postgresql-$1, or set OPS_PG_BIN."
  fi
  local version
  version=$("$INSTANCE_BIN/postgres" --version)
  if [[ ! "$version" =~ \)\ "$1"[.a-z] ]]; then
    die "$E_TOOL" "the programs in $(shown "$INSTANCE_BIN") are of another version than $1: $version" "Correct OPS_PG_BIN."
  fi
}

# control DIR FIELD: a line of pg_controldata
control() {
  LC_ALL=C "$INSTANCE_BIN/pg_controldata" -D "$1" | sed -n "s/^$2: *//p"
}

system_identifier() { control "$1" 'Database system identifier'; }

# The postmaster that has the directory open, or nothing. A stale file, or a pid that was given to another, does not count.
postmaster_pid() {
  local pid
  pid=$(head -n 1 -- "$1/postmaster.pid" 2>/dev/null) || return 0
  if [[ "$pid" =~ ^[0-9]+$ && "$(readlink -f -- "/proc/$pid/cwd" 2>/dev/null)" == "$(readlink -f -- "$1")" ]]; then
    printf '%s' "$pid"
  fi
}

is_running() { [[ -n "$(postmaster_pid "$1")" ]]; }

# instance_sql DIR [psql options]: asks the server that runs in DIR, through its socket where it has one
instance_sql() {
  local dir=$1 port socket address
  shift
  port=$(sed -n 4p -- "$dir/postmaster.pid")
  socket=$(sed -n 5p -- "$dir/postmaster.pid")
  address=$(sed -n 6p -- "$dir/postmaster.pid")
  if [[ -n "$socket" ]]; then
    address=$socket
  elif [[ "$address" == '*' || "$address" == 0.0.0.0 ]]; then
    address=127.0.0.1
  fi
  (
    # A service's host, and PGHOSTADDR, would win over PGHOST
    unset PGSERVICE PGSERVICEFILE PGHOSTADDR
    PGHOST=$address PGPORT=$port sql "$PGDATABASE" "$@"
  )
}

is_standby() { [[ "$(instance_sql "$1" <<<'select pg_is_in_recovery()')" == t ]]; }

# configuration_file DIR: of the server, which Debian keeps elsewhere
configuration_file() {
  local file named
  if [[ -f "$1/postgresql.conf" ]]; then
    printf '%s' "$1/postgresql.conf"
    return
  fi
  for file in "${PG_CLUSTER_CONF_ROOT:-/etc/postgresql}/$INSTANCE_VERSION"/*/postgresql.conf; do
    [[ -f "$file" ]] || continue
    named=$(sed -nE "s/^[[:space:]]*data_directory[[:space:]]*=[[:space:]]*'([^']*)'.*/\1/p" "$file" | tail -n 1)
    if [[ -n "$named" && "$(readlink -f -- "$named")" == "$(readlink -f -- "$1")" ]]; then
      printf '%s' "$file"
      return
    fi
  done
  die "$E_NOT_FOUND" "$(shown "$1") has no postgresql.conf, and no cluster of Debian's uses it" \
    "For one of Debian's: pg_createcluster $INSTANCE_VERSION NAME -d DIR. Otherwise give the directory its configuration."
}

# start_instance DIR: returns once it accepts connections, or says why not
start_instance() {
  local dir=$1 file log
  file=$(configuration_file "$dir")
  log="$OPS_TMP/start.log"
  if [[ "$file" == "$dir/postgresql.conf" ]]; then
    outlive "$INSTANCE_BIN/pg_ctl" start -s -w -t "$OPS_FAILOVER_TIMEOUT" -D "$dir" -l "$dir/startup.log" >"$log" 2>&1 && return 0
    tail -n 5 -- "$dir/startup.log" >>"$log" 2>/dev/null || true
  else
    outlive pg_ctlcluster --skip-systemctl-redirect "$INSTANCE_VERSION" "$(basename -- "$(dirname -- "$file")")" start >"$log" 2>&1 && return 0
  fi
  die "$E_DATABASE" "the server in $(shown "$dir") does not start: $(tail -c 1500 -- "$log")"
}

# A server that lives longer than this script must not hold its locks and handles
outlive() {
  if declare -F without_locks >/dev/null; then without_locks "$@"; else "$@"; fi
}

stop_instance() { # DIR MODE
  "$INSTANCE_BIN/pg_ctl" stop -s -w -t "$OPS_FAILOVER_TIMEOUT" -D "$1" -m "$2" 2>"$OPS_TMP/stop.log"
}

# wait_for SECONDS CONDITION...: false when it was not met in time
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    if ((SECONDS >= deadline)); then return 1; fi
    sleep 0.1
  done
}
