# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# restore-pitr: into a scratch directory, or in the place of the data directory. Reads the options of the verb.

# A time that cannot be met is refused before anything is restored
check_target_time() {
  local window target
  if [[ "$KIND" != time ]]; then return 0; fi
  window=$(physical_window "$1")
  # shellcheck disable=SC2153
  target=$(date -u -d "$TARGET" +%Y-%m-%dT%H:%M:%SZ)
  if [[ "$target" < "${window% *}" ]]; then
    die "$E_NOT_FOUND" "$TARGET is before the oldest point that can be restored, ${window% *}"
  fi
  if [[ "$target" > "${window#* }" ]]; then
    die "$E_NOT_FOUND" "$TARGET is after the last commit that is kept, ${window#* }" "Take --latest if everything is wanted."
  fi
}

restore_beside() {
  local list=$1 id
  shift
  local directory=${HOME_DIRECTORY:-${OPS_SCRATCH_DIR%/}/restored-$(date -u +%Y%m%dT%H%M%SZ)}
  if [[ -e "$directory" ]]; then die "$E_REFUSED" "$(shown "$directory") exists already" "Give another --target-dir, or remove it."; fi
  if [[ -n "$OPS_DRY_RUN" ]]; then
    printf 'would restore backup %s into %s\n' "$1" "$(shown "$directory")"
    return 0
  fi
  { mkdir -p -- "$(dirname -- "$directory")" && mkdir -m 700 -- "$directory"; } || die "$E_SPACE" "$(shown "$directory") cannot be made by $(id -un)"
  on_cleanup scratch_remove "$directory"
  for id in "$@"; do
    need_space "$directory" "$(backup_bytes "$list" "$id")"
    restore_files "$id" "$directory"
    prepare_recovery "$directory/data" "$KIND" "$TARGET" "$EXCLUSIVE" "$TIMELINE"
    if [[ -z "$START" ]]; then
      forget_cleanup
      printf 'restored, not started: %s\n' "$directory/data"
      return 0
    fi
    scratch_start "$directory"
    if [[ "$RECOVERY" == ok ]]; then
      forget_cleanup
      say_where "$directory"
      return 0
    fi
    log "backup $id does not lead to the target, the one before it is tried"
    find "$directory" -mindepth 1 -delete
  done
  target_unmet
}

say_where() {
  log "recovered: $(scratch_sql template1 <<<"select 'last transaction ' || coalesce(pg_last_xact_replay_timestamp()::text, 'in the backup itself')")"
  printf 'restored and running: %s\n' "$1/data"
  printf 'connect:  psql -h %q -p %s -U %q\n' "$1" "$SCRATCH_PORT" "$SCRATCH_USER"
  printf 'remove:   %q stop -m immediate -D %q && rm -rf %q\n' "$(server_program pg_ctl "$(<"$1/data/PG_VERSION")")" "$1/data" "$1"
}

# restore_in_place LIST IDS...: the old directory is moved aside by a rename and comes back when anything fails
restore_in_place() {
  local list=$1 id kept='' stamp
  shift
  stamp=$(date -u +%Y%m%dT%H%M%SZ)
  local data=${OPS_PG_DATA%/} aside=${OPS_PG_DATA%/}.before-$stamp
  if [[ -n "$OPS_DRY_RUN" ]]; then
    printf 'would stop the server of %s, keep it as %s, and restore backup %s in its place\n' "$(shown "$data")" "$(shown "$aside")" "$1"
    return 0
  fi
  if [[ -L "$data" ]]; then die "$E_REFUSED" "OPS_PG_DATA=$(shown "$data") is a symbolic link" "Set OPS_PG_DATA to where it points."; fi
  need_same_system "$list" "$1"
  refuse_other_server "$data"
  need_space "$(dirname -- "$data")" "$(backup_bytes "$list" "$1")"
  confirm_name "$OPS_STANZA" "The cluster in $(shown "$data") is stopped and replaced by its state at: $KIND ${TARGET:-}."
  lock physical
  if [[ -d "$data" ]] && server_runs "$data"; then
    log "stopping the server"
    cluster_control stop "$data" || die "$E_FAILED" "the server could not be stopped, nothing was changed"
  fi
  if [[ -d "$data" ]]; then
    kept=$aside
    on_cleanup put_back "$data" "$aside" "$data.tablespaces-$stamp"
    mv -T -- "$data" "$aside"
  else
    on_cleanup put_back "$data" '' "$data.tablespaces-$stamp"
  fi
  for id in "$@"; do
    mkdir -m 700 -- "$data"
    log "restoring backup $id into $(shown "$data")"
    engine_restore "$id" "$data" "$data.tablespaces-$stamp"
    prepare_recovery "$data" "$KIND" "$TARGET" "$EXCLUSIVE" "$TIMELINE"
    start_in_place "$data"
    if [[ "$RECOVERY" == ok ]]; then
      forget_cleanup
      finish_in_place "$data" "$kept"
      return 0
    fi
    log "backup $id does not lead to the target, the one before it is tried"
    rm -rf -- "$data" "$data.tablespaces-$stamp"
  done
  target_unmet
}

# What is replaced and what replaces it must be the same cluster
need_same_system() {
  local wanted there
  if [[ ! -f "$OPS_PG_DATA/global/pg_control" ]]; then return 0; fi
  wanted=$(jq -r --arg id "$2" '.[] | select(.id == $id) | .systemId' <<<"$1")
  there=$(system_identifier "$OPS_PG_DATA")
  # Where it came as a number jq has read it as a double, so both are compared as such: digits would differ by the rounding
  if [[ "$(jq -n --arg a "$wanted" --arg b "$there" '($a | tonumber) == ($b | tonumber)')" != true ]]; then
    die "$E_REFUSED" "the cluster in OPS_PG_DATA is another one (system $there) than the one of the backup (system $wanted)" "Correct OPS_PG_DATA or OPS_STANZA."
  fi
}

# refuse_other_server DATA: where PGHOST and PGPORT lead to there is nobody, or the server of DATA; another one would be taken for the restored one
refuse_other_server() {
  local directory
  directory=$(sql "$PGDATABASE" 2>/dev/null <<<"show data_directory") || return 0
  if [[ "$(readlink -m -- "$directory")" != "$(readlink -m -- "$1")" ]]; then
    die "$E_CONFIG" "the server that answers has its data in $(shown "$directory"), not in OPS_PG_DATA=$(shown "$1"); nothing was changed" \
      "Correct PGHOST and PGPORT, or OPS_PG_DATA."
  fi
}

# Nobody is let in before the recovery is over: hot_standby is off for this start
start_in_place() {
  local data=$1 log_file="$OPS_TMP/recovery.log" program
  program=$(server_program pg_ctl "$(<"$data/PG_VERSION")")
  local -a options=()
  local configuration
  configuration=$(debian_configuration "$data")
  if [[ -n "$configuration" ]]; then options+=(-c "config_file=$configuration"); fi
  log "starting it; the recovery runs"
  without_locks "$program" start -s -W -D "$data" -l "$log_file" \
    -o "$(printf '%q ' "${options[@]}" -c hot_standby=off -c logging_collector=off -c log_destination=stderr)" >/dev/null
  recovery_wait "$data" "$log_file" server_is_open
}

server_is_open() { [[ "$(sql "$PGDATABASE" <<<"select pg_is_in_recovery()" 2>/dev/null)" == f ]]; }

debian_configuration() {
  local version name
  read -r version name <<<"$(debian_cluster "$1")" || true
  if [[ -n "$name" ]]; then printf '%s/%s/%s/postgresql.conf' "${PG_CLUSTER_CONF_ROOT:-/etc/postgresql}" "$version" "$name"; fi
}

# The settings of the recovery are taken out again, and the server runs as it always does
finish_in_place() {
  log "recovered; restarting with its own settings"
  "$(server_program pg_ctl "$(<"$1/PG_VERSION")")" stop -s -w -m fast -D "$1"
  forget_recovery_settings "$1"
  cluster_control start "$1" || die "$E_FAILED" "the restored server did not start with its own settings; the old directory is ${2:-gone}" "See its log."
  # The slot was not part of the backup; made now, nothing is missing when the receiver starts
  isolated stream_prepare
  if ((ISOLATED_CODE != 0)); then warn "the stream could not be prepared; the cluster is restored all the same, and stream-wal tries again"; fi
  printf 'restored in place: %s\n' "$1"
  if [[ -n "$2" ]]; then printf 'the old data directory: %s (remove it when it is no longer needed)\n' "$2"; fi
  warn_of_crossing "$1"
  log "make a new full backup now: backup-physical --full"
}

# A target before another recovery's timeline began, found by following that one: the new timeline then begins before its parent. The
# server runs, but from 17 on its WAL summaries do not get past that, and with them neither do incremental backups of the engine core.
warn_of_crossing() {
  local file parent switch earlier='' last=''
  if (($(<"$1/PG_VERSION") < 17)); then return 0; fi
  file=$(find "$1/pg_wal" -name '*.history' -printf '%f\n' | newest_history)
  if [[ -z "$file" ]]; then return 0; fi
  last=$(grep -oE '^[0-9]+[[:space:]]+[0-9A-F]+/[0-9A-F]+' -- "$1/pg_wal/$file" | tail -n 1 | cut -f2)
  while read -r parent switch; do
    if [[ -z "$earlier" ]] && (($(lsn_number "$switch") > $(lsn_number "$last"))); then earlier=$parent; fi
  done < <(grep -oE '^[0-9]+[[:space:]]+[0-9A-F]+/[0-9A-F]+' -- "$1/pg_wal/$file")
  if [[ -n "$earlier" ]]; then
    warn "the target lies before an earlier recovery, on timeline $earlier: no WAL summaries can be made after this restore. Restore once more, with --timeline $earlier"
  fi
}

# put_back DATA ASIDE TABLESPACES: as it was before; as long as nothing was moved aside, DATA is the old one itself
put_back() {
  if [[ -n "$2" && ! -d "$2" ]]; then
    log "nothing was changed; the server is stopped"
    return
  fi
  if [[ -f "$1/postmaster.pid" ]]; then
    "$(server_program pg_ctl "$(<"$1/PG_VERSION")")" stop -s -w -m immediate -D "$1" || true
  fi
  rm -rf -- "$1" "$3"
  if [[ -n "$2" ]]; then
    if [[ -d "$2" ]]; then mv -T -- "$2" "$1" && log "the old data directory is back in its place; the server is stopped"; fi
  fi
}
