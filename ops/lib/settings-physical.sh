# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Settings of the physical backups, the archive, the stream and the drills.

setting OPS_PHYSICAL_ENGINE enum:none:pgbackrest:core none
setting OPS_PG_DATA newdir ''
setting OPS_PHYSICAL_REPO newdir /var/backups/db-resilience/physical
setting OPS_STANZA text main
setting OPS_PHYSICAL_JOBS int:1:64 2
setting OPS_PHYSICAL_COMPRESS enum:none:gz:lz4:zst zst
setting OPS_PGBACKREST_OPTIONS_FILE private ''
setting OPS_RETENTION_FULL_DAYS int:1:36500 30
setting OPS_RETENTION_INCREMENTAL_HOURS int:1:876000 48
setting OPS_RETENTION_WAL_DAYS int:1:36500 7
setting OPS_ARCHIVE_TIMEOUT int:0:86400 60
setting OPS_ARCHIVE_MAX_AGE int:1:86400 300
setting OPS_STREAM enum:off:asynchronous:synchronous asynchronous
setting OPS_STREAM_DIR newdir /var/backups/db-resilience/stream
setting OPS_STREAM_SLOT text db_resilience_stream
setting OPS_STREAM_SLOT_LIMIT_MB int:64:100000000 10240
setting OPS_STREAM_ROLE text ''
setting OPS_SCRATCH_DIR newdir ''
setting OPS_SCRATCH_SETTINGS_FILE file ''
setting OPS_RECOVERY_TIMEOUT int:1:604800 3600
setting OPS_DRILL_ASSERTIONS dir ''
setting OPS_RTO_TARGET_SECONDS int:1:604800 3600

check_physical_settings() {
  if [[ ! "$OPS_STANZA" =~ ^[A-Za-z0-9_-]{1,40}$ ]]; then
    config_error "OPS_STANZA=$(shown "$OPS_STANZA") may have letters, digits, _ and - only, 40 at most"
  fi
  if [[ ! "$OPS_STREAM_SLOT" =~ ^[a-z0-9_]{1,63}$ ]]; then
    config_error "OPS_STREAM_SLOT=$(shown "$OPS_STREAM_SLOT") may have lower case letters, digits and _ only"
  fi
  local name
  for name in OPS_PHYSICAL_ENGINE OPS_PHYSICAL_REPO OPS_PHYSICAL_JOBS OPS_PHYSICAL_COMPRESS OPS_RETENTION_FULL_DAYS OPS_ARCHIVE_TIMEOUT \
    OPS_RETENTION_INCREMENTAL_HOURS OPS_RETENTION_WAL_DAYS OPS_ARCHIVE_MAX_AGE OPS_STREAM OPS_STREAM_DIR OPS_STREAM_SLOT_LIMIT_MB \
    OPS_RECOVERY_TIMEOUT OPS_RTO_TARGET_SECONDS; do
    if [[ -z "${!name}" ]]; then config_error "$name must not be empty"; fi
  done
  # These end up in commands that the server runs, where % and line breaks have a meaning
  for name in OPS_PG_DATA OPS_PHYSICAL_REPO OPS_STREAM_DIR OPS_SCRATCH_DIR; do
    if [[ "${!name}" == *[%\'\"\\]* ]]; then config_error "$name must not contain %, quotes or backslashes"; fi
  done
  if [[ "$OPS_PHYSICAL_ENGINE" != none && -z "$OPS_PG_DATA" ]]; then
    config_error "OPS_PHYSICAL_ENGINE=$OPS_PHYSICAL_ENGINE needs OPS_PG_DATA, the data directory"
  fi
  # Deleting the one must never delete the other
  if [[ -n "$OPS_PG_DATA" && ("$OPS_PHYSICAL_REPO/" == "${OPS_PG_DATA%/}/"* || "$OPS_STREAM_DIR/" == "${OPS_PG_DATA%/}/"*) ]]; then
    config_error "OPS_PHYSICAL_REPO and OPS_STREAM_DIR must not be inside OPS_PG_DATA"
  fi
  OPS_SCRATCH_DIR=${OPS_SCRATCH_DIR:-$OPS_WORK_DIR}
}
CONFIG_CHECKS+=(check_physical_settings)
