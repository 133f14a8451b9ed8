# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The drill: restore, check, measure, report. Reads KINDS and DRILL_REPORT of the verb.

# choose_kinds LIST: without a wish, everything that there is
choose_kinds() {
  local kind
  if ((${#KINDS[@]})); then return 0; fi
  for kind in full incremental; do
    if jq -e --arg kind "$kind" 'any(.[]; .kind == $kind and .state != "damaged" and (.abandoned | not))' <<<"$1" >/dev/null; then KINDS+=("$kind"); fi
  done
  if [[ -n "$(backup_paths | sed -n '/^logical\//p' | head -n 1)" ]]; then KINDS+=(logical); fi
}

# A commit of now in the live server, when that is there: what the restored cluster lacks of it is the recovery point. Sets HEARTBEAT.
heartbeat() {
  HEARTBEAT=$(sql "$PGDATABASE" 2>/dev/null <<<"
    select pg_logical_emit_message(true, 'db-resilience', 'drill') \\gset
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')") || HEARTBEAT=''
}

drill_physical() {
  local kind=$1 list=$2 id began ready rto rpo='' last bytes problems
  begin_run drill "$OPS_STANZA"
  id=$(jq -r --arg kind "$kind" '[.[] | select(.kind == $kind and .state != "damaged" and (.abandoned | not))] | last | .id // empty' <<<"$list")
  [[ -n "$id" ]] || die "$E_NOT_FOUND" "there is no whole backup of the kind $kind"
  heartbeat
  began=$(date +%s%N)
  physical_scratch_open --backup "$id" --latest
  ready=$(date +%s%N)
  rto=$(milliseconds $((ready - began)))
  log "backup $id is back after $rto s, checking it"
  bytes=$(scratch_sql template1 <<<"select sum(pg_database_size(oid))::bigint from pg_database")
  last=$(scratch_sql template1 <<<"select to_char(pg_last_xact_replay_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
  rpo=$(recovery_point "$last")
  check_scratch >"$OPS_TMP/problems"
  check_pages >>"$OPS_TMP/problems"
  problems=$(<"$OPS_TMP/problems")
  if awk -v a="$rto" -v b="$OPS_RTO_TARGET_SECONDS" 'BEGIN { exit !(a > b) }'; then
    problems+="${problems:+$'\n'}the restore took $rto s, OPS_RTO_TARGET_SECONDS is $OPS_RTO_TARGET_SECONDS"
  fi
  drill_note "$kind" "$OPS_STANZA" "$id" "$rto" "$rpo" "$bytes" "$last" "$problems"
  if [[ -n "$problems" ]]; then
    end_run failed error="drill of $id: $(paste -sd';' <<<"$problems")" rtoSeconds="$rto" rpoSeconds="$rpo" bytes="$bytes"
    die "$E_CHECK" "the drill of backup $id found: $(paste -sd';' <<<"$problems")"
  fi
  end_run ok rtoSeconds="$rto" rpoSeconds="$rpo" bytes="$bytes" recoverableTo="${last:+${last%.*}Z}"
}

milliseconds() { printf '%d.%03d' $(($1 / 1000000000)) $(($1 / 1000000 % 1000)); }

# recovery_point LAST: seconds between the heartbeat and the last transaction that came back; 0 when the heartbeat itself did. An idle
# server makes it look worse than it is. Unknown, and empty, when the live server could not be asked.
recovery_point() {
  local lost
  if [[ -z "$HEARTBEAT" || -z "$1" ]]; then return 0; fi
  lost=$(($(date -u -d "$HEARTBEAT" +%s%3N) - $(date -u -d "$1" +%s%3N)))
  # The heartbeat's time is read just after its commit
  if ((lost < 250)); then lost=0; fi
  printf '%d.%03d' $((lost / 1000)) $((lost % 1000))
}

# check_scratch: a line for everything that is wrong in the scratch cluster; row counts go to OPS_TMP/rows
check_scratch() {
  local database
  if ! (
    scratch_environment
    run_child "$(server_program pg_amcheck "$(<"$SCRATCH_DIRECTORY/data/PG_VERSION")")" --all --install-missing --heapallindexed --parent-check \
      --jobs="$OPS_JOBS" --no-password >"$OPS_TMP/amcheck" 2>&1
  ); then
    printf 'amcheck: %s\n' "$(grep -vE '^(pg_amcheck: including|$)' -- "$OPS_TMP/amcheck" | head -n 5 | tr '\n' ' ')"
  fi
  : >"$OPS_TMP/rows"
  while IFS= read -r -d '' database; do
    if ! count_rows "$database"; then printf 'the rows of database %s cannot be read: %s\n' "$(shown "$database")" "$(head -c 300 -- "$OPS_TMP/rows-error" | tr '\n' ' ')"; fi
    check_assertions "$database"
  done < <(scratch_sql template1 <<<"select coalesce(json_agg(datname), '[]') from pg_database where datallowconn and not datistemplate" | jq -j '.[] | ., "\u0000"')
}

count_rows() {
  scratch_sql "$1" <<<"$ROW_COUNT_SQL" 2>"$OPS_TMP/rows-error" | jq -c --arg database "$1" '{database: $database} + .' >>"$OPS_TMP/rows"
}

# Files are named after the database, in the form of encode_name
check_assertions() {
  local file answer name
  if [[ -z "$OPS_DRILL_ASSERTIONS" ]]; then return 0; fi
  name=$(encode_name "$1")
  for file in "$OPS_DRILL_ASSERTIONS/$name.sql" "$OPS_DRILL_ASSERTIONS/$name"-*.sql; do
    if [[ ! -f "$file" ]]; then continue; fi
    if ! answer=$(scratch_sql "$1" <"$file" 2>&1); then
      printf 'assertion %s fails: %s\n' "$(shown "${file##*/}")" "$(head -c 300 <<<"$answer" | tr '\n' ' ')"
    elif [[ -z "$answer" || -n "$(sed '/^t$/d' <<<"$answer")" ]]; then
      printf 'assertion %s does not hold: it gave %s\n' "$(shown "${file##*/}")" "$(head -c 100 <<<"${answer:-no row}" | tr '\n' ' ')"
    fi
  done
}

# Page checksums of the files, with the server down
check_pages() {
  local version
  version=$(<"$SCRATCH_DIRECTORY/data/PG_VERSION")
  scratch_stop "$SCRATCH_DIRECTORY"
  if [[ "$(control_data "$SCRATCH_DIRECTORY/data" 'Data page checksum version')" == 0 ]]; then return 0; fi
  run_child "$(server_program pg_checksums "$version")" --check -D "$SCRATCH_DIRECTORY/data" >"$OPS_TMP/pages" 2>&1 ||
    printf 'page checksums: %s\n' "$(grep -E 'failed|error|Bad' -- "$OPS_TMP/pages" | head -n 3 | tr '\n' ' ')"
}

# The newest dump of every database, restored by the verb for it into a cluster made for that
drill_logical() {
  local path database failed=0 code version error
  local -a options=()
  new_scratch_home
  SCRATCH_USER=$(id -un)
  if [[ -s "$OPS_PG_DATA/PG_VERSION" ]]; then version=$(<"$OPS_PG_DATA/PG_VERSION"); else version=''; fi
  run_child "$(server_program initdb "$version")" --pgdata="$SCRATCH_DIRECTORY/data" --username="$SCRATCH_USER" --auth=trust --encoding=UTF8 --locale=C \
    --no-sync >"$OPS_TMP/initdb" 2>&1 || die "$E_FAILED" "no scratch cluster could be made: $(tail -n 1 -- "$OPS_TMP/initdb")"
  : >"$SCRATCH_DIRECTORY/data/postgresql.auto.conf"
  scratch_start "$SCRATCH_DIRECTORY" fast
  if [[ -n "$OPS_CONFIG_GIVEN" ]]; then options+=(--config "$OPS_CONFIG"); fi
  while IFS= read -r path; do
    if [[ "$path" != logical/* ]]; then continue; fi
    database=$(decode_name "${path#logical/}")
    code=0
    (
      scratch_environment
      export PGDATABASE=postgres PGPASSFILE='' PGSERVICE='' PGSERVICEFILE='' PGSSLROOTCERT=''
      without_locks "$(dirname -- "$OPS_LIB")/bin/restore-database" "${options[@]}" --database "$database" --rehearse --no-owner --yes >/dev/null
    ) || code=$?
    error=''
    if ((code != 0)); then
      failed=$E_CHECK
      # One that was killed could not say why
      error=$(drill_field "$database" error)
      error=${error:-restore-database ended with $code}
    fi
    drill_note logical "$database" latest "$(drill_field "$database" rtoSeconds)" '' "$(drill_field "$database" bytes)" '' "$error"
  done < <(backup_paths)
  if ((failed)); then exit "$failed"; fi
}

drill_field() {
  jq -r --arg database "$1" --arg field "$2" '[.runs[] | select(.kind == "drill" and .database == $database)][0][$field] // empty' "$OPS_STATUS_FILE"
}

# drill_note KIND DATABASE BACKUP RTO RPO BYTES LAST PROBLEMS: a line of the report
# shellcheck disable=SC2016
drill_note() {
  local rows='[]'
  if [[ -s "$OPS_TMP/rows" ]]; then rows=$(jq -cs . "$OPS_TMP/rows"); fi
  jq -nc --arg kind "$1" --arg database "$2" --arg backup "$3" --arg rto "$4" --arg rpo "$5" --arg bytes "$6" --arg last "$7" --arg problems "$8" --argjson rows "$rows" '
    def number: if . == "" then null else tonumber end;
    {kind: $kind, database: $database, backup: $backup, ok: ($problems == ""), rtoSeconds: ($rto | number), rpoSeconds: ($rpo | number),
     bytes: ($bytes | number), lastTransaction: (if $last == "" then null else $last end),
     problems: ($problems | split("\n") | map(select(. != ""))), rows: $rows}' >>"$DRILL_REPORT"
}

# drill_show FILE|-|'': the report
drill_show() {
  local json
  json=$(jq -s --arg now "$(now_utc)" '{finishedAt: $now, drills: .}' "$DRILL_REPORT")
  if [[ "$1" == - ]]; then
    printf '%s\n' "$json"
    return
  fi
  if [[ -n "$1" ]]; then printf '%s\n' "$json" | replace_file "$1"; fi
  jq -r '.drills[] | "\(if .ok then "ok    " else "FAILED" end) \(.kind) of \(.database), backup \(.backup): back after \(.rtoSeconds // "-") s, \(.bytes // 0) bytes, " +
         "\(.rows | length) tables with \(.rows | map(.rows) | add // 0) rows, recovery point \(.rpoSeconds // "-") s" + (.problems | map("\n         \(.)") | join(""))' <<<"$json"
}
