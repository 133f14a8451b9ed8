# SPDX-License-Identifier: Apache-2.0
#
# A primary "a" and a standby "b", made by the scripts themselves. Clients come through TCP without a password,
# the replication role needs one: no line of pg_hba.conf admits it but those of the script.

replication_begin() {
  clusters_begin
  export OPS_USER='' OPS_STATE_DIR=$CLUSTER_BASE/state OPS_WORK_DIR=$CLUSTER_BASE/w OPS_FREE_SPACE_MARGIN_MB=0 OPS_FAILOVER_TIMEOUT=30 \
    OPS_CONFIG=$CLUSTER_BASE/none.conf OPS_PG_BIN=$PG_BIN
  as_pg mkdir -p "$OPS_WORK_DIR"
}

# The state of the clusters is kept once and put back for each test: making a standby takes longer than copying two.
# keep_state PRIMARY [STANDBY]
keep_state() {
  local name
  for name in "${@:2}" "$1"; do cluster_stop "$name"; done
  as_pg mkdir -p "$CLUSTER_BASE/kept" "$CLUSTER_BASE/state"
  for name in "$@" state; do as_pg cp -a "$CLUSTER_BASE/$name" "$CLUSTER_BASE/kept/"; done
  echo "$*" >"$CLUSTER_BASE/kept-names"
}

restore_state() {
  local name
  local -a names
  read -r -a names <"$CLUSTER_BASE/kept-names"
  for name in "${names[@]}" state; do
    as_pg rm -rf "$CLUSTER_BASE/$name"
    as_pg cp -a "$CLUSTER_BASE/kept/$name" "$CLUSTER_BASE/"
  done
  for name in "${names[@]}"; do cluster_start "$name"; done
  for name in "${names[@]:1}"; do wait_until 20 caught_up "$name" "${names[0]}"; done
}

stop_all() {
  local file
  for file in "$CLUSTER_BASE"/*/data/postmaster.pid; do
    if [[ -f $file ]]; then _end_server "${file%/postmaster.pid}"; fi
  done
}

make_primary() { # NAME [cluster_create options]
  local name=$1
  shift
  cluster_create "$name" --no-start "$@"
  as_pg tee "$(cluster_data "$name")/pg_hba.conf" >/dev/null <<'HBA'
local all postgres trust
host  all postgres 127.0.0.1/32 trust
HBA
  cluster_start "$name"
}

ops() { # VERB ARGS...
  local verb=$1
  shift
  as_pg "$OPS_HOME/bin/$verb" "$@" 3>&-
}

on() { # CLUSTER VERB ARGS...: the verb, with that server as "the" server of the environment
  (
    cluster_env "$1"
    shift
    ops "$@"
  )
}

at() { echo "127.0.0.1:$(cluster_port "$1")"; }

prepare() { # PRIMARY [OPTION...]
  local name=$1
  shift
  on "$name" setup-replication primary --allow 127.0.0.1/32 --yes "$@"
  export OPS_REPLICATION_PASSFILE=$OPS_STATE_DIR/replication.pgpass
}

make_standby() { # NAME PRIMARY
  _cluster_register "$1" "$CLUSTER_BASE/$1/data"
  ops setup-replication standby --data "$CLUSTER_BASE/$1/data" --from "$(at "$2")" --name "$1" --port "$(cluster_port "$1")" --yes
}

rejoin() { # NAME PRIMARY [OPTION...]
  local name=$1 primary=$2
  shift 2
  ops rejoin-standby --data "$(cluster_data "$name")" --from "$(at "$primary")" --name "$name" --yes "$@"
}

# The connection string of an application that knows both
both() {
  echo "host=127.0.0.1,127.0.0.1 port=$(cluster_port a),$(cluster_port b) user=postgres dbname=postgres connect_timeout=2 target_session_attrs=read-write"
}

is_primary() { [[ "$(cluster_sql "$1" postgres 'select pg_is_in_recovery()')" == f ]]; }

is_replica() { [[ "$(cluster_sql "$1" postgres 'select pg_is_in_recovery()')" == t ]]; }

caught_up() { # STANDBY PRIMARY
  local lsn
  lsn=$(cluster_sql "$2" postgres 'select pg_current_wal_lsn()')
  [[ "$(cluster_sql "$1" postgres "select pg_last_wal_replay_lsn() >= '$lsn'")" == t ]]
}

same_content() { # NAME NAME
  [[ "$(database_hash "$1" postgres)" == "$(database_hash "$2" postgres)" ]]
}

# expect CODE WORDS COMMAND...: it fails with this exit code and says these words
expect() {
  local code=$1 words=$2
  shift 2
  run "$@"
  # shellcheck disable=SC2154  # set by run
  if [[ $status != "$code" || $output != *"$words"* ]]; then
    echo "expected $code and '$words', got $status and: $output" >&2
    return 1
  fi
}
