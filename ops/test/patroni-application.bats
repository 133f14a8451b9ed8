#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 patroni=patroni etcd=etcd-server jq=jq curl=curl java=openjdk-17-jre-headless
# The sample application, with the starter in it, on the Patroni example: clients post transfers over HTTP while the cluster changes hands.
# The application's jar is made by "mvn -pl sample-app -am package", which "mvn verify" has done before.

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
  load lib/http-load
  local jar=("$OPS_HOME"/../sample-app/target/db-resilience-sample-app-*.jar)
  [[ -f ${jar[0]} ]] || skip "the sample application (mvn -pl sample-app -am package -DskipTests)"
  wait_until 90 is_whole
  LOAD=$CLUSTER_BASE/http-$BATS_TEST_NUMBER
  application_start "${jar[0]}"
  http_load_start "$LOAD" "$APPLICATION"
}

teardown() {
  local node
  for node in a b c; do on_cluster revive "$node"; done
  if [[ -n ${LOAD:-} ]]; then http_load_stop "$LOAD"; fi
  application_stop
}

# Each test has a schema of its own in the database: what one has moved does not count for the next
application_start() { # JAR
  local port
  port=$(free_port)
  on_cluster env >"$CLUSTER_BASE/application.env"
  (
    set -a
    # shellcheck source=/dev/null
    source "$CLUSTER_BASE/application.env"
    export DB_URL="$DB_URL&currentSchema=test_$BATS_TEST_NUMBER" SERVER_PORT="$port" DB_RESILIENCE_RETRY_MAXDURATION=30s \
      DB_RESILIENCE_COMMITOUTCOME_MAXWAIT=30s
    PGPASSWORD=$DB_PASSWORD "$PG_BIN/psql" -Xqc "create schema test_$BATS_TEST_NUMBER" "$(on_cluster url)" || exit
    exec java -Xmx256m -jar "$1"
  ) >"$CLUSTER_BASE/application.log" 2>&1 3>&- &
  APPLICATION_PID=$!
  APPLICATION=http://localhost:$port
  wait_until 120 curl --silent --fail "$APPLICATION/actuator/health/liveness" || {
    tail -n 40 "$CLUSTER_BASE/application.log" >&2
    return 1
  }
}

application_stop() {
  if [[ -n ${APPLICATION_PID:-} ]]; then
    kill "$APPLICATION_PID" 2>/dev/null || true
    wait "$APPLICATION_PID" || true
  fi
}

# To be called as the last thing: no client was refused, but for being told that the outcome of its COMMIT is not known; every transfer is
# there once, and the books are balanced
expect_each_once() { # SINCE WHAT
  local refused confirmed check
  http_load_flows "$LOAD" 50
  http_load_stop "$LOAD"
  wait_until 90 is_whole
  confirmed=$(http_load_count "$LOAD")
  refused=$(http_load_refused "$LOAD")
  echo "# $2: clients waited $(http_load_outage "$LOAD" "$1") s, the slowest request took $(http_load_slowest "$LOAD") s;" \
    "$confirmed transfers confirmed, refused and sent again: ${refused:-none}" >&3
  check=$(curl --silent --fail --max-time 30 "$APPLICATION/api/ledger/check")
  [[ $(jq .balanced <<<"$check") == true ]]
  [[ $(jq .transfers <<<"$check") == "$confirmed" ]]
  [[ -z $refused || $refused =~ ^503:outcome-unknown\ [0-9]+\ times\ $ ]]
}

@test "an orderly switchover" {
  local leader since
  leader=$(on_cluster leader)
  since=$EPOCHREALTIME
  on_cluster switchover
  leader_is_another_than "$leader"
  expect_each_once "$since" "switchover"
}

@test "the primary's whole node is killed, its etcd member too" {
  local leader since
  leader=$(on_cluster leader)
  since=$EPOCHREALTIME
  on_cluster kill "$leader"
  wait_until 60 leader_is_another_than "$leader"
  http_load_flows "$LOAD" 50
  on_cluster revive "$leader"
  expect_each_once "$since" "dead node"
}
