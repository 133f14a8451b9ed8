# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# One cluster on this machine: its programs, its control file, its start and stop, whoever manages it.

# server_program NAME [VERSION]: the program of the version of the data directory (or of VERSION), never of another one
server_program() {
  local version=${2:-}
  if [[ -n "$OPS_PG_BIN" ]]; then
    pg_program "$1"
    return
  fi
  if [[ -z "$version" && -s "$OPS_PG_DATA/PG_VERSION" ]]; then version=$(<"$OPS_PG_DATA/PG_VERSION"); fi
  if [[ -z "$version" ]]; then
    pg_program "$1"
  elif [[ -x "/usr/lib/postgresql/$version/bin/$1" ]]; then
    printf '/usr/lib/postgresql/%s/bin/%s' "$version" "$1"
  else
    die "$E_TOOL" "PostgreSQL $version's program $1 is missing" "On Debian and Ubuntu: apt-get install postgresql-$version, or set OPS_PG_BIN."
  fi
}

# control_data DIRECTORY FIELD: one value of pg_control
control_data() {
  local version=''
  if [[ -s "$1/PG_VERSION" ]]; then version=$(<"$1/PG_VERSION"); fi
  LC_ALL=C "$(server_program pg_controldata "$version")" -D "$1" | sed -n "s/^$2: *//p"
}

system_identifier() { control_data "$1" 'Database system identifier'; }

# The postmaster that owns a data directory is alive
server_runs() {
  [[ -f "$1/postmaster.pid" ]] && "$(server_program pg_ctl "$(cat -- "$1/PG_VERSION")")" status -s -D "$1" >/dev/null 2>&1
}

# debian_cluster DIRECTORY: "VERSION NAME" when Debian's tools manage it
debian_cluster() {
  command -v pg_lsclusters >/dev/null 2>&1 || return 0
  pg_lsclusters --json 2>/dev/null | jq -r --arg dir "$1" '.[]? | select(.pgdata == $dir) | "\(.version) \(.cluster)"' | head -n 1
}

# cluster_control start|stop|restart DIRECTORY: through Debian's tools where the cluster is theirs
cluster_control() {
  local action=$1 directory=$2 version name
  local -a options=(-s -w -t "$OPS_RECOVERY_TIMEOUT")
  read -r version name <<<"$(debian_cluster "$directory")" || true
  if [[ -n "$name" ]]; then
    local -a mode=()
    if [[ "$action" != start ]]; then mode=(-m fast); fi
    without_locks pg_ctlcluster "$version" "$name" "$action" "${mode[@]}" -- "${options[@]}"
    return
  fi
  if [[ "$action" == stop ]]; then
    "$(server_program pg_ctl)" stop "${options[@]}" -m fast -D "$directory"
  else
    local program
    program=$(server_program pg_ctl "$(cat -- "$directory/PG_VERSION")")
    without_locks "$program" "$action" "${options[@]}" -D "$directory" -l "$OPS_STATE_DIR/server.log" >/dev/null
  fi
}

# need_own_server: the server that answers is the one in OPS_PG_DATA, and a primary
need_own_server() {
  local directory
  need_database "$PGDATABASE"
  directory=$(sql "$PGDATABASE" <<<"show data_directory")
  if [[ "$(readlink -m -- "$directory")" != "$(readlink -m -- "$OPS_PG_DATA")" ]]; then
    die "$E_CONFIG" "the server that answers has its data in $(shown "$directory"), not in OPS_PG_DATA=$(shown "$OPS_PG_DATA")" \
      "Correct PGHOST and PGPORT, or OPS_PG_DATA."
  fi
  if [[ "$(sql "$PGDATABASE" <<<"select pg_is_in_recovery()")" == t ]]; then
    die "$E_REFUSED" "this server is a standby" "Run this on the primary."
  fi
}

# quoted_setting VALUE: as postgresql.conf wants it
quoted_setting() { printf "'%s'" "${1//\'/\'\'}"; }
