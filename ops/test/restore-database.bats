#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq

setup_file() {
  load lib/cluster
  load lib/ops
  ops_begin
  create_database app
  random_table main app accounts 2000
  cluster_sql main app "create table \"We;ird.\"\"t\" (id int primary key references accounts, at timestamptz default now());
    insert into \"We;ird.\"\"t\" select id from accounts limit 50; create view totals as select count(*) from accounts;
    alter database app set search_path = '\$user', public, \"My schema\"; alter database app set work_mem = '5MB';
    comment on database app is 'it''s ours'"
  cluster_sql main postgres "create role reader; create role owner_of_app; alter database app owner to owner_of_app;
    revoke connect on database app from public; grant connect on database app to reader;
    alter role reader in database app set statement_timeout = '7s'"
  ops backup-database app
  # All that came later has to be gone after a restore
  database_hash main app >"$CLUSTER_BASE/as-of-backup"
  cluster_sql main app "update accounts set body = 'wrong'; insert into accounts (body) select 'later' from generate_series(1, 100)"
}

setup() {
  load lib/cluster
  load lib/ops
}

teardown_file() {
  load lib/cluster
  clusters_end
}

as_of_backup() { diff <(database_hash main "$1") "$CLUSTER_BASE/as-of-backup"; }

# Everything about a database that is not in it
outside_facts() {
  cluster_psql main postgres -qAt -v "n=$1" <<'EOS'
select (select array_agg(a::text order by a::text) from unnest(datacl) a), pg_get_userbyid(datdba), encoding, datcollate, datconnlimit, shobj_description(oid, 'pg_database'), datallowconn,
       (select array_agg((setrole::regrole, setconfig) order by setrole) from pg_db_role_setting where setdatabase = d.oid)
  from pg_database d where datname = :'n'
EOS
}

@test "into a new database: every row, and owner, grants, settings, comment of the database" {
  run ops restore-database --database app --into app_copy
  [ "$status" -eq 0 ]
  as_of_backup app_copy
  diff <(outside_facts app_copy) <(outside_facts app)
  # Analyzed
  [ "$(cluster_sql main app_copy "select reltuples::int from pg_class where relname = 'accounts'")" -eq 2000 ]
  cluster_sql main postgres 'drop database app_copy'
}

@test "in place of the living one: refused without a confirmation" {
  local before
  before=$(database_hash main app)
  run ops restore-database --database app
  [ "$status" -eq 77 ]
  [[ "$output" == *"Give --yes"* ]]
  [ "$(database_hash main app)" = "$before" ]
  no_remains
}

@test "in place of the living one: only its name, typed at a terminal, confirms" {
  command -v script >/dev/null || skip "missing: bsdutils (script)"
  local code=0
  printf 'ap\n' | as_pg script -qec "$OPS_HOME/bin/restore-database --database app" /dev/null || code=$?
  [ "$code" -eq 77 ]
  printf 'app\n' | as_pg script -qec "$OPS_HOME/bin/restore-database --database app" /dev/null
  as_of_backup app
  local old
  old=$(cluster_sql main postgres "select datname from pg_database where datname like 'app\_old\_%'")
  [ "$(cluster_sql main "$old" "select count(*) from accounts where body = 'later'")" -eq 100 ]
  cluster_sql main postgres "drop database $old"
}

@test "in place of the living one: its sessions are ended, it is kept under a dated name" {
  cluster_sql main app "insert into accounts (body) values ('newest')"
  cluster_psql main app -q -c 'begin; select 1; select pg_sleep(60)' >/dev/null 2>&1 3>&- &
  wait_until 10 session_sleeps
  run ops restore-database --database app --yes
  [ "$status" -eq 0 ]
  as_of_backup app
  local old
  old=$(cluster_sql main postgres "select datname from pg_database where datname like 'app\_old\_%'")
  [ "$(cluster_sql main "$old" "select count(*) from accounts where body = 'newest'")" -eq 1 ]
  [ "$(outside_facts app | cut -d'|' -f1-7)" = "$(outside_facts "$old" | cut -d'|' -f1-7)" ]
  cluster_sql main postgres "drop database $old"
}

session_sleeps() { [[ "$(cluster_sql main postgres "select count(*) from pg_stat_activity where datname = 'app' and wait_event = 'PgSleep'")" == 1 ]]; }

@test "a dropped database comes back" {
  cluster_sql main postgres 'drop database app'
  run ops restore-database --database app
  [ "$status" -eq 0 ]
  as_of_backup app
}

@test "in place of one with a long name of characters that are more than a byte: kept under the beginning of it" {
  local name old
  name=$(printf 'ä%.0s' {1..22})
  create_database "$name"
  cluster_sql main "$name" 'create table t as select 1 as i'
  ops backup-database "$name"
  run ops restore-database --database "$name" --yes
  echo "$output"
  [ "$status" -eq 0 ]
  old=$(cluster_sql main postgres "select datname from pg_database where datname like 'ä%\_old\_%'")
  [[ "$old" == "$(printf 'ä%.0s' {1..21})_old_"* ]]
  cluster_sql main postgres "drop database \"$old\""
  cluster_sql main postgres "drop database \"$name\""
}

@test "a dump with one flipped byte is refused, the living database is not touched" {
  local before dir good
  good=$(newest_backup app)
  dir=$OPS_BACKUP_DIR/logical/app/20300101T000000Z
  cp -a "$good" "$dir"
  before=$(database_hash main app)
  flip_byte "$dir/dump/toc.dat" 300
  run ops restore-database --database app --yes
  rm -rf "$dir"
  [ "$status" -eq 65 ]
  [[ "$output" == *"dump/toc.dat"* ]]
  [ "$(database_hash main app)" = "$before" ]
  no_remains
}

@test "a restore that fails on the way leaves the living database as it is" {
  local before dir good
  good=$(newest_backup app)
  dir=$OPS_BACKUP_DIR/logical/app/20300101T000000Z
  cp -a "$good" "$dir"
  # Whole by its checksums, but not what was counted: rows are missing
  jq '.rows[0].rows += 1' "$good/manifest.json" >"$dir/manifest.json"
  renew_checksums "$dir"
  before=$(database_hash main app)
  run ops restore-database --database app --yes
  [ "$status" -eq 65 ]
  [[ "$output" == *"2000 restored"* || "$output" == *"50 restored"* ]]
  [ "$(database_hash main app)" = "$before" ]
  # No dump at all inside, for pg_restore itself to fail on
  printf 'nonsense' >"$dir/dump/toc.dat"
  renew_checksums "$dir"
  run ops restore-database --database app --yes
  rm -rf "$dir"
  [ "$status" -eq 70 ]
  [[ "$output" == *pg_restore* ]]
  [ "$(database_hash main app)" = "$before" ]
  [ "$(cluster_sql main postgres "select datallowconn from pg_database where datname = 'app'")" = t ]
  no_remains
}

renew_checksums() {
  (cd "$1" && find . -type f ! -name '*SUMS' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >SHA256SUMS &&
    find . -type f ! -name '*SUMS' -print0 | LC_ALL=C sort -z | xargs -0 md5sum >MD5SUMS)
}

@test "interrupted while it restores: nothing is left, the living database works" {
  local before code=0 pid
  before=$(database_hash main app)
  as_pg "$OPS_HOME/bin/restore-database" --database app --yes 2>"$CLUSTER_BASE/messages" </dev/null 3>&- &
  local job=$!
  wait_until 20 scratch_database_is_there
  pid=$(cluster_sql main postgres "select substring(datname from '[0-9]+\$') from pg_database where datname like 'ops\_restore%'")
  kill -TERM "$pid"
  wait "$job" || code=$?
  cat "$CLUSTER_BASE/messages"
  [ "$code" -eq 143 ]
  grep -q 'interrupted by SIGTERM' "$CLUSTER_BASE/messages"
  [ "$(database_hash main app)" = "$before" ]
  no_remains
}

scratch_database_is_there() { [[ "$(cluster_sql main postgres "select count(*) from pg_database where datname like 'ops\_restore%'")" == 1 ]]; }

@test "dry-run proves the backup and changes nothing" {
  run ops restore-database --database app --dry-run
  [ "$status" -eq 0 ]
  [[ "$output" == *"every byte proven"*"will take the place of app"* ]]
  [ "$(cluster_sql main postgres "select count(*) from pg_database where datname like 'app%'")" -eq 1 ]
}

@test "rehearsed: restored, compared, dropped again, and recorded with its time" {
  run ops restore-database --database app --rehearse
  [ "$status" -eq 0 ]
  [ "$(run_state drill app)" = ok ]
  [ "$(jq '.runs[] | select(.kind == "drill") | .rtoSeconds > 0' "$OPS_STATE_DIR/status.json")" = true ]
  no_remains
  run ops list-backups --json
  [ "$(jq 'map(select(.database == "app")) | .[-1].predictedRestoreSeconds > 0' <<<"$output")" = true ]
}

@test "a drill whose restore was killed is not reported as a good one" {
  local code=0 job
  ops restore-drill --logical --json - >"$CLUSTER_BASE/report" 2>"$CLUSTER_BASE/messages" 3>&- &
  job=$!
  wait_until 30 restore_of_drill
  kill -KILL "$(restore_of_drill)"
  wait "$job" || code=$?
  cat "$CLUSTER_BASE/messages" "$CLUSTER_BASE/report"
  [ "$code" -eq 68 ]
  [ "$(jq '.drills[] | select(.database == "app") | .ok' "$CLUSTER_BASE/report")" = false ]
  cluster_sql main postgres 'select 1'
}

restore_of_drill() { pgrep -f "$OPS_HOME/bin/restore-database --database app --rehearse" | sort -n | head -n 1 | grep .; }

@test "a role that is missing on the server is named; --no-owner does without it" {
  cluster_sql main postgres 'alter database app owner to postgres; drop owned by owner_of_app; drop role owner_of_app'
  run ops restore-database --database app --into app_copy
  [ "$status" -eq 66 ]
  [[ "$output" == *owner_of_app*globals* ]]
  run ops restore-database --database app --into app_copy --no-owner
  [ "$status" -eq 0 ]
  as_of_backup app_copy
}

@test "what is not there, and what makes no sense, is told" {
  run ops restore-database --database nowhere
  [ "$status" -eq 66 ]
  run ops restore-database --database app --backup 20010101T000000Z
  [ "$status" -eq 66 ]
  run ops restore-database --database app --backup ../../../etc
  [ "$status" -eq 66 ]
  run ops restore-database
  [ "$status" -eq 64 ]
  run ops restore-database --database app --into "$(printf 'x%.0s' {1..64})"
  [ "$status" -eq 64 ]
  run ops restore-database --database app --from-s3
  [ "$status" -eq 78 ]
}
