#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15
# Promotion of a standby: with and without its primary, under load; and every way in which it has to be refused.

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
  load lib/load
  load lib/replication
  restore_state
  LOAD=$CLUSTER_BASE/load-$BATS_TEST_NUMBER
  DATA=$(cluster_data b)
  OLD=$(cluster_data a)
}

teardown() {
  load_stop "$LOAD"
  stop_all
}

@test "synchronous: the primary is killed under load, no acknowledged row is lost, the old primary comes back" {
  on a setup-replication primary --synchronous a,b --yes
  load_start "$LOAD" "$(both)" load
  cluster_kill9 a
  local since=$EPOCHREALTIME
  run ops failover --data "$DATA" --old-data "$OLD" --yes
  echo "$output"
  [[ $status == 0 && $output == *"so will those of this one"* && $output == *"commits wait"* ]]
  local promoted=${output#*promoted in }
  run rejoin a b
  echo "$output"
  [[ $status == 0 && $output == *"is a standby again"* ]]
  load_flows "$LOAD" 200
  load_stop "$LOAD"
  local lost
  lost=$(load_lost "$LOAD" "$(both)" load)
  echo "# killed primary: promoted in ${promoted%% s*} s, writers waited $(load_outage "$LOAD" "$since") s from the call of failover until the rejoin, $(load_count "$LOAD") rows acknowledged, $lost lost" >&3
  [[ $lost == 0 ]]
  is_replica a
  wait_until 20 caught_up a b
  same_content a b
  [[ "$(cluster_sql b postgres "select sync_state from pg_stat_replication where application_name = 'a'")" == quorum ]]
}

@test "a switchover under load hands over everything, asynchronous too" {
  load_start "$LOAD" "$(both)" load
  local since=$EPOCHREALTIME
  run ops failover --data "$DATA" --old-data "$OLD" --yes
  echo "$output"
  [[ $status == 0 && $output == *"old primary: answers"* && $output == *"has every transaction"* ]]
  load_flows "$LOAD" 200
  run rejoin a b
  echo "$output"
  [[ $status == 0 && $output == *"nothing to rewind"* ]]
  load_stop "$LOAD"
  local lost
  lost=$(load_lost "$LOAD" "$(both)" load)
  echo "# switchover: writers waited $(load_outage "$LOAD" "$since") s, $(load_count "$LOAD") rows acknowledged, $lost lost" >&3
  [[ $lost == 0 ]]
  wait_until 20 caught_up a b
  same_content a b
}

@test "the old primary, started again by whatever starts it, accepts no writes" {
  cluster_kill9 a
  ops failover --data "$DATA" --old-data "$OLD" --yes
  cluster_start a
  is_replica a
  run cluster_sql a postgres 'insert into load (id) values (1)'
  [[ $status != 0 && $output == *"read-only"* ]]
  cluster_sql b postgres 'insert into load (id) values (1)'
}

@test "a service name, or an address, in the environment does not lead to another server than the one in the directory" {
  printf '[elsewhere]\nhost=%s\nport=%s\nuser=postgres\n' "$CLUSTER_BASE/s" "$(cluster_port a)" | as_pg tee "$CLUSTER_BASE/services" >/dev/null
  export PGSERVICE=elsewhere PGSERVICEFILE=$CLUSTER_BASE/services PGHOSTADDR=127.0.0.1
  expect 0 "promoted in" ops failover --data "$DATA" --old-data "$OLD" --yes
  expect 0 "is a standby again" rejoin a b
  unset PGSERVICE PGSERVICEFILE PGHOSTADDR
  is_primary b
  is_replica a
}

@test "refused without a fence, and with a fence that is only claimed" {
  expect 64 "how is the old primary kept from writing" ops failover --data "$DATA" --yes
  expect 77 "still answers: it is not fenced" ops failover --data "$DATA" --fenced --yes
  expect 78 "OPS_FENCE_COMMAND" ops failover --data "$DATA" --fence --yes
  OPS_FENCE_COMMAND='echo the switch is broken; exit 3' expect 70 "the switch is broken" ops failover --data "$DATA" --fence --yes
  OPS_FENCE_COMMAND=true expect 77 "still answers after it was fenced" ops failover --data "$DATA" --fence --yes
  is_primary a
  is_replica b
}

@test "refused while the old primary lives, whatever keeps it from answering: TLS that it has not, a shutdown that waits for its sessions" {
  PGSSLMODE=require expect 77 "still answers: it is not fenced" ops failover --data "$DATA" --fenced --yes
  OPS_FENCE_COMMAND=true PGSSLMODE=require expect 77 "still answers after it was fenced" ops failover --data "$DATA" --fence --yes
  is_replica b
  cluster_psql a postgres -q -c 'select pg_sleep(60)' >/dev/null 2>&1 3>&- &
  wait_until 10 session_sleeps
  as_pg "$PG_BIN/pg_ctl" stop -s -W -m smart -D "$OLD"
  wait_until 10 is_shutting_down
  expect 77 "still answers: it is not fenced" ops failover --data "$DATA" --fenced --yes
  OPS_FENCE_COMMAND=true expect 77 "still starting up or shutting down" ops failover --data "$DATA" --fence --yes
  is_replica b
}

session_sleeps() { [[ "$(cluster_sql a postgres "select count(*) from pg_stat_activity where wait_event = 'PgSleep'")" == 1 ]]; }

is_shutting_down() { cluster_sql a postgres 'select 1' 2>&1 | grep -q 'shutting down'; }

@test "refused unless confirmed, and --dry-run changes nothing" {
  expect 77 "no terminal to ask on" ops failover --data "$DATA" --old-data "$OLD"
  expect 0 "old primary: answers" ops failover --data "$DATA" --dry-run
  is_primary a
  is_replica b
  [[ ! -e $OLD/standby.signal ]]
}

@test "refused for what is not a standby of this primary" {
  make_primary other
  expect 77 "another cluster" ops failover --data "$DATA" --old-data "$(cluster_data other)" --yes
  expect 77 "is a primary already" ops failover --data "$OLD" --old-data "$DATA" --yes
  expect 64 "the same directory" ops failover --data "$DATA" --old-data "$DATA" --yes
  expect 66 "no directory" ops failover --data "$DATA/no'thing" --fenced --yes
  expect 66 "not the data directory" ops failover --data "$CLUSTER_BASE" --fenced --yes
  expect 64 "one of --old-data, --fence and --fenced" ops failover --data "$DATA" --fence --fenced
  cluster_stop b
  expect 77 "is not running" ops failover --data "$DATA" --old-data "$OLD" --yes
  is_primary a
}

@test "refused when another standby has more" {
  make_standby c a
  cluster_stop b
  cluster_sql a postgres 'insert into load (id) select generate_series(1, 1000)'
  wait_until 20 caught_up c a
  cluster_kill9 a
  cluster_start b
  local other
  other="host=127.0.0.1 port=$(cluster_port c) user=postgres dbname=postgres"
  expect 77 "ahead" ops failover --data "$DATA" --other "$other" --old-data "$OLD" --yes
  is_replica b
  expect 0 "promoted in" ops failover --data "$(cluster_data c)" --other "host=127.0.0.1 port=$(cluster_port b) user=postgres dbname=postgres" \
    --old-data "$OLD" --yes
  [[ "$(cluster_sql c postgres 'select count(*) from load')" == 1000 ]]
}

@test "the transactions that only the old primary has are counted before they are lost" {
  cluster_stop b
  local id
  for id in 1 2 3; do cluster_sql a postgres "insert into load (id) values ($id)"; done
  cluster_kill9 a
  cluster_start b
  expect 77 "confirmation" ops failover --data "$DATA" --old-data "$OLD"
  expect 0 "3 transactions are committed on the old primary and not on this standby" ops failover --data "$DATA" --old-data "$OLD" --yes
  [[ "$(cluster_sql b postgres 'select count(*) from load')" == 0 ]]
}

@test "what cannot be counted, as the old primary has removed that WAL, is not said to be nothing" {
  cluster_stop b
  cluster_sql a postgres "alter system set max_slot_wal_keep_size = '1MB'"
  cluster_sql a postgres "alter system set wal_keep_size = 0"
  cluster_sql a postgres 'select pg_reload_conf()' >/dev/null
  local id
  for id in {1..12}; do cluster_sql a postgres "insert into load (id) values ($id); select pg_switch_wal()" >/dev/null; done
  cluster_sql a postgres 'checkpoint'
  cluster_sql a postgres 'insert into load (id) values (13)'
  cluster_kill9 a
  cluster_start b
  run ops failover --data "$DATA" --old-data "$OLD" --yes
  echo "$output"
  [[ $status == 0 && $output == *"cannot be counted"* && $output != *"has every transaction"* ]]
  [[ "$(cluster_sql b postgres 'select count(*) from load')" == 0 ]]
}

@test "a fence command that works; nobody synchronous left, and --asynchronous" {
  ops setup-replication standby --data "$DATA" --from "$(at a)" --name b --synchronous a,b --yes
  export OPS_FENCE_COMMAND="'$PG_BIN/pg_ctl' stop -s -w -m immediate -D '$OLD'"
  expect 0 "is empty now" ops failover --data "$DATA" --fence --asynchronous --yes
  cluster_sql b postgres 'insert into load (id) values (1)'
}
