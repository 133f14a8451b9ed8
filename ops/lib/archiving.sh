# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# setup-wal-archiving: the settings of the server that archiving and streaming need, how they differ from what is, and the way back.

# name<TAB>value of everything that is wanted; what is better already is left alone
wanted_settings() {
  engine_settings
  if [[ "$(server_setting wal_level)" == minimal ]]; then printf 'wal_level\treplica\n'; fi
  if (($(server_setting max_wal_senders) < 5)); then printf 'max_wal_senders\t10\n'; fi
  if [[ "$OPS_STREAM" == off ]]; then return 0; fi
  if (($(server_setting max_replication_slots) < 3)); then printf 'max_replication_slots\t10\n'; fi
  # A receiver that stays away must not fill the disk of the server
  if [[ "$(server_setting max_slot_wal_keep_size)" == -1 ]]; then printf 'max_slot_wal_keep_size\t%s\n' "$OPS_STREAM_SLOT_LIMIT_MB"; fi
  if [[ "$OPS_STREAM" == synchronous && -z "$(server_setting synchronous_standby_names)" ]]; then
    printf 'synchronous_standby_names\tFIRST 1 (%s)\n' "$STREAM_APPLICATION"
  fi
}

server_setting() { sql "$PGDATABASE" -v name="$1" <<<"select current_setting(:'name')"; }

# Proof, where there can be one already: without an archive_command, somebody has to receive first
prove_archive() {
  if [[ "$OPS_PHYSICAL_ENGINE" == core && "$1" == setup &&
    "$(sql "$PGDATABASE" -v slot="$OPS_STREAM_SLOT" <<<"select active from pg_replication_slots where slot_name = :'slot'")" != t ]]; then
    log "now start stream-wal, then prove it: setup-wal-archiving --check"
    return 0
  fi
  engine_check_archive
  log "the archive works: a segment was switched and has arrived"
}

# What is set for the next start counts: somebody may have run us without the restart
refuse_foreign_command() {
  local command
  command=$(sql "$PGDATABASE" <<<"select setting from pg_settings where name = 'archive_command'")
  if [[ -z "$command" || "$command" == '(disabled)' || -n "$REPLACE" ]] || engine_owns_command "$command"; then
    # Archiving that is off keeps a foreign command from showing
    command=$(sql "$PGDATABASE" <<<"select setting from pg_file_settings where name = 'archive_command' and error is null order by seqno desc limit 1" 2>/dev/null) || command=''
  fi
  if [[ -n "$command" && "$command" != '(disabled)' && -z "$REPLACE" ]] && ! engine_owns_command "$command" && grep -q '^archive_command' "$OPS_TMP/wanted"; then
    die "$E_REFUSED" "this server archives already, with: $command" "Give --replace if it is to archive here instead."
  fi
}

# setting_changes: name<TAB>old<TAB>new<TAB>context, for what differs. Numbers are in the setting's own unit, as pg_settings shows them.
setting_changes() {
  local name value
  while IFS=$'\t' read -r name value; do
    sql "$PGDATABASE" -F $'\t' -v name="$name" -v value="$value" <<<"
      select s.name, coalesce(nullif(current_setting(s.name), ''), '(empty)'), :'value', s.context
        from pg_settings s
       where s.name = :'name'
         and :'value' not in (current_setting(s.name), s.setting)
         and not exists (select 1 from pg_file_settings f
                          where f.name = s.name and f.setting = :'value' and s.pending_restart)" ||
      die "$E_DATABASE" "the setting $name could not be read" "It needs a superuser or pg_read_all_settings."
  done <"$OPS_TMP/wanted"
}

show_changes() {
  local name old new context
  if [[ -z "$1" ]]; then
    log "the settings of the server are as they have to be"
    return 0
  fi
  while IFS=$'\t' read -r name old new context; do
    printf -- '-%s = %s\n+%s = %s%s\n' "$name" "$old" "$name" "$new" "$(if [[ "$context" == postmaster ]]; then printf '   # after a restart'; fi)"
  done <<<"$1"
}

undo_file() { printf '%s/wal-archiving-undo.jsonl' "$OPS_STATE_DIR"; }

# What ALTER SYSTEM had set before, or nothing, is noted first: undo leads back to it
apply_changes() {
  local name old new context before
  if [[ -z "$1" ]]; then return 0; fi
  make_state_directory
  while IFS=$'\t' read -r name old new context; do
    if ! jq -e --arg name "$name" 'select(.name == $name)' "$(undo_file)" >/dev/null 2>&1; then
      before=$(sql "$PGDATABASE" -v name="$name" <<<"
        select json_build_object('name', :'name', 'before', (
          select setting from pg_file_settings where name = :'name' and sourcefile like '%postgresql.auto.conf' order by seqno desc limit 1))")
      printf '%s\n' "$before" >>"$(undo_file)"
      sync -- "$(undo_file)"
    fi
    sql "$PGDATABASE" -v name="$name" -v value="$new" <<<"alter system set :\"name\" = :'value'" ||
      die "$E_FAILED" "$name could not be set" "It needs a superuser, and allow_alter_system."
  done <<<"$1"
  sql "$PGDATABASE" <<<"select pg_reload_conf()" >/dev/null
  log "changed; setup-wal-archiving --undo leads back"
}

# True when the server runs with everything that is wanted
restart_if_needed() {
  local pending
  wait_for_reload
  pending=$(sql "$PGDATABASE" <<<"select string_agg(name, ', ') from pg_settings where pending_restart")
  if [[ -z "$pending" ]]; then return 0; fi
  if [[ -z "$RESTART" ]]; then
    log "the server has to be restarted for $pending: do that, then run setup-wal-archiving again (or give --restart now)"
    return 1
  fi
  log "restarting the server for $pending"
  cluster_control restart "$OPS_PG_DATA" || die "$E_FAILED" "the server did not restart" "See its log; setup-wal-archiving --undo needs it running."
  need_own_server
}

# The postmaster reads its files some moments after it was told
wait_for_reload() {
  local i
  for ((i = 0; i < 50; i++)); do
    if [[ "$(sql "$PGDATABASE" <<<"select count(*) from pg_file_settings f join pg_settings s using (name)
      where not f.applied and f.error is null and not s.pending_restart
        and f.seqno = (select max(seqno) from pg_file_settings g where g.name = f.name)")" == 0 ]]; then return 0; fi
    sleep 0.1
  done
}

# A role for a receiver elsewhere: it may stream, and read what check-archive needs, and nothing else. It gets no password from us.
make_stream_role() {
  if [[ -z "$OPS_STREAM_ROLE" ]]; then return 0; fi
  if [[ "$(sql "$PGDATABASE" -v role="$OPS_STREAM_ROLE" <<<"select count(*) from pg_roles where rolname = :'role' and rolreplication")" == 1 ]]; then return 0; fi
  sql "$PGDATABASE" -v role="$OPS_STREAM_ROLE" <<<"
    select format('create role %I login replication', :'role') where not exists (select 1 from pg_roles where rolname = :'role') \\gexec
    select format('alter role %I login replication', :'role') \\gexec
    select format('grant pg_monitor to %I', :'role') \\gexec" || die "$E_FAILED" "the role $(shown "$OPS_STREAM_ROLE") could not be made"
  log "made the role $(shown "$OPS_STREAM_ROLE"): give it a password by psql's \\password, and a line in pg_hba.conf: host replication $OPS_STREAM_ROLE <address> scram-sha-256"
}

undo() {
  local line name before
  if [[ ! -s "$(undo_file)" ]]; then
    log "nothing was changed by us, so nothing is undone"
    return 0
  fi
  if [[ -n "$OPS_DRY_RUN" ]]; then
    jq -r '"would put back: \(.name) = \(.before // "(not set by ALTER SYSTEM)")"' "$(undo_file)"
    return 0
  fi
  lock physical
  while IFS= read -r line; do
    name=$(jq -r .name <<<"$line")
    if [[ "$(jq -r '.before == null' <<<"$line")" == true ]]; then
      sql "$PGDATABASE" -v name="$name" <<<'alter system reset :"name"'
      printf -- '-%s (reset)\n' "$name"
    else
      before=$(jq -r .before <<<"$line")
      sql "$PGDATABASE" -v name="$name" -v value="$before" <<<"alter system set :\"name\" = :'value'"
      printf -- '+%s = %s\n' "$name" "$before"
    fi
  done <"$(undo_file)"
  sql "$PGDATABASE" <<<"select pg_reload_conf()" >/dev/null
  stream_drop_slot
  rm -f -- "$(undo_file)"
  RESTART=${RESTART:-}
  restart_if_needed || true
}
