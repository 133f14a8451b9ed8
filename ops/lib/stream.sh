# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The stream: pg_receivewal on a slot that cannot fill the server's disk, looked after.

readonly STREAM_APPLICATION=db_resilience_stream

stream_conninfo() { printf "application_name=%s connect_timeout=10" "$STREAM_APPLICATION"; }

# A command of the replication protocol
replication_command() {
  "$(server_program psql)" -X -w -q -A -t -F ' ' --dbname="$(conninfo postgres) replication=true" -c "$1"
}

# stream_prepare: the directory, the slot, and no segment in the way that the server's timeline does not lead to
stream_prepare() {
  local answer
  if [[ "$OPS_STREAM" == off ]]; then return 0; fi
  (umask 077 && mkdir -p -- "$OPS_STREAM_DIR") || die "$E_SPACE" "OPS_STREAM_DIR=$(shown "$OPS_STREAM_DIR") cannot be made by $(id -un)"
  answer=$(replication_command 'IDENTIFY_SYSTEM' 2>&1) ||
    die "$E_DATABASE" "no replication connection: ${answer//$'\n'/ }" \
      "The role needs REPLICATION, and pg_hba.conf a line: host replication <role> <address> scram-sha-256 (or: local replication <role> peer)."
  stream_same_system "$(cut -d' ' -f1 <<<"$answer")"
  stream_set_aside "$(cut -d' ' -f2 <<<"$answer")"
  stream_make_slot
}

# One directory is for one cluster
stream_same_system() {
  local file="$OPS_STREAM_DIR/system-identifier"
  if [[ ! -s "$file" ]]; then
    printf '%s\n' "$1" >"$file"
  elif [[ "$(<"$file")" != "$1" ]]; then
    die "$E_REFUSED" "OPS_STREAM_DIR=$(shown "$OPS_STREAM_DIR") holds the WAL of another cluster ($(<"$file"), not $1)" "Give another directory."
  fi
}

# stream_set_aside TIMELINE: after a failover or a restore in place, the old timeline's segments from the fork on lead nowhere, and
# pg_receivewal would ask the server to go on from them
stream_set_aside() {
  local parent switch number file name per_log=$((4294967296 / $(wal_segment_bytes)))
  if (($1 < 2)); then return 0; fi
  replication_command "TIMELINE_HISTORY $1" >"$OPS_TMP/history" || return 0
  while read -r parent switch; do
    number=$(($(lsn_number "$switch") / $(wal_segment_bytes)))
    for file in "$OPS_STREAM_DIR/$(printf '%08X' "$parent")"????????????????{,.partial}; do
      name=${file##*/}
      if [[ -f "$file" ]] && ((16#${name:8:8} * per_log + 16#${name:16:8} >= number)); then
        mkdir -p -- "$OPS_STREAM_DIR/abandoned"
        mv -f -- "$file" "$OPS_STREAM_DIR/abandoned/"
        log "the timeline has changed: $name is now in $(shown "$OPS_STREAM_DIR/abandoned")"
      fi
    done
  done < <(grep -oE '(^| )[0-9]+[[:space:]]+[0-9A-F]+/[0-9A-F]+' "$OPS_TMP/history")
}

# stream_make_slot: when there is none, or one that has lost WAL, a new one. pg_receivewal goes on after the newest segment that it sees; the
# server may no longer have that, so what was received so far is moved where pg_receivewal does not look, and recoveries do.
stream_make_slot() {
  local status
  status=$(sql "$PGDATABASE" -v slot="$OPS_STREAM_SLOT" <<<"select coalesce(wal_status, 'unused') from pg_replication_slots where slot_name = :'slot'")
  if [[ -n "$status" && "$status" != lost ]]; then return 0; fi
  if [[ "$status" == lost ]]; then
    warn "the slot $OPS_STREAM_SLOT has lost WAL (the receiver was away too long); it is made anew. Make a full backup soon: the stream has a hole"
    sql "$PGDATABASE" -v slot="$OPS_STREAM_SLOT" <<<"select pg_drop_replication_slot(:'slot')" >/dev/null
  fi
  mkdir -p -- "$OPS_STREAM_DIR/kept"
  find -H "$OPS_STREAM_DIR" -maxdepth 1 -regextype posix-extended -regex '.*/[0-9A-F]{24}(\.partial)?' -exec mv -f -t "$OPS_STREAM_DIR/kept" -- {} +
  # Reserved at once: what is written from now on is kept for us
  sql "$PGDATABASE" -v slot="$OPS_STREAM_SLOT" <<<"select pg_create_physical_replication_slot(:'slot', true)" >/dev/null ||
    die "$E_FAILED" "the slot $OPS_STREAM_SLOT could not be made" "The role needs REPLICATION, and the server a free max_replication_slots."
  log "made the slot $OPS_STREAM_SLOT"
}

stream_drop_slot() {
  sql "$PGDATABASE" -v slot="$OPS_STREAM_SLOT" <<<"
    select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = :'slot' and not active" >/dev/null ||
    warn "the slot $OPS_STREAM_SLOT could not be dropped: stop stream-wal, then: select pg_drop_replication_slot('$OPS_STREAM_SLOT')"
}

# stream_receive: pg_receivewal, until it ends
stream_receive() {
  local -a options=()
  if [[ "$OPS_STREAM" == synchronous ]]; then options+=(--synchronous); fi
  run_child "$(server_program pg_receivewal)" --directory="$OPS_STREAM_DIR" --slot="$OPS_STREAM_SLOT" --no-loop --no-password \
    --status-interval=1 "${options[@]}" --dbname="$(stream_conninfo)" 2>"$OPS_TMP/receive-errors"
}

# Segments that the archive has for an hour are not needed twice. Of an earlier timeline some may never have reached it, as the server that
# was to archive them died: those stay until no backup needs them. Where the stream is the archive, retention decides, and every
# finished segment gets a checksum.
stream_thin_out() {
  local archived file name days=$((OPS_RETENTION_FULL_DAYS + OPS_RETENTION_WAL_DAYS))
  if [[ "$OPS_PHYSICAL_ENGINE" == core ]]; then
    stream_seal
    return 0
  fi
  archived=$(sql "$PGDATABASE" <<<"select last_archived_wal from pg_stat_archiver where last_archived_wal ~ '^[0-9A-F]{24}\$'" 2>/dev/null) || return 0
  [[ -n "$archived" ]] || return 0
  while IFS= read -r -d '' file; do
    name=${file##*/}
    if [[ ! "$name" =~ $WAL_NAME || "$name" > "$archived" ]]; then continue; fi
    if [[ "${name:0:8}" == "${archived:0:8}" || -n "$(find "$file" -mtime "+$days")" ]]; then rm -f -- "$file"; fi
  done < <(find -H "$OPS_STREAM_DIR" -maxdepth 2 -not -path '*/abandoned/*' -type f -mmin +60 -print0)
}
