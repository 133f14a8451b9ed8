#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq age=age

setup_file() {
  load lib/cluster
  load lib/ops
  ops_begin
  create_database app
  random_table main app accounts 2000
}

setup() {
  load lib/cluster
  load lib/ops
}

teardown_file() {
  load lib/cluster
  clusters_end
}

@test "a dump is complete, proven, for its owner alone, and recorded" {
  run ops backup-database app
  [ "$status" -eq 0 ]
  local dir
  dir=$(newest_backup app)
  (cd "$dir" && sha256sum --quiet --check --strict SHA256SUMS && md5sum --quiet --check --strict MD5SUMS)
  [ "$(stat -c %a "$dir")" = 700 ]
  [ -z "$(find "$dir" -type f ! -perm 600)" ]
  [ "$(jq -c '.rows' "$dir/manifest.json")" = '[{"schema":"public","table":"accounts","rows":2000}]' ]
  [ "$(run_state logical app)" = ok ]
  no_remains
}

@test "every database and the globals, whatever their names are" {
  local weird=$'we\'ird "x" =/../\xc3\xa9\nnl;$(touch pwned)'
  create_database "$weird"
  cluster_psql main postgres -q -v "r=ro\"le '" <<<'create role :"r"'
  run ops backup-database --all
  [ "$status" -eq 0 ]
  [ -f "$(find "$OPS_BACKUP_DIR/globals" -name globals.sql)" ]
  grep -q 'CREATE ROLE "ro""le '"'"'"' "$(find "$OPS_BACKUP_DIR/globals" -name globals.sql)"
  [ "$(jq -r '.runs[] | select(.kind == "logical") | .database' "$OPS_STATE_DIR/status.json" | wc -l)" -eq 5 ] # one name has two lines
  [ "$(run_state logical "$weird")" = ok ]
  [ ! -e "$CLUSTER_BASE/pwned" ]
  cluster_psql main postgres -q -v "n=$weird" <<<'drop database :"n"'
}

@test "one file with one job, too" {
  OPS_FORMAT=custom run ops backup-database app
  [ "$status" -eq 0 ]
  "$PG_BIN/pg_restore" --list "$(newest_backup app)/dump.pgdump" | grep -q 'TABLE DATA public accounts'
}

@test "rows are counted in the snapshot of the dump while others write" {
  random_table main app busy 10
  writer_start main app busy "$CLUSTER_BASE/acknowledged" 0.001
  run ops backup-database app
  writer_stop "$CLUSTER_BASE/acknowledged"
  [ "$status" -eq 0 ]
  run ops restore-database --database app --into app_counted
  [ "$status" -eq 0 ]
  [[ "$output" == *"rows compared: 2 tables"* ]]
  cluster_sql main postgres 'drop database app_counted'
  cluster_sql main app 'drop table busy'
}

@test "what is older than the retention goes, the last good one never" {
  ops backup-database app
  local home=$OPS_BACKUP_DIR/logical/app newest
  newest=$(newest_backup app)
  cp -a "$newest" "$home/20200101T000000Z"
  touch -d '2020-01-01' "$home/20200101T000000Z"
  # A failed run prunes nothing
  OPS_PG_BIN=/nonexistent run ops backup-database app
  [ "$status" -eq 78 ]
  PGPORT=1 run ops backup-database app
  [ "$status" -eq 69 ]
  [ -d "$home/20200101T000000Z" ]
  OPS_RETENTION_DAYS=1 run ops backup-database app
  [ "$status" -eq 0 ]
  [ ! -e "$home/20200101T000000Z" ]
  [ -d "$newest" ]
}

@test "a dump that is being restored is not pruned" {
  local old=$OPS_BACKUP_DIR/logical/app/20200101T000000Z
  cp -a "$(newest_backup app)" "$old"
  exec 9<"$old"
  flock -s 9
  run ops backup-database app
  exec 9<&-
  [ "$status" -eq 0 ]
  [ -d "$old" ]
  run ops backup-database app
  [ "$status" -eq 0 ]
  [ ! -e "$old" ]
}

@test "a second run at once is refused" {
  mkdir -p "$OPS_STATE_DIR/lock"
  exec 9<>"$OPS_STATE_DIR/lock/logical.lock"
  flock 9
  run ops backup-database app
  exec 9<&-
  [ "$status" -eq 75 ]
  [[ "$output" == *"another run is at work"* ]]
}

@test "too little space is refused before anything is written" {
  local before
  before=$(backup_count app)
  OPS_FREE_SPACE_MARGIN_MB=900000000 run ops backup-database app
  [ "$status" -eq 73 ]
  [[ "$output" == *"are needed"* ]]
  [ "$(backup_count app)" -eq "$before" ]
  [ "$(run_state logical app)" = failed ]
  no_remains
}

@test "a full disk: clear error, no good backup lost, nothing half-done" {
  local small=$CLUSTER_BASE/small limit=nothing_more words='No space left on device'
  as_pg mkdir "$small"
  if ! mount -t tmpfs -o "size=2m,mode=700,uid=$(id -u "$OPS_TEST_USER")" tmpfs "$small" 2>/dev/null; then
    # Where mounting is refused: files of at most 1 MiB
    limit=small_files words='File too large'
  fi
  # The estimate is half more than the last dump, and that one is small
  as_pg mkdir -p "$small/logical/app"
  ops backup-database app
  cp -a "$(newest_backup app)" "$small/logical/app/"
  random_table main app large 20000
  OPS_BACKUP_DIR=$small OPS_FREE_SPACE_MARGIN_MB=0 run "$limit" ops backup-database app
  local code=$status message=$output left partial
  left=$(find "$small" -name SHA256SUMS | wc -l)
  partial=$(find "$small" -name '.partial-*')
  if [[ "$limit" == nothing_more ]]; then umount "$small"; fi
  cluster_sql main app 'drop table large'
  echo "$message"
  [ "$code" -eq 73 ]
  [[ "$message" == *"$words"* ]]
  [ "$left" -eq 1 ]
  [ -z "$partial" ]
  [ "$(run_state logical app)" = failed ]
}

nothing_more() { "$@"; }

small_files() {
  (
    trap '' XFSZ
    ulimit -f 1024
    "$@"
  )
}

@test "a wrong password is told, without the password" {
  cluster_create guarded --password right
  printf '*:*:*:*:wrong-secret\n' >"$CLUSTER_BASE/pgpass"
  chmod 600 "$CLUSTER_BASE/pgpass"
  if ((EUID == 0)); then chown "$OPS_TEST_USER" "$CLUSTER_BASE/pgpass"; fi
  PGHOST=127.0.0.1 PGPORT=$(cluster_port guarded) PGPASSFILE=$CLUSTER_BASE/pgpass run ops backup-database app
  [ "$status" -eq 69 ]
  [[ "$output" == *"password authentication failed"* ]]
  [[ "$output" != *wrong-secret* ]]
  [[ "$(run_error logical app)" == *"password authentication failed"* ]]
  cluster_stop guarded
}

@test "the server killed during the dump: told, recorded, nothing half-done, the last one stays" {
  random_table main app slow 3000
  # The dump waits for this lock, so that it can be struck in its middle
  cluster_psql main app -q -c 'begin; lock table slow in access exclusive mode; select pg_sleep(60)' >/dev/null 2>&1 3>&- &
  wait_until 10 lock_is_held
  local before code=0
  before=$(backup_count app)
  ops backup-database app 2>"$CLUSTER_BASE/messages" 3>&- &
  local job=$!
  wait_until 20 dump_waits
  cluster_kill9 main
  wait "$job" || code=$?
  cluster_start main
  cat "$CLUSTER_BASE/messages"
  [ "$code" -eq 69 ]
  [ "$(backup_count app)" -eq "$before" ]
  [ "$(run_state logical app)" = failed ]
  no_remains
  cluster_sql main app 'drop table slow'
}

lock_is_held() { [[ "$(cluster_sql main app "select count(*) from pg_locks where relation = 'slow'::regclass and mode = 'AccessExclusiveLock' and granted")" == 1 ]]; }
dump_waits() { [[ "$(cluster_sql main app "select count(*) from pg_locks where relation = 'slow'::regclass and not granted")" -ge 1 ]]; }

@test "interrupted by SIGTERM: nothing half-done" {
  random_table main app slow 3000
  cluster_psql main app -q -c 'begin; lock table slow in access exclusive mode; select pg_sleep(60)' >/dev/null 2>&1 3>&- &
  wait_until 10 lock_is_held
  local before code=0 pid
  before=$(backup_count app)
  as_pg "$OPS_HOME/bin/backup-database" app 2>"$CLUSTER_BASE/messages" 3>&- &
  local job=$!
  wait_until 20 dump_waits
  pid=$(sed -n 's/.* pid \([0-9]*\) .*/\1/p' "$OPS_STATE_DIR/lock/logical.lock")
  kill -TERM "$pid"
  wait "$job" || code=$?
  cluster_sql main app "select pg_terminate_backend(pid) from pg_stat_activity where query like '%lock table slow%' and pid <> pg_backend_pid()"
  cat "$CLUSTER_BASE/messages"
  [ "$code" -eq 143 ]
  [ "$(backup_count app)" -eq "$before" ]
  [ "$(run_state logical app)" = failed ]
  wait_until 10 no_remains
  cluster_sql main app 'drop table slow'
}

@test "directories with spaces, quotes and a dollar" {
  local odd="$CLUSTER_BASE/back ups 'x' \"y\" \$HOME"
  as_pg mkdir "$odd"
  OPS_BACKUP_DIR=$odd/b OPS_WORK_DIR=$odd OPS_STATE_DIR=$odd/s run ops backup-database app
  echo "$output"
  [ "$status" -eq 0 ]
  OPS_BACKUP_DIR=$odd/b OPS_WORK_DIR=$odd OPS_STATE_DIR=$odd/s run ops verify-backups
  [ "$status" -eq 0 ]
  OPS_BACKUP_DIR=$odd/b OPS_WORK_DIR=$odd OPS_STATE_DIR=$odd/s run ops restore-database --database app --into app_odd
  [ "$status" -eq 0 ]
  same_content app app_odd
  cluster_sql main postgres 'drop database app_odd'
  [ -z "$(find "$odd" -name 'db-resilience.*')" ]
}

@test "a failure of one database does not keep the others from being dumped" {
  local before
  before=$(backup_count app)
  run ops backup-database nowhere app
  [ "$status" -eq 69 ]
  [ "$(backup_count app)" -eq $((before + 1)) ]
}

@test "dry-run changes nothing" {
  local before
  before=$(find "$OPS_BACKUP_DIR" | LC_ALL=C sort | sha256sum)
  run ops backup-database --dry-run app
  [ "$status" -eq 0 ]
  [[ "$output" == *"would dump app"* ]]
  [ "$(find "$OPS_BACKUP_DIR" | LC_ALL=C sort | sha256sum)" = "$before" ]
}

@test "encrypted for a public key, restored with the private one" {
  age-keygen -o "$CLUSTER_BASE/identity" 2>/dev/null
  age-keygen -y "$CLUSTER_BASE/identity" >"$CLUSTER_BASE/recipients"
  chmod 600 "$CLUSTER_BASE/identity"
  if ((EUID == 0)); then chown "$OPS_TEST_USER" "$CLUSTER_BASE/identity"; fi
  local format
  for format in directory custom; do
    OPS_FORMAT=$format OPS_AGE_RECIPIENTS_FILE=$CLUSTER_BASE/recipients run ops backup-database app
    [ "$status" -eq 0 ]
    [ -z "$(find "$(newest_backup app)" -name '*.dat.gz' -o -name toc.dat -o -name '*.pgdump')" ]
    run ops restore-database --database app --into app_secret
    [ "$status" -eq 78 ]
    [[ "$output" == *OPS_AGE_IDENTITY_FILE* ]]
    OPS_AGE_IDENTITY_FILE=$CLUSTER_BASE/identity run ops restore-database --database app --into app_secret
    [ "$status" -eq 0 ]
    same_content app app_secret
    cluster_sql main postgres 'drop database app_secret'
  done
}
