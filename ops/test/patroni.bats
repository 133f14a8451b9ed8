#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 patroni=patroni etcd=etcd-server jq=jq curl=curl
# The Patroni example under a write load: what it survives, how long writers wait, and that nothing acknowledged is lost.
# Each test begins and ends with a whole cluster. The times are printed, as they depend on the machine.

setup_file() {
  load lib/cluster
  load lib/patroni
  patroni_begin
}

teardown_file() {
  load lib/cluster
  load lib/patroni
  patroni_end
}

setup() {
  load lib/cluster
  load lib/patroni
  load lib/load
  URL=$(on_cluster url)
  LOAD=$CLUSTER_BASE/load-$BATS_TEST_NUMBER
  wait_until 90 is_whole
  TABLE=load_$BATS_TEST_NUMBER
  on_node "$(on_cluster leader)" -c "create table $TABLE (id bigint primary key, made timestamptz not null default clock_timestamp())"
  load_start "$LOAD" "$URL" "$TABLE"
}

teardown() {
  local node
  # What a failed test has left broken must not break the next one
  for node in a b c; do
    on_cluster thaw "$node"
    on_cluster revive "$node"
  done
  if [[ -n ${LOAD:-} ]]; then load_stop "$LOAD"; fi
}

port_of() { awk -v node="$1" '$1 == node { print $2 }' "$CLUSTER_BASE/patroni/ports"; }

# One session of the application with one node, whatever its role
on_port() { # PORT PSQL-OPTION...
  local port=$1
  shift
  "$PG_BIN/psql" "host=127.0.0.1 port=$port user=app dbname=app passfile='$CLUSTER_BASE/patroni/pgpass' connect_timeout=2" \
    -XqAt -v ON_ERROR_STOP=1 "$@"
}

on_node() { # NODE PSQL-OPTION...
  local node=$1
  shift
  on_port "$(port_of "$node")" "$@"
}

# To be called as the last thing: the load has gone on, the cluster is whole, all nodes have the same
expect_nothing_lost() { # SINCE WHAT
  load_flows "$LOAD" 100
  wait_until 90 is_whole
  load_stop "$LOAD"
  LOST=$(load_lost "$LOAD" "$URL" "$TABLE")
  echo "# $2: writers waited $(load_outage "$LOAD" "$1") s; $(load_count "$LOAD") rows acknowledged, $LOST of them lost" >&3
  wait_until 30 nodes_agree
  [[ $LOST == 0 ]]
}

nodes_agree() {
  local node
  [[ $(for node in a b c; do
    on_node "$node" -c "select count(*), md5(string_agg(t::text, ',' order by id)) from $TABLE t"
  done | sort -u | wc -l) == 1 ]]
}

@test "an orderly switchover" {
  local leader since
  leader=$(on_cluster leader)
  since=$EPOCHREALTIME
  on_cluster switchover
  leader_is_another_than "$leader"
  expect_nothing_lost "$since" "switchover"
}

@test "the primary's whole node dies, its etcd member too, and comes back" {
  local leader since
  leader=$(on_cluster leader)
  since=$EPOCHREALTIME
  on_cluster kill "$leader"
  load_flows "$LOAD" 100
  leader_is_another_than "$leader"
  since_revival=$SECONDS
  on_cluster revive "$leader"
  wait_until 90 is_whole
  echo "# the dead node was a standby again $((SECONDS - since_revival)) s after its start" >&3
  expect_nothing_lost "$since" "dead node"
}

@test "only the primary's postmaster dies" {
  local leader since
  leader=$(on_cluster leader)
  since=$EPOCHREALTIME
  on_cluster kill-postgres "$leader"
  expect_nothing_lost "$since" "dead postmaster"
}

@test "the primary's node freezes, is replaced, and wakes up as if nothing had happened" {
  local leader since
  leader=$(on_cluster leader)
  since=$EPOCHREALTIME
  on_cluster freeze "$leader"
  wait_until 60 leader_is_another_than "$leader"
  load_flows "$LOAD" 100
  on_cluster thaw "$leader"
  expect_nothing_lost "$since" "frozen node"
}

# As where systemd is not there to end the PostgreSQL of a dead Patroni before another node is promoted.
@test "only the primary's Patroni dies: the one it leaves behind acknowledges nothing more, and nothing is lost when it is back" {
  local leader since old answer
  leader=$(on_cluster leader)
  old=$(port_of "$leader")
  since=$EPOCHREALTIME
  on_cluster kill-patroni "$leader"
  wait_until 60 leader_is_another_than "$leader"
  # Two primaries: the old one takes the row, but waits for a standby that has left, for ever.
  [[ $(on_port "$old" -c 'select pg_is_in_recovery()') == f ]]
  run timeout -s KILL 3 "$BASH" -c "$(declare -f on_port); $(declare -p PG_BIN CLUSTER_BASE); on_port $old -c 'insert into $TABLE (id) values (-1) returning id'"
  [[ $status == 137 && $output != *-1* ]]
  # A client that goes by "writable" may sit there until somebody ends the old one; the new one works.
  on_node "$(on_cluster leader)" -c "insert into $TABLE (id) values (-2)"
  on_cluster revive "$leader"
  expect_nothing_lost "$since" "dead Patroni, until it was started again"
  [[ $(on_port "$old" -c "select count(*) from $TABLE where id = -1") == 0 ]]
  [[ $(on_port "$old" -c "select count(*) from $TABLE where id = -2") == 1 ]]
}

@test "the whole of etcd dies: the primary stays, and stays writable, beyond the life of its key" {
  local leader since node
  leader=$(on_cluster leader)
  since=$EPOCHREALTIME
  for node in a b c; do on_cluster kill-etcd "$node"; done
  wait_until 40 seconds_are_over "$((SECONDS + 25))"
  [[ $(on_node "$leader" -c 'select pg_is_in_recovery()') == f ]]
  load_flows "$LOAD" 100
  for node in a b c; do on_cluster revive "$node"; done
  expect_nothing_lost "$since" "etcd away for 25 s"
  [[ $(on_cluster leader) == "$leader" ]]
}

seconds_are_over() { ((SECONDS >= $1)); }
