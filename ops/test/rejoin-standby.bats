#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15
# The old primary comes back as a standby of the new one, whatever it did alone; and is left as it is where it must be.

setup_file() {
  load lib/cluster
  load lib/replication
  replication_begin
  make_primary a
  cluster_sql a postgres 'create table load (id bigint primary key, made timestamptz not null default clock_timestamp())'
  prepare a
  make_standby b a
  keep_state a b
}

teardown_file() {
  load lib/cluster
  clusters_end
}

setup() {
  load lib/cluster
  load lib/replication
  restore_state
  DATA=$(cluster_data b)
  OLD=$(cluster_data a)
}

teardown() {
  stop_all
}

# a commits the rows 1 to 3 alone, is killed, and b is promoted and commits row 4
diverge() {
  local id
  cluster_stop b
  for id in 1 2 3; do cluster_sql a postgres "insert into load (id) values ($id)"; done
  cluster_kill9 a
  cluster_start b
  ops failover --data "$DATA" --old-data "$OLD" --yes
  cluster_sql b postgres 'insert into load (id) values (4)'
}

@test "what it committed alone is counted, its WAL is kept, and then it has what the new primary has" {
  diverge
  expect 0 "3 transactions were committed here alone" rejoin a b
  wait_until 20 caught_up a b
  [[ "$(cluster_sql a postgres 'select string_agg(id::text, $$,$$ order by id) from load')" == 4 ]]
  same_content a b
  # The three are still to be found in what was kept
  local kept
  kept=$(echo "$OPS_STATE_DIR"/diverged/a-*)
  [[ "$(grep -c COMMIT "$kept/commits.txt")" == 3 ]]
  local lsn
  lsn=$(sed -nE '1s/.*lsn: ([0-9A-F]+\/[0-9A-F]+),.*/\1/p' "$kept/commits.txt")
  [[ "$(as_pg "$PG_BIN/pg_waldump" --path="$kept" --timeline=1 --start="$lsn" --rmgr=Transaction 2>/dev/null | grep -c COMMIT)" == 3 ]]
  # Its own configuration stayed: it listens where it did
  [[ "$(cluster_sql a postgres 'show port')" == "$(cluster_port a)" ]]
}

@test "it follows from then on, may be asked to again, and can become the primary again" {
  diverge
  rejoin a b
  expect 0 "follows that primary already" rejoin a b
  expect 0 "promoted in" ops failover --data "$OLD" --old-data "$DATA" --yes
  expect 0 "is a standby again" rejoin b a
  cluster_sql a postgres 'insert into load (id) values (5)'
  wait_until 20 caught_up b a
  same_content a b
  [[ "$(cluster_sql a postgres 'select count(*) from pg_replication_slots where not active')" == 0 ]]
}

@test "two primaries: the old one, started writable beside the new one, is stopped and rewound" {
  cluster_stop a
  ops failover --data "$DATA" --fenced --yes
  cluster_start a
  is_primary a && is_primary b
  cluster_sql a postgres 'insert into load (id) values (1)'
  cluster_sql b postgres 'insert into load (id) values (2)'
  expect 68 "there are two primaries" rejoin a b --dry-run
  is_primary a
  expect 0 "1 transactions were committed here alone" rejoin a b
  is_replica a
  wait_until 20 caught_up a b
  same_content a b
}

@test "--dry-run on one that was stopped in good order tells what it has alone and leaves it alone" {
  cluster_stop b
  cluster_sql a postgres 'insert into load (id) values (1)'
  cluster_stop a
  cluster_start b
  ops failover --data "$DATA" --fenced --yes
  expect 0 "1 transactions were committed here alone" rejoin a b --dry-run
  [[ ! -e $OLD/standby.signal && ! -e $OPS_STATE_DIR/diverged ]]
  expect 77 "no terminal to ask on" ops rejoin-standby --data "$OLD" --from "$(at b)" --name a
}

@test "refused: the newer one, another cluster, one that was never promoted, a standby as the source" {
  cluster_stop b
  cluster_stop a
  as_pg mkdir "$CLUSTER_BASE/copy"
  as_pg cp -a "$OLD" "$CLUSTER_BASE/copy/data"
  cluster_start a
  cluster_start b
  expect 77 "was never promoted" ops rejoin-standby --data "$CLUSTER_BASE/copy/data" --from "$(at a)" --name copy --yes
  expect 77 "is a standby itself" rejoin a b
  is_primary a
  diverge
  expect 0 "" cluster_start a
  expect 77 "is a standby itself" rejoin b a
  cluster_stop a
  rm "$OLD/standby.signal"
  cluster_start a
  expect 77 "This directory is the newer primary" rejoin b a
  is_primary b
  make_primary other
  expect 77 "another cluster" rejoin other b
  is_primary other
}

@test "where pg_rewind cannot work --rebuild does, and keeps the directory" {
  cluster_stop b
  cluster_stop a
  # Neither checksums nor hint bits in the WAL
  as_pg "$PG_BIN/pg_checksums" --disable -D "$OLD" >/dev/null
  as_pg "$PG_BIN/pg_checksums" --disable -D "$DATA" >/dev/null
  as_pg sed -i '/wal_log_hints/d' "$OLD/postgresql.auto.conf" "$DATA/postgresql.auto.conf"
  cluster_start a
  cluster_start b
  diverge
  expect 70 "--rebuild" rejoin a b
  [[ -e $OLD/standby.signal ]]
  expect 0 "is kept as" rejoin a b --rebuild
  wait_until 20 caught_up a b
  same_content a b
  [[ -s $(echo "$OLD".2*/PG_VERSION) ]]
  [[ "$(cluster_sql a postgres 'show port')" == "$(cluster_port a)" ]]
}

# tools NAME <<SCRIPT: PostgreSQL's programs, one of them replaced
tools() {
  as_pg rm -rf "$CLUSTER_BASE/tools"
  as_pg mkdir "$CLUSTER_BASE/tools"
  as_pg ln -s "$PG_BIN"/* "$CLUSTER_BASE/tools/"
  as_pg rm -f "$CLUSTER_BASE/tools/$1"
  as_pg tee "$CLUSTER_BASE/tools/$1" >/dev/null
  as_pg chmod 755 "$CLUSTER_BASE/tools/$1"
}

@test "interrupted while it is rewound: its own configuration is there again, and it is no primary" {
  diverge
  local own code=0 job
  own=$(sha256sum "$OLD"/*.conf)
  # All of the new primary's files are there, ours are not yet back
  tools pg_rewind <<SCRIPT
#!/bin/sh
case "\$*" in
  *--dry-run*) exec "$PG_BIN/pg_rewind" "\$@" ;;
  *) "$PG_BIN/pg_rewind" "\$@" && touch "$CLUSTER_BASE/tools/rewound" && exec sleep 60 ;;
esac
SCRIPT
  OPS_PG_BIN=$CLUSTER_BASE/tools rejoin a b >"$CLUSTER_BASE/messages" 2>&1 3>&- &
  job=$!
  wait_until 60 test -e "$CLUSTER_BASE/tools/rewound"
  [[ "$(sha256sum "$OLD"/*.conf)" != "$own" ]]
  kill -TERM "$(sed -nE 's/.* pid ([0-9]+) .*/\1/p' "$OPS_STATE_DIR/lock/replication.lock")"
  wait "$job" || code=$?
  cat "$CLUSTER_BASE/messages"
  [[ $code == 143 ]]
  [[ "$(sha256sum "$OLD"/*.conf)" == "$own" ]]
  [[ -e $OLD/standby.signal ]]
}

@test "the new copy cannot take its place: the old directory is back in it" {
  diverge
  tools nothing </dev/null
  as_pg tee "$CLUSTER_BASE/tools/mv" >/dev/null <<'SCRIPT'
#!/bin/sh
case "$*" in "-T -- "*.new.*) echo "mv: no" >&2; exit 1 ;; esac
exec /bin/mv "$@"
SCRIPT
  as_pg chmod 755 "$CLUSTER_BASE/tools/mv"
  PATH=$CLUSTER_BASE/tools:$PATH run rejoin a b --rebuild
  echo "$output"
  [[ $status == 1 ]]
  [[ -s $OLD/PG_VERSION && -e $OLD/standby.signal ]]
  [[ -z "$(compgen -G "$OLD.*")" ]]
  expect 0 "is a standby again" rejoin a b
}

@test "interrupted while it recovers where nobody can connect: it does not run on there" {
  diverge
  local code=0 job
  tools pg_ctl <<SCRIPT
#!/bin/sh
"$PG_BIN/pg_ctl" "\$@" || exit
case "\$*" in *start*listen_addresses*) touch "$CLUSTER_BASE/tools/recovered"; sleep 2 ;; esac
SCRIPT
  OPS_PG_BIN=$CLUSTER_BASE/tools rejoin a b >"$CLUSTER_BASE/messages" 2>&1 3>&- &
  job=$!
  wait_until 60 test -e "$CLUSTER_BASE/tools/recovered"
  kill -TERM "$(sed -nE 's/.* pid ([0-9]+) .*/\1/p' "$OPS_STATE_DIR/lock/replication.lock")"
  wait "$job" || code=$?
  cat "$CLUSTER_BASE/messages"
  [[ $code == 143 ]]
  [[ ! -e $OLD/postmaster.pid && -e $OLD/standby.signal ]]
  expect 0 "is a standby again" rejoin a b
}
