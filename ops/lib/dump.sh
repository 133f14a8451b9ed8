# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Writing a logical backup: dump and row counts in one snapshot, proof, encryption, checksums, rename, pruning, S3.

# new_partial PATH: sets PARTIAL and BACKUP_ID; what an earlier run left behind goes first (the lock is ours)
new_partial() {
  local home
  home=$(backup_home "$1")
  mkdir -p -- "$home" || die "$E_SPACE" "OPS_BACKUP_DIR=$OPS_BACKUP_DIR cannot be made or written by $(id -un)" \
    "As root: install -d -o $(id -un) -m 700 $(shown "$OPS_BACKUP_DIR")"
  rm -rf -- "$home"/.partial-*
  BACKUP_ID=$(date -u +%Y%m%dT%H%M%SZ)
  while [[ -e "$home/$BACKUP_ID" ]]; do
    sleep 0.2
    BACKUP_ID=$(date -u +%Y%m%dT%H%M%SZ)
  done
  PARTIAL="$home/.partial-$BACKUP_ID"
  mkdir -m 700 -- "$PARTIAL"
  on_cleanup rm -rf -- "$PARTIAL"
}

# What a backup will need: half more than the last one, or the database as it is when there is none
expected_bytes() {
  local path=$1 database=$2 last
  last=$(backup_ids "$path" | tail -n 1)
  if [[ -n "$last" ]]; then
    printf '%s' $(($(tree_bytes "$(backup_home "$path")/$last") * 3 / 2))
  else
    sql "$database" <<<'select pg_database_size(current_database())'
  fi
}

# The facts that pg_dump leaves out unless a database is created under its old name
database_facts() {
  sql "$1" <<'EOS'
select json_build_object(
  'properties', to_jsonb(d) - 'datacl' || jsonb_build_object('owner', pg_get_userbyid(datdba),
    'tablespace', (select spcname from pg_tablespace t where t.oid = d.dattablespace),
    'comment', shobj_description(d.oid, 'pg_database')),
  'settings', (select coalesce(json_agg(json_build_object('role', r.rolname, 'setting', s.setting)), '[]')
                 from pg_db_role_setting c left join pg_roles r on r.oid = c.setrole, unnest(c.setconfig) s(setting)
                where c.setdatabase = d.oid),
  'grants', case when datacl is null then null else
              (select coalesce(json_agg(json_build_object('grantee', case when a.grantee = 0 then null else pg_get_userbyid(a.grantee) end,
                                                          'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
                 from aclexplode(datacl) a) end,
  'databaseBytes', pg_database_size(d.oid),
  'serverVersion', current_setting('server_version'))
from pg_database d where datname = current_database();
EOS
}

# open_snapshot DATABASE: sets SNAPSHOT and SNAPSHOT_AT; the session counts rows when asked to
open_snapshot() {
  local psql line
  psql=$(pg_program psql)
  coproc HOLDER { exec "$psql" -X -w -q -A -t -v ON_ERROR_STOP=1 --dbname="$(conninfo "$1")" 2>"$OPS_TMP/holder-errors"; }
  HOLDER_PROCESS=$HOLDER_PID
  exec {HOLDER_INPUT}>&"${HOLDER[1]}"
  cat >&"$HOLDER_INPUT" <<'EOS'
set idle_in_transaction_session_timeout = 0; set statement_timeout = 0; set row_security = off;
begin isolation level repeatable read, read only;
select pg_export_snapshot() || ' ' || to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
EOS
  IFS= read -r -t 60 line <&"${HOLDER[0]}" ||
    die "$(pg_failure_code "$OPS_TMP/holder-errors")" "no snapshot of database $(shown "$1"): $(head -c 1000 -- "$OPS_TMP/holder-errors")"
  SNAPSHOT=${line% *} SNAPSHOT_AT=${line#* }
  # The ends of a co-process are closed in every child; a copy is not
  local output
  exec {output}<&"${HOLDER[0]}"
  cat <&"$output" >"$OPS_TMP/rows" &
  ROWS_READER=$!
  exec {output}<&-
}

# A session that is gone shows in close_snapshot, by its exit code
ask_holder() {
  (printf '%s' "$1" >&"$HOLDER_INPUT") 2>/dev/null || true
}

# close_snapshot FILE: the row counts, as one JSON array
close_snapshot() {
  local code=0
  ask_holder $'commit;\n\\q\n'
  wait "$HOLDER_PROCESS" || code=$?
  wait "$ROWS_READER" || true
  if ((code != 0)); then
    die "$(pg_failure_code "$OPS_TMP/holder-errors")" "counting rows: $(head -c 1000 -- "$OPS_TMP/holder-errors")" \
      "OPS_ROW_COUNTS=no makes backups without them."
  fi
  jq -s . "$OPS_TMP/rows" >"$1"
}

# backup_one DATABASE: everything from the space check to S3; recorded for monitoring
backup_one() {
  local database=$1 path bytes
  path=$(logical_path "$database")
  begin_run logical "$database"
  need_database "$database"
  new_partial "$path"
  bytes=$(expected_bytes "$path" "$database")
  if [[ -n "$OPS_AGE_RECIPIENTS_FILE" ]]; then bytes=$((bytes * 2)); fi
  need_space "$OPS_BACKUP_DIR" "$bytes"
  log "database $(shown "$database"): dumping to $(shown "$(backup_home "$path")/$BACKUP_ID")"
  dump_database "$database"
  encrypt_dump
  keep_partial
  prove_backup "$BACKUP_DIR"
  mark_backup "$path/$BACKUP_ID" whole
  bytes=$(tree_bytes "$BACKUP_DIR")
  log "database $(shown "$database"): $(human_bytes "$bytes") in $(run_seconds) s, proven"
  if s3_enabled; then
    s3_put_backup "$BACKUP_DIR" "$path/$BACKUP_ID"
    log "database $(shown "$database"): copied to $OPS_S3_URL and proven"
  fi
  prune "$path"
  end_run ok bytes="$bytes" recoverableTo="$SNAPSHOT_AT" \
    recoverableFrom="$(jq -r .snapshotAt "$(backup_home "$path")/$(backup_ids "$path" | head -n 1)/manifest.json")"
}

dump_database() {
  local database=$1 started facts target format_options
  started=$(now_utc)
  facts=$(database_facts "$database")
  open_snapshot "$database"
  if [[ "$OPS_FORMAT" == directory ]]; then
    target="$PARTIAL/dump" format_options=(--format=directory --jobs="$OPS_JOBS")
  else
    target="$PARTIAL/dump.pgdump" format_options=(--format=custom)
  fi
  if [[ "$OPS_ROW_COUNTS" == yes ]]; then ask_holder "$ROW_COUNT_SQL"; fi
  with_progress "$PARTIAL" run_pg "pg_dump of $(shown "$database")" "$(pg_program pg_dump)" --no-password --snapshot="$SNAPSHOT" \
    --compress="$OPS_COMPRESS" "${format_options[@]}" --file="$target" --dbname="$(conninfo "$database")"
  close_snapshot "$OPS_TMP/rows.json"
  prove_dump "$target"
  jq -n --argjson facts "$facts" --slurpfile rows "$OPS_TMP/rows.json" --arg database "$database" --arg id "$BACKUP_ID" \
    --arg format "$OPS_FORMAT" --arg started "$started" --arg finished "$(now_utc)" --arg snapshot "$SNAPSHOT_AT" \
    --arg program "$("$(pg_program pg_dump)" --version)" --argjson encrypted "$(encrypted)" --argjson counted "$(counted)" \
    '{version: 1, database: $database, id: $id, format: $format, encrypted: $encrypted, startedAt: $started, snapshotAt: $snapshot,
      finishedAt: $finished, program: $program} + $facts + {rows: (if $counted then $rows[0] else null end)}' >"$PARTIAL/manifest.json"
}

encrypted() { if [[ -n "$OPS_AGE_RECIPIENTS_FILE" ]]; then printf true; else printf false; fi; }
counted() { if [[ "$OPS_ROW_COUNTS" == yes ]]; then printf true; else printf false; fi; }

# The table of contents alone is at the front and says nothing about a cut end, so all data is read and unpacked, too
prove_dump() {
  run_pg "reading the dump's table of contents" "$(pg_program pg_restore)" --list --file=/dev/null -- "$1"
  run_pg "reading the dump back" "$(pg_program pg_restore)" --file=/dev/null -- "$1"
}

encrypt_dump() {
  local file
  if [[ -z "$OPS_AGE_RECIPIENTS_FILE" ]]; then return 0; fi
  while IFS= read -r -d '' file; do
    run_child age --encrypt -R "$OPS_AGE_RECIPIENTS_FILE" -o "$file.age" -- "$file" 2>"$OPS_TMP/age-errors" ||
      die "$E_FAILED" "encrypting failed: $(head -c 300 -- "$OPS_TMP/age-errors")" "Check OPS_AGE_RECIPIENTS_FILE."
    rm -f -- "$file"
  done < <(find "$PARTIAL" -type f -path "*/dump*" ! -name '*.age' -print0)
}

# The backup gets its name when all of it is on the disk
keep_partial() {
  local home
  home=$(dirname -- "$PARTIAL")
  write_checksums "$PARTIAL"
  find "$PARTIAL" -type d -exec chmod 700 {} + -o -type f -exec chmod 600 {} +
  sync_tree "$PARTIAL"
  BACKUP_DIR="$home/$BACKUP_ID"
  mv -T -- "$PARTIAL" "$BACKUP_DIR"
  sync -- "$home"
}

# prune PATH: what is older than the retention, called only when a newer one has just been proven
prune() {
  local path=$1 home id cutoff fd
  home=$(backup_home "$path")
  cutoff=$(date -u -d "-$OPS_RETENTION_DAYS days" +%Y%m%dT%H%M%SZ)
  while IFS= read -r id; do
    if [[ "$id" == "$BACKUP_ID" || ! "$id" < "$cutoff" ]]; then continue; fi
    exec {fd}<"$home/$id"
    if flock -x -n "$fd"; then
      mv -T -- "$home/$id" "$home/.partial-$id"
      rm -rf -- "$home/.partial-$id"
      forget_mark "$path/$id"
      log "pruned $(shown "$home/$id"), older than $OPS_RETENTION_DAYS days"
    else
      warn "$(shown "$home/$id") is being restored, it stays for now"
    fi
    exec {fd}<&-
  done < <(backup_ids "$path")
}

# backup_globals: roles, tablespaces and their settings
backup_globals() {
  local started options=()
  if [[ "$OPS_GLOBALS_PASSWORDS" == no ]]; then options+=(--no-role-passwords); fi
  begin_run logical "(globals)"
  new_partial globals
  need_space "$OPS_BACKUP_DIR" 1048576
  started=$(now_utc)
  run_pg "pg_dumpall of the globals" "$(pg_program pg_dumpall)" --no-password --globals-only "${options[@]}" \
    --file="$PARTIAL/globals.sql" --dbname="$(conninfo "$PGDATABASE")"
  # pg_dumpall ends with this line; without it the file was cut
  tail -n 5 -- "$PARTIAL/globals.sql" | grep -q 'database cluster dump complete' || die "$E_FAILED" "the dump of the globals is not complete"
  jq -n --arg id "$BACKUP_ID" --arg started "$started" --arg finished "$(now_utc)" --argjson encrypted "$(encrypted)" \
    '{version: 1, database: "globals", id: $id, format: "globals", encrypted: $encrypted, startedAt: $started, snapshotAt: $started,
      finishedAt: $finished}' >"$PARTIAL/manifest.json"
  if [[ "$(encrypted)" == true ]]; then
    run_child age --encrypt -R "$OPS_AGE_RECIPIENTS_FILE" -o "$PARTIAL/globals.sql.age" -- "$PARTIAL/globals.sql" ||
      die "$E_FAILED" "encrypting the globals failed" "Check OPS_AGE_RECIPIENTS_FILE."
    rm -f -- "$PARTIAL/globals.sql"
  fi
  keep_partial
  prove_backup "$BACKUP_DIR"
  mark_backup "globals/$BACKUP_ID" whole
  log "globals: $(human_bytes "$(tree_bytes "$BACKUP_DIR")"), proven"
  if s3_enabled; then s3_put_backup "$BACKUP_DIR" "globals/$BACKUP_ID"; fi
  prune globals
  end_run ok bytes="$(tree_bytes "$BACKUP_DIR")" recoverableTo="$started"
}

# with_progress DIR COMMAND...: on a terminal, the size of DIR once a second while COMMAND works
with_progress() {
  local dir=$1 ticker
  shift
  if [[ ! -t 2 ]]; then
    "$@"
    return
  fi
  while sleep 1; do printf '\r%s written ' "$(du -sh -- "$dir" 2>/dev/null | cut -f1)" >&2; done &
  ticker=$!
  "$@"
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  printf '\r%20s\r' '' >&2
}
