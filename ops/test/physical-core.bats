#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq
# Physical backups with PostgreSQL's own tools: pg_basebackup, pg_verifybackup, pg_receivewal.

setup() {
  load lib/cluster
  load lib/physical
  physical_begin core
  configure OPS_STREAM=asynchronous
}

teardown() {
  stream_stop
  clusters_end
}

@test "with tablespaces: lost under load and brought back to within moments" {
  as_pg mkdir "$CLUSTER_BASE/a = b"
  set_up_stream
  cluster_sql main postgres "create tablespace other location '$CLUSTER_BASE/a = b'"
  random_table main postgres kept 300
  cluster_sql main postgres "create table t (id bigint generated always as identity primary key, body text) tablespace other"
  kept=$(table_hash main postgres kept)
  ops backup-physical --full
  writer_start main postgres t "$CLUSTER_BASE/acknowledged" 0.002
  wait_until 30 eval '[ "$(wc -l <"$CLUSTER_BASE/acknowledged")" -gt 300 ]'
  cluster_destroy_data main
  writer_stop "$CLUSTER_BASE/acknowledged"
  stream_stop
  ops restore-pitr --latest --in-place --yes
  cluster_sql main postgres "select id from t order by id" >"$CLUSTER_BASE/rows"
  # Asynchronous: what was on its way may be lost, which is milliseconds, and never something before it
  run lost_rows "$CLUSTER_BASE/acknowledged" "$CLUSTER_BASE/rows"
  echo "acknowledged $(wc -l <"$CLUSTER_BASE/acknowledged"), lost $output"
  [ "$status" -eq 0 ]
  [ "$output" -lt 100 ]
  [ "$(table_hash main postgres kept)" = "$kept" ]
  # The old tablespace was not touched: the restored one has a place of its own
  [[ "$(cluster_sql main postgres "select pg_tablespace_location(oid) from pg_tablespace where spcname = 'other'")" == *tablespaces-* ]]
  stream_start
  ops backup-physical --full
  ops verify-backups --physical
}

@test "just before a wrong transaction, and the drill" {
  set_up_stream
  random_table main postgres t 300
  ops backup-physical --full
  before=$(table_hash main postgres t)
  xid=$(cluster_sql main postgres "begin; delete from t; select pg_current_xact_id(); commit")
  # Nothing was switched or archived: the unfinished segment of the stream is enough
  wait_until 20 ops check-archive
  ops restore-pitr --xid "$xid" --exclusive --target-dir "$CLUSTER_BASE/r"
  [ "$(restored_sql "$CLUSTER_BASE/r" postgres "select count(*) from t")" = 300 ]
  cluster_adopt_restored "$CLUSTER_BASE/r"
  [ "$(table_hash restored postgres t)" = "$before" ]
  run ops restore-drill --json -
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(run_field drill rpoSeconds)" = 0 ]
}

@test "one flipped byte anywhere in a backup or in a finished segment fails the verification" {
  set_up_stream
  random_table main postgres t 300
  ops backup-physical --full
  ops setup-wal-archiving --check
  ops verify-backups --physical
  local file size offset
  for file in $(find "$CLUSTER_BASE/repo/backup" -type f -size +0 | shuf -n 2) "$(find "$CLUSTER_BASE/repo/backup" -name '0*' -path '*pg_wal*' | head -n 1)" \
    "$(find "$CLUSTER_BASE/repo/backup" -name '*.json')" "$(find "$CLUSTER_BASE/repo/backup" -name SHA256SUMS)" \
    "$(find "$CLUSTER_BASE/repo/backup" -name postgresql.auto.conf)" "$(find "$CLUSTER_BASE/stream" -maxdepth 1 -name '0*' ! -name '*.partial' | head -n 1)"; do
    size=$(stat -c %s "$file")
    offset=$(((RANDOM * 32768 + RANDOM) % size))
    flip_byte "$file" "$offset"
    run ops verify-backups --physical
    echo "$file at $offset: $status $output"
    [ "$status" -eq 65 ]
    flip_byte "$file" "$offset"
  done
  ops verify-backups --physical
}

@test "the chain of WAL follows a recovery to a time before another recovery, and ends on a branch that was left" {
  printf '%s\n' 000000010000000000000005 000000030000000000000006 000000030000000000000007 000000020000000000000008 >"$CLUSTER_BASE/names"
  printf '1\t0/8118AE0\tno recovery target specified\n\n2\t0/6263FE8\tbefore 2026-01-31 14:05:00+00\n' >"$CLUSTER_BASE/history"
  chain_of() { timeout 10 bash -c 'source "$OPS_HOME/lib/wal.sh" && OPS_PG_DATA=/none && wal_chain "$@"' - "$1" "$CLUSTER_BASE/names" "$CLUSTER_BASE/history" "${@:2}"; }
  run chain_of 000000010000000000000005 3
  [ "$output" = "end 000000030000000000000007" ]
  run chain_of 000000020000000000000008 2 000000020000000000000008
  [ "$output" = "end 000000020000000000000008" ]
}

@test "a receiver that is gone is seen, and a slot that lost WAL is said to be one" {
  cluster_conf main max_slot_wal_keep_size=32MB
  set_up_stream
  ops backup-physical --full
  ops check-archive
  stream_stop
  wait_until 20 eval '[ "$(cluster_sql main postgres "select active from pg_replication_slots")" = f ]'
  run ops check-archive
  [ "$status" -eq 68 ]
  [[ "$output" == *"nobody receives"* ]]
  [ "$(run_field stream state)" = failed ]
  # Further than the slot may keep
  random_table main postgres t 100
  local i
  for i in {1..8}; do cluster_sql main postgres "insert into t (body) values ('x'); select pg_switch_wal()"; done
  cluster_sql main postgres checkpoint
  wait_until 20 eval '[ "$(cluster_sql main postgres "checkpoint; select wal_status from pg_replication_slots")" = lost ]'
  run ops check-archive
  [ "$status" -eq 68 ]
  [[ "$output" == *"lost WAL"* ]]
  stream_start
  cluster_sql main postgres "insert into t (body) values ('x'); select pg_switch_wal()"
  wait_until 20 ops check-archive
  run ops verify-backups --physical
  [ "$status" -eq 65 ]
  [[ "$output" == *"lacks WAL"* ]]
}

@test "an incremental backup is refused before PostgreSQL 17" {
  [ "$OPS_TEST_PG_VERSION" -lt 17 ] || skip "this is PostgreSQL $OPS_TEST_PG_VERSION"
  set_up_stream
  ops backup-physical --full
  run ops backup-physical --incremental
  [ "$status" -eq 78 ]
  [[ "$output" == *"PostgreSQL 17"* ]]
}

@test "a stream directory that is a symbolic link to another disk counts" {
  as_pg mkdir "$CLUSTER_BASE/other-disk"
  as_pg ln -s "$CLUSTER_BASE/other-disk" "$CLUSTER_BASE/stream"
  set_up_stream
  cluster_sql main postgres "create table t (i int)"
  ops backup-physical --full
  sleep 1.1
  cluster_sql main postgres "insert into t values (1)"
  moment=$(cluster_sql main postgres "select clock_timestamp()")
  cluster_sql main postgres "select pg_sleep(1.1)"
  cluster_sql main postgres "drop table t"
  ops setup-wal-archiving --check
  ops restore-pitr --time "$moment" --target-dir "$CLUSTER_BASE/r"
  [ "$(restored_sql "$CLUSTER_BASE/r" postgres "select count(*) from t")" = 1 ]
}

@test "killed between the description and the name of a backup: the next run clears it away" {
  set_up_stream
  ops backup-physical --full
  good=$(ops list-backups --json | jq -r '.[0].id')
  sleep 1.1
  ops backup-physical --full
  other=$(ops list-backups --json | jq -r '.[1].id')
  # Its files are unfinished, its description is there
  as_pg mv "$CLUSTER_BASE/repo/backup/$other" "$CLUSTER_BASE/repo/backup/.partial-$other"
  run ops verify-backups --physical
  [ "$status" -eq 65 ]
  ops backup-physical --full
  ops verify-backups --physical
  [ "$(ops list-backups --json | jq -r '.[0].id')" = "$good" ]
  [ "$(ops list-backups --json | jq 'length')" = 2 ]
}
