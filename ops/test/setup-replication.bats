#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 pg_ctlcluster=postgresql-common
# A primary is prepared and a standby made; again, interrupted, undone, and with every wrong word.

setup_file() {
  load lib/cluster
  load lib/replication
  replication_begin
  make_primary a --conf max_wal_senders=3
  random_table a postgres '"odd "" table"' 2000
  keep_state a
}

teardown_file() {
  load lib/cluster
  clusters_end
}

setup() {
  load lib/cluster
  load lib/replication
  restore_state
  B=$CLUSTER_BASE/b/data
  as_pg mkdir "$CLUSTER_BASE/b"
}

teardown() {
  stop_all
  as_pg rm -rf "$CLUSTER_BASE/b"
}

standby() { # OPTION...: the right words, unless an option comes again
  ops setup-replication standby --data "$B" --from "$(at a)" --name b --yes "$@"
}

everything_of() { # what setup-replication primary could have changed
  cluster_sql "$1" postgres "select name, setting from pg_settings where source = 'configuration file' and name <> 'primary_conninfo' order by 1"
  cluster_sql "$1" postgres "select rolname, rolreplication from pg_roles where rolname !~ '^pg_' order by 1"
  cat "$(cluster_data "$1")/pg_hba.conf"
}

@test "a standby follows, and both may be run again" {
  prepare a
  make_standby b a
  cluster_sql a postgres 'create table more as select generate_series(1, 1000) i'
  wait_until 20 caught_up b a
  same_content a b
  local before
  before=$(everything_of a)
  expect 0 "is there already" on a setup-replication primary --allow 127.0.0.1/32 --yes
  expect 0 "is a standby of that primary already" standby
  [[ "$(everything_of a)" == "$before" ]]
  [[ "$(cluster_sql a postgres "select slot_name || active from pg_replication_slots")" == btrue ]]
}

@test "the password is in a file that only its owner reads, and nowhere else" {
  run prepare a
  [[ $status == 0 ]]
  prepare a
  make_standby b a
  local file=$OPS_STATE_DIR/replication.pgpass password
  [[ "$(stat -c %a "$file")" == 600 ]]
  password=$(cut -d: -f5 "$file")
  [[ ${#password} == 48 && $output != *"$password"* ]]
  run grep -rls "$password" "$(cluster_log a)" "$(cluster_log b)" "$B"/*.conf "$B"/startup.log "$(cluster_data a)"/*.conf
  [[ $status != 0 && -z $output ]]
  # And it is needed
  as_pg sed -i "s/$password/wrong/" "$file"
  cluster_restart b
  run cluster_sql a postgres "select count(*) from pg_stat_replication"
  wait_until 15 grep -q "password authentication failed" "$(cluster_log b)"
}

@test "--dry-run shows the settings and the lines of pg_hba.conf and changes nothing" {
  local before
  before=$(everything_of a)
  expect 0 "+ max_wal_senders = 10 (after a restart)" on a setup-replication primary --allow 10.1.2.3/32 --dry-run
  [[ $output == *'+hostssl  replication  "replicator" 10.1.2.3/32 scram-sha-256'* ]]
  [[ "$(everything_of a)" == "$before" ]]
  prepare a
  expect 0 "a standby b of" standby --dry-run
  [[ ! -e $B && "$(cluster_sql a postgres 'select count(*) from pg_replication_slots')" == 0 ]]
}

@test "--undo puts everything back" {
  local before
  before=$(everything_of a)
  cluster_sql a postgres "alter system set wal_keep_size = '5MB'"
  on a setup-replication primary --allow 127.0.0.1/32 --yes
  [[ "$(everything_of a)" != "$before" ]]
  expect 0 "undo: setting wal_keep_size = 5MB" on a setup-replication primary --undo --yes
  cluster_sql a postgres "alter system reset wal_keep_size"
  cluster_restart a
  [[ "$(everything_of a)" == "$before" ]]
  expect 66 "nothing to undo" on a setup-replication primary --undo --yes
}

@test "a line of pg_hba.conf that the server cannot read brings the old file back" {
  as_pg tee -a "$(cluster_data a)/pg_hba.conf" <<<'nonsense' >/dev/null
  local before
  before=$(cat "$(cluster_data a)/pg_hba.conf")
  expect 70 "the old one is back" on a setup-replication primary --allow 127.0.0.1/32 --yes
  [[ "$(cat "$(cluster_data a)/pg_hba.conf")" == "$before" ]]
}

@test "wrong words are refused by name, before anything is done" {
  expect 64 "must be primary or standby" ops setup-replication
  expect 64 "unknown option" ops setup-replication primary --frobnicate
  expect 64 "must be a network" on a setup-replication primary --allow "10.0.0.1/32 trust"
  expect 64 "must be a network" on a setup-replication primary --allow $'all\nhost all all all trust'
  expect 64 "exclude each other" on a setup-replication primary --synchronous b --asynchronous
  expect 64 "names of standbys" on a setup-replication primary --synchronous 'b"); drop'
  expect 64 "names the replication slot" standby --name "B'; drop"
  expect 64 "must look like HOST:PORT" standby --from "host='x' port=1"
  expect 64 "must look like HOST:PORT" standby --from 127.0.0.1:99999
  expect 64 "must be a number" standby --port 99999
  expect 64 "absolute path" standby --data relative
  OPS_REPLICATION_USER='x y' expect 78 "plain role name" standby
  [[ "$(cluster_sql a postgres 'select count(*) from pg_replication_slots')" == 0 ]]
}

@test "what is not there or does not fit is told with its mend" {
  expect 69 "setup-replication primary there" standby
  prepare a
  expect 69 "cannot be used as replicator" standby --from 127.0.0.1:1
  as_pg cp "$OPS_STATE_DIR/replication.pgpass" "$CLUSTER_BASE/w/wrong"
  as_pg sed -i 's/:[^:]*$/:wrong/' "$CLUSTER_BASE/w/wrong"
  OPS_REPLICATION_PASSFILE=$CLUSTER_BASE/w/wrong expect 69 "password authentication failed" standby
  as_pg mkdir "$B"
  as_pg touch "$B/something"
  expect 77 "is not empty" standby
  as_pg rm -r "$B"
  expect 66 "there is no directory" standby --data "$CLUSTER_BASE/not here/data"
  OPS_FREE_SPACE_MARGIN_MB=100000000 expect 73 "are needed" standby
  expect 77 "is streaming" on a setup-replication primary --synchronous b --yes
  [[ ! -e $B && "$(cluster_sql a postgres 'select count(*) from pg_replication_slots')" == 0 ]]
}

@test "interrupted in the base backup it leaves neither a directory nor a slot" {
  prepare a
  local checkpointer script code=0
  # A primary that cannot make a checkpoint keeps the base backup waiting
  checkpointer=$(cluster_sql a postgres "select pid from pg_stat_activity where backend_type = 'checkpointer'")
  kill -STOP "$checkpointer"
  standby >"$CLUSTER_BASE/w.log" 2>&1 &
  script=$!
  wait_until 20 waits_for_base_backup
  kill -TERM "$(pgrep -f "setup-replication standby --data $B" | head -n 1)"
  kill -CONT "$checkpointer"
  wait "$script" || code=$?
  cat "$CLUSTER_BASE/w.log"
  [[ $code == 143 ]]
  [[ -z "$(ls -A "$CLUSTER_BASE/b")" ]]
  [[ "$(cluster_sql a postgres 'select count(*) from pg_replication_slots')" == 0 ]]
}

waits_for_base_backup() {
  [[ "$(cluster_sql a postgres "select count(*) from pg_stat_progress_basebackup")" == 1 ]]
}

@test "synchronous: a commit waits while the standby is away, and goes on when it is back" {
  prepare a
  make_standby b a
  expect 0 "synchronous: a COMMIT returns once" on a setup-replication primary --synchronous a,b --yes
  cluster_sql a postgres 'create table t (i int)'
  cluster_stop b
  cluster_sql a postgres 'insert into t values (1) returning i' >"$CLUSTER_BASE/answer" 2>&1 3>&- &
  local client=$!
  wait_until 20 commit_waits
  [[ ! -s $CLUSTER_BASE/answer ]]
  cluster_start b
  wait "$client"
  [[ "$(cat "$CLUSTER_BASE/answer")" == 1 ]]
  expect 0 "" on a setup-replication primary --asynchronous --yes
  [[ -z "$(cluster_sql a postgres 'show synchronous_standby_names')" ]]
}

commit_waits() {
  [[ "$(cluster_sql a postgres "select count(*) from pg_stat_activity where wait_event = 'SyncRep'")" == 1 ]]
}

@test "one of Debian's clusters: the configuration is elsewhere" {
  prepare a
  _cluster_register b "$B"
  local etc=$CLUSTER_BASE/b/etc/$OPS_TEST_PG_VERSION/main
  export PG_CLUSTER_CONF_ROOT=$CLUSTER_BASE/b/etc
  # The primary is one of them, too: no configuration among the data
  as_pg mkdir -p "$CLUSTER_BASE/a-etc"
  cluster_stop a
  as_pg mv "$(cluster_data a)"/{postgresql,pg_hba,pg_ident}.conf "$CLUSTER_BASE/a-etc/"
  as_pg "$PG_BIN/pg_ctl" start -s -w -D "$(cluster_data a)" -l "$(cluster_log a)" -o "-c config_file=$CLUSTER_BASE/a-etc/postgresql.conf \
    -c hba_file=$CLUSTER_BASE/a-etc/pg_hba.conf -c ident_file=$CLUSTER_BASE/a-etc/pg_ident.conf" 3>&-
  expect 66 "no cluster of Debian's uses it" standby
  [[ ! -e $B && "$(cluster_sql a postgres 'select count(*) from pg_replication_slots')" == 0 ]]
  as_pg mkdir -p "$etc"
  as_pg cp "$CLUSTER_BASE/a-etc"/*.conf "$etc/"
  as_pg tee -a "$etc/postgresql.conf" >/dev/null <<CONF
data_directory = '$B'
hba_file = '$etc/pg_hba.conf'
ident_file = '$etc/pg_ident.conf'
port = $(cluster_port b)
CONF
  as_pg ln -s "$(cluster_log b)" "$etc/log"
  expect 0 "it follows" standby
  wait_until 20 caught_up b a
  same_content a b
}
