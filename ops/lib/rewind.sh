# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Bringing an old primary back as a standby of the new one: what it did alone is shown and kept, then rewound.

# need_newer_peer DIR: the peer is the same cluster, and was promoted after DIR was; sets OWN_TIMELINE and PEER_TIMELINE
need_newer_peer() {
  if [[ "$(system_identifier "$1")" != "$PEER_SYSTEM" ]]; then
    die "$E_REFUSED" "$(shown "$1") is of another cluster than the server at $(shown "$PEER_HOST"):$PEER_PORT (system identifiers differ)"
  fi
  PEER_TIMELINE=$((16#$(ask_peer <<<'select substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)')))
  OWN_TIMELINE=$(own_timeline "$1")
  if ((OWN_TIMELINE > PEER_TIMELINE)); then
    die "$E_REFUSED" "$(shown "$1") is on timeline $OWN_TIMELINE, the server at $(shown "$PEER_HOST"):$PEER_PORT on $PEER_TIMELINE only:" \
      "This directory is the newer primary. Rewind the other one."
  fi
  if ((OWN_TIMELINE == PEER_TIMELINE)) && was_primary "$1"; then
    die "$E_REFUSED" "both are primaries of timeline $PEER_TIMELINE: the server at $(shown "$PEER_HOST"):$PEER_PORT was never promoted" \
      "Promote it first (failover), or find out which of them is a copy."
  fi
}

# The newest checkpoint's, or that of a promotion right after it, or of what a standby has replayed
own_timeline() {
  local checkpoint replayed
  checkpoint=$(control "$1" "Latest checkpoint's TimeLineID")
  replayed=$(control "$1" "Min recovery ending loc's timeline")
  printf '%s' $((replayed > checkpoint ? replayed : checkpoint))
}

was_primary() {
  [[ "$(control "$1" 'Database cluster state')" =~ ^(in\ production|shut\ down|shutting\ down|in\ crash\ recovery)$ ]]
}

# wait until the peer's newest checkpoint is from after its promotion: pg_rewind looks there for the timeline
need_peer_checkpoint() {
  if peer_has_checkpoint; then return 0; fi
  ask_peer <<<'checkpoint' 2>/dev/null || log "waiting for a checkpoint of the new primary (this role may not ask for one)"
  wait_for 600 peer_has_checkpoint ||
    die "$E_FAILED" "the new primary made no checkpoint for 10 minutes after its promotion" "Run CHECKPOINT there as a superuser, then this again."
}

peer_has_checkpoint() { [[ "$(ask_peer <<<'select timeline_id from pg_control_checkpoint()')" == "$PEER_TIMELINE" ]]; }

# A killed server has to recover before it can be rewound. It does so as a standby nobody can reach: at no moment writable.
recover_in_private() {
  local options
  options="-c listen_addresses='' -c unix_socket_directories='$OPS_TMP' -c primary_conninfo='' -c restore_command=''"
  options+=" -c config_file='$(configuration_file "$1")' -c archive_mode=off -c recovery_target_timeline=current"
  log "it was not shut down cleanly: letting it recover, where nobody can connect"
  on_cleanup stop_private "$1"
  outlive "$INSTANCE_BIN/pg_ctl" start -s -w -t 3600 -D "$1" -l "$OPS_TMP/recovery.log" -o "$options" >"$OPS_TMP/pg_ctl" 2>&1 ||
    die "$E_FAILED" "the old primary does not recover: $(tail -n 3 -- "$OPS_TMP/recovery.log")" "rejoin-standby --rebuild makes it anew."
  stop_instance "$1" fast || die "$E_FAILED" "the recovered server does not stop"
  forget_cleanup
}

stop_private() { if is_running "$1"; then stop_instance "$1" immediate; fi; }

is_clean() { [[ "$(control "$1" 'Database cluster state')" =~ ^shut\ down ]]; }

# prepare_rewind DIR: the command; WAL that is gone here is fetched from the archive, where there is one
prepare_rewind() {
  local file
  file=$(configuration_file "$1")
  REWIND=("${AS_PEER[@]}" "$INSTANCE_BIN/pg_rewind" --target-pgdata="$1" --source-server="$(peer_conninfo "$NAME")" --no-ensure-shutdown --config-file="$file")
  if [[ -n "$("$INSTANCE_BIN/postgres" -D "$1" -c config_file="$file" -C restore_command 2>/dev/null)" ]]; then REWIND+=(--restore-target-wal); fi
}

# pg_rewind's own view: sets DIVERGED_AT (empty when nothing has to be rewound)
find_divergence() {
  if ! "${REWIND[@]}" --dry-run >"$OPS_TMP/rewind" 2>&1; then
    die "$E_FAILED" "it cannot be rewound: $(grep -m 3 -iE 'error|fatal' -- "$OPS_TMP/rewind" | tr '\n' ' ')" \
      "rejoin-standby --rebuild makes it anew from a base backup, and keeps the directory."
  fi
  DIVERGED_AT=$(sed -nE 's/.*servers diverged at WAL location ([0-9A-F]+\/[0-9A-F]+) on timeline.*/\1/p' "$OPS_TMP/rewind")
  if grep -q 'no rewind required' -- "$OPS_TMP/rewind"; then DIVERGED_AT=''; fi
}

# keep_diverged DIR: the WAL of what it did alone, which rewinding removes, and the list of its commits
keep_diverged() {
  local dir=$1 timeline keep first segment commits
  timeline=$(printf '%08X' "$OWN_TIMELINE")
  commits_after "$dir" "$timeline" "$DIVERGED_AT" >"$OPS_TMP/commits"
  commits=$(wc -l <"$OPS_TMP/commits")
  if ((commits == 0)); then
    log "it had committed nothing that the new primary does not have"
    return 0
  fi
  warn "$commits transactions were committed here alone, after $DIVERGED_AT: they are not on the new primary"
  if [[ -n "$OPS_DRY_RUN" ]]; then return 0; fi
  confirm_name "$NAME" "Rewinding takes these $commits transactions out of the database (their WAL is kept)."
  keep="$OPS_STATE_DIR/diverged/$NAME-$(date -u +%Y%m%dT%H%M%SZ)"
  mkdir -p -- "$keep"
  first=$(ask_peer -v lsn="$DIVERGED_AT" <<<"select substr(pg_walfile_name(:'lsn'), 9)")
  for segment in "$dir/pg_wal/$timeline"*; do
    if [[ "$(basename -- "$segment")" =~ ^[0-9A-F]{24}(\.partial)?$ && ! "$(basename -- "$segment")" < "$timeline$first" ]]; then
      cp -p -- "$segment" "$keep/"
    fi
  done
  cp -- "$OPS_TMP/commits" "$keep/commits.txt"
  sync_tree "$keep"
  log "their WAL and their list are in $keep: pg_waldump --path='$keep' --timeline=$OWN_TIMELINE --start=$DIVERGED_AT"
}

# Everything is copied from the new primary, its configuration too; this node's own is kept and put back
save_own_configuration() {
  local file
  mkdir -p -- "$OPS_TMP/own"
  for file in "$1"/*.conf; do if [[ -f "$file" ]]; then cp -p -- "$file" "$OPS_TMP/own/"; fi; done
}

restore_own_configuration() {
  local file
  for file in "$OPS_TMP/own"/*.conf; do if [[ -f "$file" ]]; then cp -p -- "$file" "$1/"; fi; done
}

rewind() { # DIR
  save_own_configuration "$1"
  # Whatever happens to pg_rewind, this node must not come up as a primary, and keeps what it was configured with
  on_cleanup mark_standby "$1"
  on_cleanup restore_own_configuration "$1"
  log "rewinding to $DIVERGED_AT"
  if ! run_child "${REWIND[@]}" --progress >"$OPS_TMP/rewind" 2>&1; then
    die "$E_FAILED" "pg_rewind failed, the directory may be of no use now: $(tail -n 3 -- "$OPS_TMP/rewind" | tr '\n\r' '  ')" \
      "rejoin-standby --rebuild makes it anew from a base backup, and keeps the directory."
  fi
  restore_own_configuration "$1"
  forget_cleanup
}

# rebuild DIR: a new base backup takes the place of the directory, which is kept under a dated name
rebuild() {
  local dir=$1 new kept
  kept="$dir.$(date -u +%Y%m%dT%H%M%SZ)"
  need_space_for_copy "$(dirname -- "$dir")"
  save_own_configuration "$dir"
  new=$(mktemp -d -- "$dir.new.XXXXXX")
  on_cleanup rm -rf -- "$new"
  copy_of_primary "$new" "$NAME"
  restore_own_configuration "$new"
  follow "$new" "$NAME"
  on_cleanup put_kept_back "$dir" "$kept"
  mv -T -- "$dir" "$kept"
  mv -T -- "$new" "$dir"
  log "the old directory is kept as $(shown "$kept"); delete it when it is no longer needed"
}

# put_kept_back DIR KEPT: between the two renames there is no DIR
put_kept_back() { if [[ ! -e "$1" && -d "$2" ]]; then mv -T -- "$2" "$1"; fi; }

# Slots of the time when it was the primary would keep WAL for ever
drop_own_slots() {
  local dropped
  dropped=$(instance_sql "$1" <<'SQL'
select string_agg(slot_name, ', ') from (
  select slot_name, pg_drop_replication_slot(slot_name) from pg_replication_slots where not active and slot_type = 'physical' and not temporary) s;
SQL
  )
  if [[ -n "$dropped" ]]; then log "dropped its replication slots from its time as a primary: $dropped"; fi
}
