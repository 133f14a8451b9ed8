#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /opt/db-resilience/postgresql-17/bin/initdb=postgresql-17 jq=jq
# Incremental backups with PostgreSQL's own tools, which have them from version 17 on: pg_basebackup --incremental, pg_combinebackup.
# Debian 12 gets that version from .ci/install-postgresql-17.

setup() {
  OPS_TEST_PG_VERSION=17
  PG_BIN=/opt/db-resilience/postgresql-17/bin
  load lib/cluster
  load lib/physical
  physical_begin core
  configure OPS_STREAM=asynchronous
}

teardown() {
  stream_stop
  clusters_end
}

# backup KIND [OPTIONS]: its name
backup() { ops backup-physical "--$1" "${@:2}"; }

state_of() { ops list-backups --json | jq -r --arg id "$1" '.[] | select(.id == $id) | .state'; }

backup_ids() { ops list-backups --json | jq -r 'sort_by(.finishedEpoch) | .[].id' | paste -sd' '; }

# The clock is past the second in which the newest backup ended: a restore to a time from then on may start from it
second_is_over() { [ "$(date +%s)" -gt "$(ops list-backups --json | jq 'map(.finishedEpoch) | max')" ]; }

change() { # TABLE: some rows of many pages
  cluster_sql main postgres "update $1 set body = md5(body || clock_timestamp()) where id % 50 = 3; delete from $1 where id % 50 = 7"
}

@test "the set-up turns WAL summaries on, shows it, and the undo leads back" {
  run ops setup-wal-archiving --dry-run
  [ "$status" -eq 0 ]
  [[ "$output" == *"-summarize_wal = off"$'\n'"+summarize_wal = on"* ]]
  [ "$(cluster_sql main postgres 'show summarize_wal')" = off ]
  ops setup-wal-archiving
  [ "$(cluster_sql main postgres 'show summarize_wal')" = on ]
  run ops setup-wal-archiving
  [ "$status" -eq 0 ]
  [[ "$output" == *"as they have to be"* ]]
  run ops setup-wal-archiving --undo
  [ "$status" -eq 0 ]
  [[ "$output" == *"-summarize_wal (reset)"* ]]
  wait_until 10 eval '[ "$(cluster_sql main postgres "show summarize_wal")" = off ]'
  run grep summarize_wal "$CLUSTER_BASE/main/data/postgresql.auto.conf"
  [ "$status" -eq 1 ]
}

@test "a full and two incremental backups: the latest state, the ends of both, and a time between, each exactly" {
  as_pg mkdir "$CLUSTER_BASE/a = b"
  set_up_stream
  cluster_sql main postgres "create tablespace other location '$CLUSTER_BASE/a = b'"
  random_table main postgres still 4000
  random_table main postgres t 4000
  random_table main postgres gone 100
  cluster_sql main postgres "create table elsewhere tablespace other as table t; alter table elsewhere add primary key (id)"
  cluster_sql main postgres "create index on t (body)"
  full=$(backup full)

  change t
  change elsewhere
  cluster_sql main postgres "drop table gone; create table new as select * from t where id % 3 = 0"
  first=$(backup incremental)
  at_first=$(database_hash main postgres)
  wait_until 10 second_is_over
  change new
  between=$(database_hash main postgres)
  moment=$(cluster_sql main postgres "select clock_timestamp()")
  change new
  change elsewhere

  cluster_sql main postgres "delete from t where id > 2000; create table newer (i) tablespace other as select generate_series(1, 500)"
  cluster_sql main postgres "vacuum t"
  second=$(backup incremental)
  at_second=$(database_hash main postgres)
  [ "$(backup_ids)" = "$full $first $second" ]
  ops list-backups --json | jq -e --arg full "$full" --arg first "$first" --arg second "$second" '
    (.[] | select(.id == $first) | .kind == "incremental" and .requires == [$full])
    and (.[] | select(.id == $second) | .kind == "incremental" and .requires == [$full, $first])'
  # Only what has changed is stored; what is restored is everything
  ops list-backups --json | jq -e --arg full "$full" --arg second "$second" '
    (.[] | select(.id == $full)) as $f | .[] | select(.id == $second) | .storedBytes < $f.storedBytes and .bytes > $f.bytes * 0.5 and .bytes > .storedBytes'
  change t
  cluster_sql main postgres "insert into newer values (501)"
  latest=$(database_hash main postgres)
  wait_until 20 ops check-archive
  ops verify-backups --physical
  run ops list-backups
  [ "$(grep -c '^incremental .* whole ' <<<"$output")" = 2 ]

  brings_back "$latest" "$second" --latest
  brings_back "$between" "$first" --time "$moment"
  brings_back "$at_second" "$second" --immediate --backup "$second"
  brings_back "$at_first" "$first" --immediate --backup "$first"

  # The repository has moved
  stream_stop
  mv "$CLUSTER_BASE/repo" "$CLUSTER_BASE/moved = here"
  configure "OPS_PHYSICAL_REPO=$CLUSTER_BASE/moved = here"
  cluster_destroy_data main
  ops restore-pitr --latest --in-place --yes
  [ "$(database_hash main postgres)" = "$latest" ]
  [[ "$(cluster_sql main postgres "select pg_tablespace_location(oid) from pg_tablespace where spcname = 'other'")" == *tablespaces-* ]]

  # The chain goes on over the change of timeline
  stream_start
  change elsewhere
  latest=$(database_hash main postgres)
  third=$(backup incremental)
  brings_back "$latest" "$third" --latest

  # Back to a time before the newest backup: that one now lies on a timeline that is no longer the server's
  stream_stop
  run ops restore-pitr --time "$moment" --in-place --yes
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"WARNING"*"Restore once more, with --timeline 1"* ]]
  run ops restore-pitr --time "$moment" --timeline 1 --in-place --yes
  echo "$output"
  [[ "$status" -eq 0 && "$output" != *WARNING* ]]
  [ "$(database_hash main postgres)" = "$between" ]
  stream_start
  run ops backup-physical --incremental
  echo "$output"
  [ "$status" -eq 70 ]
  [[ "$output" == *"Run backup-physical --full"* ]]
  [ "$(run_field incremental state)" = failed ]
  full=$(backup full)
  change still
  latest=$(database_hash main postgres)
  second=$(backup incremental)
  brings_back "$latest" "$second" --latest
}

brings_back() { # HASH BACKUP OPTIONS...
  local output
  output=$(ops restore-pitr "${@:3}" --target-dir "$CLUSTER_BASE/r" 2>&1) || { echo "$output"; return 1; }
  [[ "$output" == *"restoring backup $2 "* ]] || { echo "not from $2: $output"; return 1; }
  cluster_adopt_restored "$CLUSTER_BASE/r"
  if ! diff <(printf '%s\n' "$1") <(database_hash restored postgres); then return 1; fi
  drop_restored "$CLUSTER_BASE/r"
}

@test "a flipped byte in an incremental backup, or in the full one it needs, fails the verification; what depends on it is damaged" {
  set_up_stream
  random_table main postgres t 4000
  full=$(backup full)
  before=$(database_hash main postgres)
  change t
  first=$(backup incremental)
  change t
  second=$(backup incremental)
  change t
  latest=$(database_hash main postgres)
  wait_until 20 ops check-archive
  ops verify-backups --physical

  local file id
  file=$(find "$CLUSTER_BASE/repo/backup/$first/data/base" -name 'INCREMENTAL.*' -size +8k | head -n 1)
  flip_byte "$file" $(($(stat -c %s "$file") - 100))
  run ops verify-backups --physical
  echo "$output"
  [ "$status" -eq 65 ]
  [[ "$output" == *"whole    $full"* && "$output" == *"DAMAGED  $first"* && "$output" == *"DAMAGED  $second"* ]]
  [[ "$output" == *"backup $second needs $first, which is damaged"* ]]
  [ "$(state_of "$full") $(state_of "$first") $(state_of "$second")" = "whole damaged damaged" ]
  run ops restore-pitr --immediate --backup "$second" --target-dir "$CLUSTER_BASE/r"
  [ "$status" -eq 66 ]
  brings_back "$latest" "$full" --latest
  # The next one leaves them out, and says so
  run ops backup-physical --incremental
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"backup $second is damaged"*"builds on $full"* ]]
  third=${lines[-1]}
  brings_back "$latest" "$third" --latest
  flip_byte "$file" $(($(stat -c %s "$file") - 100))
  ops verify-backups --physical

  file=$(find "$CLUSTER_BASE/repo/backup/$full/data/base" -type f -size +100k | shuf -n 1)
  flip_byte "$file" 50000
  run ops verify-backups --physical
  echo "$output"
  [ "$status" -eq 65 ]
  for id in "$full" "$first" "$second" "$third"; do [ "$(state_of "$id")" = damaged ]; done
  run ops restore-pitr --latest --target-dir "$CLUSTER_BASE/r"
  [ "$status" -eq 66 ]
  run ops backup-physical --incremental
  [ "$status" -eq 66 ]
  [[ "$output" == *"Run backup-physical --full first"* ]]
  flip_byte "$file" 50000
  ops verify-backups --physical
}

@test "a full backup stays as long as an incremental one that is kept needs it" {
  configure OPS_RETENTION_FULL_DAYS=1 OPS_RETENTION_INCREMENTAL_HOURS=100 OPS_RETENTION_WAL_DAYS=1
  set_up_stream
  random_table main postgres t 1000
  needed=$(backup full)
  change t
  kept=$(backup incremental)
  at_kept=$(database_hash main postgres)
  change t
  unneeded=$(backup full)
  # The clock of the retention, not of the server
  newest=$(OPS_NOW=$(($(date +%s) + 49 * 3600)) backup full)
  [ "$(backup_ids)" = "$needed $kept $newest" ]
  [ ! -e "$CLUSTER_BASE/repo/backup/$unneeded" ]
  brings_back "$at_kept" "$kept" --immediate --backup "$kept"
  last=$(OPS_NOW=$(($(date +%s) + 101 * 3600)) backup full)
  [ "$(backup_ids)" = "$last" ]
  ops verify-backups --physical
}

@test "without WAL summaries an incremental backup names the setting and what helps, and a full one mends it" {
  set_up_stream
  random_table main postgres t 500
  run ops backup-physical --incremental
  [ "$status" -eq 66 ]
  [[ "$output" == *"Run backup-physical --full first"* ]]
  full=$(backup full)
  cluster_sql main postgres "alter system set summarize_wal = off"
  cluster_sql main postgres "select pg_reload_conf()"
  wait_until 10 eval '[ "$(cluster_sql main postgres "show summarize_wal")" = off ]'
  change t
  run ops backup-physical --incremental
  echo "$output"
  [ "$status" -eq 78 ]
  [[ "$output" == *"summarize_wal"*"setup-wal-archiving"*"backup-physical --full"* ]]
  ops setup-wal-archiving
  # It was not off for long: the server still had that WAL
  change t
  first=$(backup incremental)
  [ -n "$first" ]

  # Summaries that are needed are gone
  change t
  position=$(ops list-backups --json | jq -r --arg id "$first" '.[] | select(.id == $id) | .stopLsn')
  cluster_sql main postgres checkpoint
  wait_until 30 eval '[ "$(cluster_sql main postgres "select count(*) > 0 from pg_available_wal_summaries() where end_lsn > '"'$position'"'")" = t ]'
  find "$CLUSTER_BASE/main/data/pg_wal/summaries" -name '*.summary' -delete
  run ops backup-physical --incremental
  echo "$output"
  [ "$status" -eq 70 ]
  [[ "$output" == *"WAL summaries are required"*"Run backup-physical --full"*"summarize_wal"*"setup-wal-archiving"* ]]
  [ "$(run_field incremental state)" = failed ]
  [ "$(backup_ids)" = "$full $first" ]
  full=$(backup full)
  change t
  latest=$(database_hash main postgres)
  second=$(backup incremental)
  ops list-backups --json | jq -e --arg full "$full" --arg second "$second" '.[] | select(.id == $second) | .requires == [$full]'
  brings_back "$latest" "$second" --latest
}

@test "a predecessor that was deleted, or never finished, is left out, and what depended on it is said to be lost" {
  set_up_stream
  random_table main postgres t 1000
  full=$(backup full)
  change t
  first=$(backup incremental)
  change t
  second=$(backup incremental)
  # What a killed run leaves behind is no predecessor
  as_pg mkdir -p "$CLUSTER_BASE/repo/backup/.partial-20990101T000000Z-incremental/data"
  rm -rf "$CLUSTER_BASE/repo/backup/$first" "$CLUSTER_BASE/repo/backup/$first.json"
  [ "$(state_of "$second")" = damaged ]
  run ops verify-backups --physical
  [ "$status" -eq 65 ]
  [[ "$output" == *"backup $second needs $first, which is gone"* ]]
  run ops restore-pitr --immediate --backup "$second" --target-dir "$CLUSTER_BASE/r"
  [ "$status" -eq 66 ]
  change t
  latest=$(database_hash main postgres)
  run ops backup-physical --incremental
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"backup $second is damaged, or lacks one that it needs; this one builds on $full"* ]]
  third=${lines[-1]}
  [ ! -e "$CLUSTER_BASE/repo/backup/.partial-20990101T000000Z-incremental" ]
  brings_back "$latest" "$third" --latest

  rm -rf "$CLUSTER_BASE/repo/backup/$full"
  run ops backup-physical --incremental
  [ "$status" -eq 66 ]
  [[ "$output" == *"Run backup-physical --full first"* ]]
}

@test "the drill brings both kinds back, and predicts what a restore takes" {
  set_up_stream
  random_table main postgres t 1000
  ops backup-physical --full
  change t
  ops backup-physical --incremental
  run ops restore-drill --full
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"ok     full of main"* ]]
  run ops restore-drill --incremental --json -
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(run_field drill rpoSeconds)" = 0 ]
  [ -z "$(ls -A "$CLUSTER_BASE/scratch")" ]
  ops list-backups --json | jq -e 'all(.[]; .predictedRestoreSeconds > 0) and ([.[] | select(.kind == "incremental")][0] | .predictedRestoreSeconds > 0)'
}
