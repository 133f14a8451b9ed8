# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Settings of setup-replication, failover and rejoin-standby.

setting OPS_REPLICATION_USER text replicator
setting OPS_REPLICATION_PASSFILE private ''
setting OPS_REPLICATION_WAL_KEEP_MB int:0:100000000 1024
setting OPS_REPLICATION_SLOT_LIMIT_MB int:64:100000000 10240
setting OPS_FENCE_COMMAND text ''
setting OPS_FAILOVER_TIMEOUT int:1:3600 60

check_replication_settings() {
  if [[ ! "${OPS_REPLICATION_USER:-}" =~ ^[A-Za-z_][A-Za-z0-9_-]{0,62}$ ]]; then
    config_error "OPS_REPLICATION_USER=$(shown "$OPS_REPLICATION_USER") must be a plain role name (letters, digits, _ and -)"
  fi
  local name
  for name in OPS_REPLICATION_WAL_KEEP_MB OPS_REPLICATION_SLOT_LIMIT_MB OPS_FAILOVER_TIMEOUT; do
    if [[ -z "${!name}" ]]; then config_error "$name must not be empty"; fi
  done
}
CONFIG_CHECKS+=(check_replication_settings)
