# SPDX-License-Identifier: Apache-2.0
# A scratch cluster with physical backups, for the tests: load after lib/cluster.
#   physical_begin ENGINE [cluster_create options]   makes cluster "main", the configuration, and what the verbs need in the environment
#   ops VERB ARGS...                                 a verb as the unprivileged user

physical_begin() {
  local engine=$1
  shift
  if [[ "$engine" == pgbackrest ]] && ! command -v pgbackrest >/dev/null; then skip "missing: pgbackrest (apt-get install pgbackrest)"; fi
  clusters_begin
  cluster_create main "$@"
  as_pg mkdir "$CLUSTER_BASE/state" "$CLUSTER_BASE/work" "$CLUSTER_BASE/scratch"
  as_pg tee "$CLUSTER_BASE/ops.conf" >/dev/null <<CONF
OPS_USER=
OPS_STATE_DIR=$CLUSTER_BASE/state
OPS_WORK_DIR=$CLUSTER_BASE/work
OPS_SCRATCH_DIR=$CLUSTER_BASE/scratch
OPS_BACKUP_DIR=$CLUSTER_BASE/logical
OPS_FREE_SPACE_MARGIN_MB=1
OPS_PG_BIN=$PG_BIN
PGHOST=$CLUSTER_BASE/s
PGPORT=$(cluster_port main)
PGUSER=postgres
OPS_PHYSICAL_ENGINE=$engine
OPS_PG_DATA=$(cluster_data main)
OPS_PHYSICAL_REPO=$CLUSTER_BASE/repo
OPS_STREAM_DIR=$CLUSTER_BASE/stream
OPS_STREAM=off
OPS_RECOVERY_TIMEOUT=60
CONF
}

ops() {
  local verb=$1
  shift
  as_pg "$OPS_HOME/bin/$verb" --config "$CLUSTER_BASE/ops.conf" "$@"
}

configure() { # KEY=VALUE...: the last line of a key would not win, so the old one goes
  local pair
  for pair in "$@"; do
    as_pg sed -i "/^${pair%%=*}=/d" "$CLUSTER_BASE/ops.conf"
    as_pg tee -a "$CLUSTER_BASE/ops.conf" >/dev/null <<<"$pair"
  done
}

# What monitoring would read: run_field KIND FIELD
run_field() { jq -r --arg kind "$1" --arg field "$2" '.runs[] | select(.kind == $kind) | .[$field]' "$CLUSTER_BASE/state/status.json"; }

stream_start() {
  as_pg "$OPS_HOME/bin/stream-wal" --config "$CLUSTER_BASE/ops.conf" >"$CLUSTER_BASE/stream-wal.log" 2>&1 3>&- &
  STREAM_PID=$!
  wait_until 20 stream_is_there
}

stream_is_there() {
  [[ "$(cluster_sql main postgres "select count(*) from pg_stat_replication where application_name = 'db_resilience_stream' and state = 'streaming'")" == 1 ]]
}

# The pid of a verb is in its lock; ours is only that of the shell around it
verb_pid() { sed -nE 's/.* pid ([0-9]+) .*/\1/p' "$CLUSTER_BASE/state/lock/$1.lock"; }

stream_stop() {
  if [[ -n "${STREAM_PID:-}" ]]; then
    kill "$(verb_pid stream)" 2>/dev/null || true
    wait "$STREAM_PID" 2>/dev/null || true
    STREAM_PID=
  fi
}

# lost_rows ACKNOWLEDGED ROWS: how many acknowledged ids did not come back; fails when one is missing that is older than one that is there
lost_rows() {
  local lost
  lost=$(comm -23 <(sort "$1") <(sort "$2") | sort -n)
  if [[ -n "$lost" && "$(head -n 1 <<<"$lost")" -lt "$(sort -n "$2" | tail -n 1)" ]]; then
    echo "a hole: $(head -n 1 <<<"$lost") is missing" >&2
    return 1
  fi
  grep -c . <<<"$lost" || true
}

# The socket and the port of a cluster that restore-pitr has left behind
restored_sql() { # HOME DB SQL
  local port
  port=$(sed -n 4p "$1/data/postmaster.pid")
  as_pg "$PG_BIN/psql" -X -qAt -v ON_ERROR_STOP=1 -h "$1" -p "$port" -U postgres -d "$2" -c "$3"
}

# A cluster that restore-pitr has started, under the name "restored"
cluster_adopt_restored() {
  mkdir -p "$CLUSTER_BASE/restored"
  sed -n 4p "$1/data/postmaster.pid" >"$CLUSTER_BASE/restored/port"
  echo "$1/data" >"$CLUSTER_BASE/restored/data-directory"
  ln -sfn "$1/.s.PGSQL.$(cluster_port restored)" "$CLUSTER_BASE/s/.s.PGSQL.$(cluster_port restored)"
}

drop_restored() {
  cluster_stop restored immediate
  rm -rf "$1" "$CLUSTER_BASE/restored"
}

# The engine core: the stream is set up, and runs
set_up_stream() {
  ops setup-wal-archiving --restart
  stream_start
  ops setup-wal-archiving --check
}

flip_byte() { # FILE OFFSET
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
  # shellcheck disable=SC2059
  printf "\\x$(printf %02x $((byte ^ 85)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
