#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq pgbackrest=pgbackrest
# Physical backups with pgBackRest: set up, lose, bring back, exactly.

setup() {
  load lib/cluster
  load lib/physical
  physical_begin pgbackrest
}

teardown() {
  stream_stop
  if mountpoint -q "$CLUSTER_BASE/repo"; then umount -l "$CLUSTER_BASE/repo"; fi
  clusters_end
}

set_up_archive() {
  ops setup-wal-archiving --restart
}

# The files that the engine keeps, in a form to compare
repository_state() { (cd "$CLUSTER_BASE/repo" && find . -type f ! -name '*.info*' | sort); }

@test "the set-up shows what it changes, changes it once, refuses a foreign archive_command, and can be undone" {
  run ops setup-wal-archiving --dry-run
  [ "$status" -eq 0 ]
  [[ "$output" == *"-archive_mode = off"* && "$output" == *"+archive_mode = on   # after a restart"* ]]
  [ "$(cluster_sql main postgres 'show archive_timeout')" = 0 ]

  # Without --restart it says what is missing, and does not claim to work
  run ops setup-wal-archiving
  [ "$status" -eq 0 ]
  [[ "$output" == *"has to be restarted for archive_mode"* && "$output" != *"the archive works"* ]]
  set_up_archive
  [ "$(cluster_sql main postgres 'show archive_mode')" = on ]
  [ "$(cluster_sql main postgres 'show archive_timeout')" = 1min ]
  run ops setup-wal-archiving
  [ "$status" -eq 0 ]
  [[ "$output" == *"as they have to be"* && "$output" == *"the archive works"* ]]

  ops setup-wal-archiving --undo --restart
  [ "$(cluster_sql main postgres 'show archive_mode')" = off ]
  [ "$(cluster_sql main postgres 'show archive_timeout')" = 0 ]

  cluster_sql main postgres "alter system set archive_mode = on"
  cluster_sql main postgres "alter system set archive_command = 'cp %p /somewhere/%f'"
  cluster_restart main
  run ops setup-wal-archiving
  [ "$status" -eq 77 ]
  [[ "$output" == *"cp %p /somewhere"* ]]
}

@test "ten random points just before a wrong transaction, and a name, a time, a position: each exactly" {
  set_up_archive
  random_table main postgres t 500
  ops backup-physical --full
  local -a xids hashes
  local i id
  for i in {1..20}; do
    cluster_sql main postgres "insert into t (body) select md5(random()::text) from generate_series(1, 5)"
    hashes[i]=$(table_hash main postgres t)
    xids[i]=$(cluster_sql main postgres "begin; update t set body = 'wrong $i' where id % 7 = $i % 7; select pg_current_xact_id(); commit")
    if ((i == 10)); then ops backup-physical --incremental; fi
    if ((i == 15)); then
      ops restore-point 'before the release; "it'\''s"'
      run ops restore-point 'before the release; "it'\''s"'
      [ "$status" -eq 77 ]
      named=$(table_hash main postgres t)
      position=$(cluster_sql main postgres "select pg_current_wal_lsn()")
      moment=$(cluster_sql main postgres "select clock_timestamp()")
    fi
  done
  cluster_sql main postgres "select pg_switch_wal()"
  wait_until 30 ops check-archive
  for i in $(shuf -i 1-20 -n 10); do
    id=$CLUSTER_BASE/r
    ops restore-pitr --xid "${xids[i]}" --exclusive --target-dir "$id"
    cluster_adopt_restored "$id"
    [ "$(table_hash restored postgres t)" = "${hashes[i]}" ]
    drop_restored "$id"
  done
  for target in "--name=before the release; \"it's\"" "--lsn=$position" "--time=$moment"; do
    ops restore-pitr "${target%%=*}" "${target#*=}" --target-dir "$id"
    cluster_adopt_restored "$id"
    [ "$(table_hash restored postgres t)" = "$named" ]
    drop_restored "$id"
  done
  # Nothing of the live cluster was touched, and a copy never archives
  [ "$(cluster_sql main postgres "select count(*) from pg_stat_archiver where failed_count > 0")" = 0 ]
}

@test "the data directory is deleted under load: with the synchronous stream no acknowledged row is lost" {
  # With nobody receiving, nothing could be committed: the receiver first, then the waiting
  configure OPS_STREAM=asynchronous
  set_up_archive
  stream_start
  configure OPS_STREAM=synchronous
  stream_stop
  stream_start
  set_up_archive
  [ "$(cluster_sql main postgres "select sync_state from pg_stat_replication")" = sync ]
  cluster_sql main postgres "create table t (id bigint generated always as identity primary key, body text)"
  ops backup-physical --full
  writer_start main postgres t "$CLUSTER_BASE/acknowledged" 0.002
  wait_until 30 eval '[ "$(wc -l <"$CLUSTER_BASE/acknowledged")" -gt 500 ]'
  ops check-archive
  [ "$(run_field stream state)" = ok ]
  cluster_destroy_data main
  writer_stop "$CLUSTER_BASE/acknowledged"
  stream_stop
  ops restore-pitr --latest --in-place --yes
  cluster_sql main postgres "select id from t order by id" >"$CLUSTER_BASE/rows"
  [ "$(lost_rows "$CLUSTER_BASE/acknowledged" "$CLUSTER_BASE/rows")" = 0 ]
  # The stream goes on with the new timeline
  stream_start
  cluster_sql main postgres "insert into t (body) values ('after')"
  ops backup-physical --full
  ops verify-backups --physical
}

@test "in place: asks first, keeps the old directory, and puts it back when the restore fails" {
  set_up_archive
  random_table main postgres t 300
  ops backup-physical --full
  before=$(table_hash main postgres t)
  ops restore-point good
  cluster_sql main postgres "drop table t; select pg_switch_wal()"
  run ops restore-pitr --name good --in-place </dev/null
  [ "$status" -eq 77 ]
  cluster_sql main postgres "select 1"

  # A target that the WAL does not lead to
  run ops restore-pitr --name nowhere --in-place --yes
  [ "$status" -eq 66 ]
  [[ "$output" == *"back in its place"* ]]
  cluster_start main
  [ "$(cluster_sql main postgres "select count(*) from pg_class where relname = 't'")" = 0 ]

  # The old directory cannot be moved aside: it stays as it is
  chmod 500 "$CLUSTER_BASE/main"
  run ops restore-pitr --name good --in-place --yes
  chmod 700 "$CLUSTER_BASE/main"
  [ "$status" -ne 0 ]
  [ -s "$CLUSTER_BASE/main/data/PG_VERSION" ]
  cluster_start main
  cluster_sql main postgres "select 1"

  ops restore-pitr --name good --in-place --yes
  [ "$(table_hash main postgres t)" = "$before" ]
  run compgen -G "$CLUSTER_BASE/main/data.before-*"
  [ "$status" -eq 0 ]
  # No setting of the recovery stays behind
  run grep -E 'recovery_target|restore_command' "$CLUSTER_BASE/main/data/postgresql.auto.conf"
  [ "$status" -eq 1 ]
  [ "$(cluster_sql main postgres "show archive_mode")" = on ]
}

@test "one flipped byte anywhere in the repository, or one missing segment, fails the verification" {
  set_up_archive
  random_table main postgres t 2000
  ops backup-physical --full
  cluster_sql main postgres "insert into t (body) values ('x'); select pg_switch_wal()"
  ops backup-physical --incremental
  ops verify-backups --physical
  [ "$(run_field verify state)" = ok ]
  local file size offset segment
  for file in $(find "$CLUSTER_BASE/repo/backup/main" -path '*pg_data*' -type f -size +0 | shuf -n 3) \
    "$(find "$CLUSTER_BASE/repo/backup" -name backup.manifest | shuf -n 1)" "$(find "$CLUSTER_BASE/repo/backup" -name backup.manifest.copy | shuf -n 1)" \
    "$CLUSTER_BASE/repo/backup/main/backup.info" "$CLUSTER_BASE/repo/archive/main/archive.info.copy" \
    "$(find "$CLUSTER_BASE/repo/archive" -name '0*.zst' | shuf -n 1)"; do
    size=$(stat -c %s "$file")
    offset=$(((RANDOM * 32768 + RANDOM) % size))
    flip_byte "$file" "$offset"
    run ops verify-backups --physical
    echo "$file at $offset: $status $output"
    [ "$status" -eq 65 ]
    [ "$(run_field verify state)" = failed ]
    flip_byte "$file" "$offset"
  done
  ops verify-backups --physical
  # A hole in the WAL after the last backup
  cluster_sql main postgres "insert into t (body) values ('y'); select pg_switch_wal()"
  cluster_sql main postgres "insert into t (body) values ('z'); select pg_switch_wal()"
  wait_until 30 ops check-archive
  segment=$(find "$CLUSTER_BASE/repo/archive" -name '0*.zst' | sort | tail -n 2 | head -n 1)
  mv "$segment" "$CLUSTER_BASE/"
  run ops verify-backups --physical
  [ "$status" -eq 65 ]
  [[ "$output" == *"lacks WAL: $(basename "$segment" | cut -c1-24)"* ]]
  # Nothing is removed while the repository is damaged
  repository_state >"$CLUSTER_BASE/before"
  run ops backup-physical --full
  [ "$status" -eq 65 ]
  [ "$(run_field full state)" = failed ]
  repository_state >"$CLUSTER_BASE/after"
  run comm -23 "$CLUSTER_BASE/before" "$CLUSTER_BASE/after"
  [ -z "$output" ]
}

@test "a broken archive is seen, the backup says so, and no good backup is lost" {
  set_up_archive
  ops backup-physical --full
  good=$(ops list-backups --json | jq -r '.[0].id')
  ops check-archive
  cluster_conf main
  cluster_sql main postgres "alter system set archive_command = 'false'"
  cluster_sql main postgres "select pg_reload_conf()"
  cluster_sql main postgres "create table x (i int); select pg_switch_wal()"
  wait_until 30 eval '[ "$(cluster_sql main postgres "select failed_count > 0 from pg_stat_archiver")" = t ]'
  run ops check-archive
  [ "$status" -eq 68 ]
  [[ "$output" == *"archiving fails"* ]]
  [ "$(run_field archive state)" = failed ]
  # An archive_command that only says yes
  cluster_sql main postgres "alter system set archive_command = 'true'"
  cluster_sql main postgres "select pg_reload_conf()"
  wait_until 90 eval '[ "$(cluster_sql main postgres "select last_archived_time > coalesce(last_failed_time, last_archived_time) from pg_stat_archiver")" = t ]'
  run ops check-archive
  [ "$status" -eq 68 ]
  [[ "$output" == *"does not give it back"* ]]
  ops list-backups --json | jq -e --arg id "$good" '.[] | select(.id == $id and .state == "whole")'
}

backup_has_a_session() {
  [ "$(cluster_sql main postgres "select count(*) > 0 from pg_stat_activity where application_name like 'pgBackRest [backup]%'")" = t ]
}

@test "server killed, server stopped, wrong password, a second run, an interrupt: the right code, and the next backup is good" {
  set_up_archive
  random_table main postgres t 60000 20
  ops backup-physical --full
  # A second run at once
  ops backup-physical --full >"$CLUSTER_BASE/first" 2>&1 3>&- &
  first=$!
  wait_until 20 eval 'grep -q begins "$CLUSTER_BASE/first"'
  run ops backup-physical --full
  [ "$status" -eq 75 ]
  wait "$first"
  # Killed in the middle
  ops backup-physical --full --no-prune >"$CLUSTER_BASE/first" 2>&1 3>&- &
  first=$!
  wait_until 20 backup_has_a_session
  cluster_kill9 main
  code=0
  wait "$first" || code=$?
  [[ "$code" -eq 69 || "$code" -eq 70 ]]
  [ "$(run_field full state)" = failed ]
  run ops backup-physical --full
  [ "$status" -eq 69 ]
  cluster_start main
  # Interrupted
  ops backup-physical --full --no-prune >"$CLUSTER_BASE/first" 2>&1 3>&- &
  first=$!
  wait_until 20 eval 'grep -q begins "$CLUSTER_BASE/first"'
  kill -INT "$(verb_pid physical)"
  code=0
  wait "$first" || code=$?
  [ "$code" -eq 130 ]
  [[ "$(run_field full error)" == *INT* ]]
  ops backup-physical --full
  ops verify-backups --physical
  # A server that asks for a password that is not there
  as_pg sed -i 's/trust/scram-sha-256/' "$(cluster_data main)/pg_hba.conf"
  as_pg "$PG_BIN/pg_ctl" reload -s -D "$(cluster_data main)"
  run ops backup-physical --full
  [ "$status" -eq 69 ]
}

@test "a repository that is full: refused before, or reported when it happens; the good backup stays" {
  [ "$EUID" -eq 0 ] || skip "mounting a small file system needs root"
  as_pg mkdir "$CLUSTER_BASE/repo"
  mount -t tmpfs -o size=24m,mode=700,uid="$(id -u "$OPS_TEST_USER")" none "$CLUSTER_BASE/repo" || skip "mounting is refused here"
  set_up_archive
  ops backup-physical --full
  good=$(ops list-backups --json | jq -r '.[0].id')
  # More than the last one lets expect
  random_table main postgres t 30000 40
  run ops backup-physical --full
  echo "$output"
  [ "$status" -eq 73 ]
  [ "$(run_field full state)" = failed ]
  ops list-backups --json | jq -e --arg id "$good" '.[] | select(.id == $id and .state == "whole")'
  configure OPS_FREE_SPACE_MARGIN_MB=100
  run ops backup-physical --full
  [ "$status" -eq 73 ]
  [[ "$output" == *"are needed"* ]]
  cluster_stop main immediate
  umount "$CLUSTER_BASE/repo"
}

@test "retention: incremental ones after two days, full ones after thirty, WAL after seven, never what is needed" {
  set_up_archive
  cluster_sql main postgres "create table t (i int)"
  ops backup-physical --full
  cluster_sql main postgres "insert into t values (1)"
  ops backup-physical --incremental
  cluster_sql main postgres "insert into t values (2)"
  ops backup-physical --full
  # The clock of the retention, not of the engine
  OPS_NOW=$(($(date +%s) + 47 * 3600)) ops backup-physical --full
  [ "$(ops list-backups --json | jq 'map(select(.kind == "incremental")) | length')" = 1 ]
  [ "$(ops list-backups --json | jq 'length')" = 4 ]
  OPS_NOW=$(($(date +%s) + 49 * 3600)) ops backup-physical --full
  [ "$(ops list-backups --json | jq 'map(select(.kind == "incremental")) | length')" = 0 ]
  OPS_NOW=$(($(date +%s) + 31 * 86400)) ops backup-physical --full
  [ "$(ops list-backups --json | jq 'length')" = 1 ]
  ops verify-backups --physical
  ops restore-pitr --latest --target-dir "$CLUSTER_BASE/r"
}

@test "the drill brings every kind back, measures it, and fails when an assertion does not hold" {
  set_up_archive
  cluster_sql main postgres 'create database "odd name; $(id)"'
  random_table main 'odd name; $(id)' '"T x"' 300
  cluster_sql main 'odd name; $(id)' 'create index on "T x" (body)'
  ops backup-physical --full
  cluster_sql main 'odd name; $(id)' "insert into \"T x\" (body) values ('x')"
  ops backup-physical --incremental
  ops backup-database 'odd name; $(id)'
  as_pg mkdir "$CLUSTER_BASE/assertions"
  configure "OPS_DRILL_ASSERTIONS=$CLUSTER_BASE/assertions"
  as_pg tee "$CLUSTER_BASE/assertions/odd%20name%3B%20%24%28id%29.sql" >/dev/null <<<'select count(*) = 301 from "T x";'
  run ops restore-drill --json "$CLUSTER_BASE/state/drill.json"
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq '[.drills[] | select(.ok)] | length' "$CLUSTER_BASE/state/drill.json")" = 3 ]
  [ "$(run_field drill rtoSeconds | head -n 1)" != null ]
  [ -z "$(ls -A "$CLUSTER_BASE/scratch")" ]
  [ "$(ops list-backups --json | jq '[.[] | select(.kind == "full" and .predictedRestoreSeconds > 0)] | length')" = 1 ]
  as_pg tee "$CLUSTER_BASE/assertions/odd%20name%3B%20%24%28id%29.sql" >/dev/null <<<'select count(*) = 7 from "T x";'
  run ops restore-drill --full
  [ "$status" -eq 68 ]
  [[ "$output" == *"does not hold"* ]]
  [ "$(jq -r '.runs[] | select(.kind == "drill" and .database == "main") | .state' "$CLUSTER_BASE/state/status.json")" = failed ]
  [ -z "$(ls -A "$CLUSTER_BASE/scratch")" ]
}

@test "a scratch cluster does not take the changes of a publisher away from its origin" {
  cluster_create publisher --conf wal_level=logical
  cluster_sql publisher postgres "create table t (i int); create publication p for table t"
  cluster_sql main postgres "create table t (i int)"
  cluster_sql main postgres "create subscription s connection 'host=$CLUSTER_BASE/s port=$(cluster_port publisher) user=postgres dbname=postgres' publication p"
  wait_until 20 eval '[ "$(cluster_sql main postgres "select srsubstate from pg_subscription_rel")" = r ]'
  set_up_archive
  ops backup-physical --full
  cluster_stop main
  ops restore-pitr --latest --target-dir "$CLUSTER_BASE/r"
  cluster_sql publisher postgres "insert into t values (1)"
  sleep 6
  [ "$(restored_sql "$CLUSTER_BASE/r" postgres "select count(*) from t")" = 0 ]
  [ "$(cluster_sql publisher postgres "select active from pg_replication_slots")" = f ]
  cluster_start main
  wait_until 20 eval '[ "$(cluster_sql main postgres "select count(*) from t")" = 1 ]'
}

@test "what only the stream has of an earlier timeline is not thinned out: the archive never got it" {
  configure OPS_STREAM=asynchronous
  set_up_archive
  stream_start
  cluster_sql main postgres "create table t (i int)"
  ops backup-physical --full
  # The repository cannot be reached, and then the server is lost
  cluster_sql main postgres "alter system set archive_command = 'false'"
  cluster_sql main postgres "select pg_reload_conf()" >/dev/null
  local i segment
  for i in 1 2 3; do segment=$(cluster_sql main postgres "insert into t values ($i); select pg_walfile_name(pg_switch_wal())"); done
  wait_until 20 test -f "$CLUSTER_BASE/stream/$segment"
  cluster_destroy_data main
  stream_stop
  ops restore-pitr --latest --in-place --yes
  [ "$(cluster_sql main postgres "select count(*) from t")" = 3 ]
  stream_start
  cluster_sql main postgres "insert into t values (4); select pg_switch_wal()" >/dev/null
  wait_until 30 eval '[[ "$(cluster_sql main postgres "select last_archived_wal from pg_stat_archiver")" == 00000002* ]]'
  find "$CLUSTER_BASE/stream" -name '0*' -type f -exec touch -d '2 hours ago' {} +
  ops check-archive
  ops verify-backups --physical
}

@test "a damaged incremental backup leaves the full one to be restored, a damaged full one takes the incremental one with it" {
  set_up_archive
  random_table main postgres t 500
  ops backup-physical --full
  cluster_sql main postgres "create table u as select * from t"
  ops backup-physical --incremental
  local file segment
  cluster_sql main postgres "insert into t (body) values ('x')"
  segment=$(cluster_sql main postgres "select pg_walfile_name(pg_switch_wal())")
  wait_until 30 eval '[[ ! "$(cluster_sql main postgres "select last_archived_wal from pg_stat_archiver")" < "$segment" ]]'
  file=$(find "$CLUSTER_BASE/repo/backup/main" -path '*_*I/pg_data/base/*' -type f -size +4k | head -n 1)
  flip_byte "$file" 1000
  run ops verify-backups --physical
  echo "$output"
  [ "$status" -eq 65 ]
  [ "$(ops list-backups --json | jq -r 'map("\(.kind) \(.state)") | sort | join(", ")')" = "full whole, incremental damaged" ]
  ops restore-pitr --latest --target-dir "$CLUSTER_BASE/r"
  [ "$(restored_sql "$CLUSTER_BASE/r" postgres "select count(*) from t")" = 501 ]
  flip_byte "$file" 1000
  ops verify-backups --physical
  file=$(find "$CLUSTER_BASE/repo/backup/main" -path '*F/pg_data/base/*' -type f -size +4k | head -n 1)
  flip_byte "$file" 1000
  run ops verify-backups --physical
  echo "$output"
  [ "$status" -eq 65 ]
  [ "$(ops list-backups --json | jq -r 'map("\(.kind) \(.state)") | sort | join(", ")')" = "full damaged, incremental damaged" ]
}

@test "after a recovery to before the newest backup, that one is left out: everything comes back from the one before" {
  set_up_archive
  cluster_sql main postgres "create table t (i int)"
  ops backup-physical --full
  cluster_sql main postgres "insert into t values (1)"
  ops restore-point good
  cluster_sql main postgres "drop table t"
  ops backup-physical --full
  ops restore-pitr --name good --in-place --yes
  cluster_sql main postgres "insert into t values (2)"
  local segment
  segment=$(cluster_sql main postgres "select pg_walfile_name(pg_switch_wal())")
  wait_until 30 eval '[[ ! "$(cluster_sql main postgres "select last_archived_wal from pg_stat_archiver")" < "$segment" ]]'
  ops restore-pitr --latest --target-dir "$CLUSTER_BASE/r"
  [ "$(restored_sql "$CLUSTER_BASE/r" postgres "select string_agg(i::text, ' ' order by i) from t")" = "1 2" ]
  [ "$(ops list-backups --json | jq -r 'map(.abandoned) | join(" ")')" = "false true" ]
  ops restore-drill --full
  # On its own timeline it is as good as it was
  ops restore-pitr --immediate --backup "$(ops list-backups --json | jq -r '.[1].id')" --timeline 1 --target-dir "$CLUSTER_BASE/r2"
  # It is not what the WAL is kept for
  ops backup-physical --full
  ops verify-backups --physical
}

@test "in place: another server that answers at PGPORT is not taken for the restored one" {
  set_up_archive
  cluster_sql main postgres "create table t (i int)"
  ops backup-physical --full
  cluster_create other
  cluster_sql other postgres "create table other (i int)"
  configure "PGPORT=$(cluster_port other)"
  run ops restore-pitr --latest --in-place --yes
  echo "$output"
  [ "$status" -eq 78 ]
  [[ "$output" == *"the server that answers"*"nothing was changed"* ]]
  cluster_sql other postgres "select * from other"
  cluster_sql main postgres "select * from t"
}

@test "in place, interrupted while the files come back and while the recovery runs: the old directory is in its place, untouched" {
  set_up_archive
  random_table main postgres t 20000 20
  ops backup-physical --full
  # The recovery waits for the archive until it is interrupted
  as_pg tee "$CLUSTER_BASE/slow" >/dev/null <<'SCRIPT'
#!/bin/sh
case "$*" in *RECOVERY*) sleep 30 ;; esac
exec /usr/bin/pgbackrest "$@"
SCRIPT
  as_pg mkdir "$CLUSTER_BASE/slow-bin"
  as_pg mv "$CLUSTER_BASE/slow" "$CLUSTER_BASE/slow-bin/pgbackrest"
  as_pg chmod 755 "$CLUSTER_BASE/slow-bin/pgbackrest"
  cluster_sql main postgres "delete from t where id % 2 = 0"
  local before step code restore left
  before=$(table_hash main postgres t)
  for step in restoring 'the recovery runs'; do
    PATH=$CLUSTER_BASE/slow-bin:$PATH ops restore-pitr --immediate --in-place --yes >"$CLUSTER_BASE/messages" 2>&1 3>&- &
    restore=$!
    wait_until 40 grep -q "$step" "$CLUSTER_BASE/messages" || { cat "$CLUSTER_BASE/messages"; false; }
    kill -INT "$(verb_pid physical)"
    code=0
    wait "$restore" || code=$?
    # Nobody is left who could write into it
    left=$(pgrep -af "pgbackrest .*$CLUSTER_BASE.*restore:local") || true
    cat "$CLUSTER_BASE/messages"
    [ "$code" -eq 130 ]
    echo "left: $left"
    [ -z "$left" ]
    grep -q 'back in its place; the server is stopped' "$CLUSTER_BASE/messages"
    [ -z "$(compgen -G "$CLUSTER_BASE/main/data.*")" ]
    [ -z "$(ls -A "$CLUSTER_BASE/work")" ]
    cluster_start main
    [ "$(table_hash main postgres t)" = "$before" ]
  done
}

@test "in place: the cluster is known by its identifier, whatever jq makes of so large a number" {
  local data=$CLUSTER_BASE/main/data
  same_system() { # IDENTIFIER-OF-THE-DIRECTORY IDENTIFIER-OF-THE-BACKUP
    as_pg env "OPS_PG_DATA=$data" bash -c 'set -Eeuo pipefail; source "$1/lib/common.sh"; ops_use pitr; OPS_TMP=
      eval "system_identifier() { printf %s $2; }"
      need_same_system "$(jq -c "[{id: \"x\", systemId: (. | tostring)}]" <<<"$3")" x' - "$OPS_HOME" "$1" "$2"
  }
  same_system 7712166953570169730 7712166953570169730
  same_system 7712166953570169730 '"7712166953570169730"'
  run same_system 7712166953570169730 7712166953570999999
  [ "$status" -eq 77 ]
}

@test "in place: a stream that cannot be prepared afterwards is said, and the restore is done all the same" {
  configure OPS_STREAM=asynchronous
  set_up_archive
  as_pg sed -i '/replication/d' "$(cluster_data main)/pg_hba.conf"
  ops backup-physical --full
  run ops restore-pitr --latest --in-place --yes
  echo "$output"
  [ "$status" -eq 0 ]
  [[ "$output" == *"no replication connection"*"stream could not be prepared"*"restored in place"*"the old data directory:"* ]]
  cluster_sql main postgres "select 1"
}
