# SPDX-License-Identifier: Apache-2.0
#
# The product's scripts against a scratch cluster: one for a whole file of tests.
#
#   setup_file()    { load lib/cluster; load lib/ops; ops_begin; }
#   setup()         { load lib/cluster; load lib/ops; }
#   teardown_file() { load lib/cluster; clusters_end; }
#
#   ops VERB ARGS...           run a verb as the unprivileged user, without a terminal
#   run_state KIND DATABASE    what the status file says: ok, failed, running
#   newest_backup DATABASE     directory of the newest dump
#   same_content DB1 DB2       both databases hold the same rows and sequences

ops_begin() {
  clusters_begin
  cluster_create main
  cluster_env main
  export OPS_USER='' OPS_STATE_DIR=$CLUSTER_BASE/state OPS_BACKUP_DIR=$CLUSTER_BASE/backups OPS_WORK_DIR=$CLUSTER_BASE \
    OPS_FREE_SPACE_MARGIN_MB=16 OPS_CONFIG=$CLUSTER_BASE/ops.conf OPS_PG_BIN=$PG_BIN
}

ops() {
  local verb=$1
  shift
  as_pg "$OPS_HOME/bin/$verb" "$@" </dev/null
}

# Messages are on standard error; `run` gives both
run_state() {
  jq -r --arg k "$1" --arg d "$2" '.runs[] | select(.kind == $k and .database == $d) | .state' "$OPS_STATE_DIR/status.json"
}

run_error() {
  jq -r --arg k "$1" --arg d "$2" '.runs[] | select(.kind == $k and .database == $d) | .error' "$OPS_STATE_DIR/status.json"
}

newest_backup() { find "$OPS_BACKUP_DIR/logical/$1" -mindepth 1 -maxdepth 1 -name '2*' | LC_ALL=C sort | tail -n 1; }

backup_count() { find "$OPS_BACKUP_DIR/logical/$1" -mindepth 1 -maxdepth 1 -name '2*' | wc -l; }

# Half-written or scratch things that a failed run must not leave
no_remains() {
  [[ -z "$(find "$OPS_BACKUP_DIR" -name '.partial-*')" ]] &&
    [[ -z "$(find "$OPS_WORK_DIR" -maxdepth 1 -name 'db-resilience.*')" ]] &&
    [[ "$(cluster_sql main postgres "select count(*) from pg_database where datname like 'ops\_%'")" == 0 ]]
}

create_database() { cluster_psql main postgres -q -v "n=$1" <<<'create database :"n"'; }

same_content() { [[ "$(database_hash main "$1")" == "$(database_hash main "$2")" ]]; }

# flip_byte FILE OFFSET: one bit of one byte becomes another
flip_byte() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  # shellcheck disable=SC2059
  printf "\\x$(printf '%02x' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
