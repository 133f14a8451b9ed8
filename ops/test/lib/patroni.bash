# SPDX-License-Identifier: Apache-2.0
#
# The Patroni example as a test uses it: one cluster for a file, whole before and after each test.
#
#   patroni_begin, patroni_end   for setup_file and teardown_file
#   on_cluster COMMAND...        local-cluster
#   is_whole                     three nodes run, one of them as the synchronous standby, on one timeline
#   leader_is_another_than NODE

patroni_begin() {
  clusters_begin
  on_cluster start >&2
}

patroni_end() {
  if [[ -n ${CLUSTER_BASE:-} && -d $CLUSTER_BASE/patroni ]]; then on_cluster stop >&2; fi
  clusters_end
}

on_cluster() {
  as_pg env PG_BIN="$PG_BIN" "$OPS_HOME/patroni/local-cluster" --dir "$CLUSTER_BASE/patroni" "$@" 3>&-
}

is_whole() {
  local status
  status=$(on_cluster status) || return 1
  [[ $(grep -c running <<<"$status") == 3 && $(grep -c sync_standby <<<"$status") == 1 &&
    $(grep -o 'timeline [0-9]*' <<<"$status" | sort -u | wc -l) == 1 ]]
}

leader_is_another_than() {
  local leader
  leader=$(on_cluster leader) && [[ $leader != "$1" ]]
}
