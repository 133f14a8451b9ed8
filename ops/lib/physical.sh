# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Physical backups, whichever engine makes them: what there is, what can be restored, what may go, what is whole.
#
# An engine (lib/engine-<name>.sh) gives: engine_tools, engine_configure, engine_settings, engine_owns_command, engine_prepare,
# engine_check_archive, engine_can KIND, engine_backup KIND, engine_annotate, engine_list, engine_wal_list, engine_wal_get, engine_restore,
# engine_fetch_command, engine_verify, engine_drop, engine_drop_wal, engine_expected_bytes.

ops_use checksum cluster wal scratch
# A list that could not be read must not pass for an empty one
shopt -s inherit_errexit

# physical_open: the engine is loaded and its tools are there
physical_open() {
  if [[ "$OPS_PHYSICAL_ENGINE" == none ]]; then
    die "$E_CONFIG" "no engine for physical backups is configured" "Set OPS_PHYSICAL_ENGINE to pgbackrest or core, and OPS_PG_DATA."
  fi
  if [[ "${PHYSICAL_ENGINE_LOADED:-}" != yes ]]; then
    ops_use "engine-$OPS_PHYSICAL_ENGINE"
    engine_tools
    engine_configure
    PHYSICAL_ENGINE_LOADED=yes
  fi
}

# wal_catalogue: what the archive and the stream hold, into OPS_TMP/wal-names (one name a line) and OPS_TMP/wal-times (name<TAB>time);
# the history of the newest timeline into OPS_TMP/wal-history, its number into WAL_TIMELINE
wal_catalogue() {
  local name
  engine_wal_list >"$OPS_TMP/wal-times"
  stream_list >>"$OPS_TMP/wal-times"
  cut -f1 "$OPS_TMP/wal-times" | sort -u >"$OPS_TMP/wal-names"
  : >"$OPS_TMP/wal-history"
  WAL_TIMELINE=1
  name=$(newest_history <"$OPS_TMP/wal-names")
  if [[ -n "$name" ]]; then
    WAL_TIMELINE=$((16#${name:0:8}))
    wal_get "$name" "$OPS_TMP/wal-history" || die "$E_DAMAGED" "the timeline history $name cannot be read from the archive"
  fi
}

stream_list() {
  if [[ "$OPS_STREAM" == off || ! -d "$OPS_STREAM_DIR" ]]; then return 0; fi
  find -H "$OPS_STREAM_DIR" -maxdepth 2 -not -path '*/sums/*' -not -path '*/abandoned/*' -not -path '*/kept/*.partial' -type f -regextype posix-extended -regex '.*/([0-9A-F]{24}(\.partial)?|[0-9A-F]{8}\.history)' \
    -printf '%f\t%Ts\n' | sed -E 's/\.partial\t/\t/'
}

# wal_get NAME FILE: from the archive, else from the stream
wal_get() {
  if engine_wal_get "$1" "$2" && [[ -s "$2" ]]; then return 0; fi
  if stream_has "$1"; then
    cp -- "$(stream_file "$1")" "$2"
  elif [[ -f "$OPS_STREAM_DIR/$1.partial" ]]; then
    cp -- "$OPS_STREAM_DIR/$1.partial" "$2"
  else
    return 1
  fi
}

# wal_end_time SEGMENT: the last commit in it, or in one of the two before it; else the time it was stored
wal_end_time() {
  local number name=$1 back time file="$OPS_TMP/end-segment" per_log=$((4294967296 / $(wal_segment_bytes)))
  for back in 0 1 2; do
    number=$((16#${1:8:8} * per_log + 16#${1:16:8} - back))
    printf -v name '%s%08X%08X' "${1:0:8}" $((number / per_log)) $((number % per_log))
    rm -f -- "$file"
    if ! wal_get "$name" "$file"; then break; fi
    time=$(wal_last_commit "$file" "$name")
    if [[ -n "$time" ]]; then
      printf '%s' "$time"
      return 0
    fi
  done
  time=$(awk -F'\t' -v name="$1" '$1 == name && $2 > t { t = $2 } END { if (t) print t }' "$OPS_TMP/wal-times")
  if [[ -n "$time" ]]; then date -u -d "@$time" +%Y-%m-%dT%H:%M:%SZ; fi
}

# physical_list_json: an array; besides the engine's own fields: location, state, recoverableFrom, recoverableTo, where the WAL
# after a backup ends (chainEnd), and whether it lies on a branch that the newest timeline has left (abandoned): after a recovery to a
# time before it. Such a one leads to its own end only.
physical_list_json() {
  local list id start end end_time chain state mark lsn abandoned
  local -A end_times=()
  physical_open
  list=$(engine_list)
  wal_catalogue
  while IFS=$'\t' read -r id start stop lsn faulty finished; do
    abandoned=false
    if wal_leads_on "$start" "$lsn" "$OPS_TMP/wal-history" "$WAL_TIMELINE"; then
      chain=$(wal_chain "$start" "$OPS_TMP/wal-names" "$OPS_TMP/wal-history" "$WAL_TIMELINE")
    else
      abandoned=true
      chain=$(wal_chain "$start" "$OPS_TMP/wal-names" /dev/null $((16#${start:0:8})) "$stop")
    fi
    end=$(sed -n 's/^end //p' <<<"$chain")
    mark=$(backup_state "$id")
    state=$mark
    end_time=''
    if [[ "$end" == - || "${end:8}" < "${stop:8}" ]]; then
      state=damaged
    elif [[ "$abandoned" == true ]]; then
      end_time=$finished
    else
      if [[ -z "${end_times[$end]+set}" ]]; then end_times[$end]=$(wal_end_time "$end"); fi
      end_time=${end_times[$end]}
      if [[ -z "$end_time" || "$end_time" < "$finished" ]]; then end_time=$finished; fi
    fi
    if [[ "$faulty" == true ]]; then state=damaged; fi
    jq -nc --arg id "$id" --arg state "$state" --arg to "$end_time" --arg last "$end" --argjson abandoned "$abandoned" \
      '{($id): {state: $state, recoverableTo: $to, chainEnd: $last, abandoned: $abandoned}}'
  done < <(jq -r '.[] | [.id, .startSegment, .stopSegment, .stopLsn, .faulty, .finishedAt] | @tsv' <<<"$list") >"$OPS_TMP/ends"
  jq -c --slurpfile ends "$OPS_TMP/ends" --arg location "$OPS_PHYSICAL_ENGINE:$OPS_PHYSICAL_REPO" '
    ($ends | add // {}) as $e
    | map(. + {location: $location, state: $e[.id].state, chainEnd: $e[.id].chainEnd, abandoned: $e[.id].abandoned,
               recoverableFrom: (if $e[.id].state == "damaged" then null else .finishedAt end),
               recoverableTo: ($e[.id].recoverableTo | if . == "" then null else . end)})' <<<"$list"
}

# The last proof of a backup is kept with the state
backup_mark_file() { printf '%s/proven/physical-%s' "$OPS_STATE_DIR" "$1"; }

backup_state() {
  local file
  file=$(backup_mark_file "$1")
  if [[ -s "$file" ]]; then head -n 1 -- "$file"; else printf 'unverified'; fi
}

mark_physical() {
  mkdir -p -- "$OPS_STATE_DIR/proven"
  printf '%s\n' "$2" >"$(backup_mark_file "$1")"
}

# physical_window LIST: "FROM TO" of what the good backups and the WAL allow, nothing when there is none
physical_window() {
  jq -r '[.[] | select(.state != "damaged" and .recoverableTo != null)] | if length == 0 then empty
         else "\(map(.recoverableFrom) | min) \(map(.recoverableTo) | max)" end' <<<"$1"
}

physical_show_window() {
  local window
  window=$(physical_window "$1")
  [[ -n "$window" ]] || die "$E_NOT_FOUND" "there is no physical backup that can be restored" "See list-backups and verify-backups."
  log "recoverable: from ${window% *} to ${window#* }"
  jq -r '.[] | select(.state != "damaged") | "  backup \(.id) (\(.kind)): any time from \(.recoverableFrom) to \(.recoverableTo)"' <<<"$1" >&2
}

# retention_drops LIST NOW: identifiers that may go, the newest first (so that nothing is removed before what depends on it).
# A full one goes when it is older than OPS_RETENTION_FULL_DAYS, an incremental one when it is older than
# OPS_RETENTION_INCREMENTAL_HOURS, and neither while something that depends on it stays. The newest good full one, the newest good
# backup, and the newest full one that is at least as old as the WAL is to be kept, stay.
# shellcheck disable=SC2016  # jq's variables
retention_drops() {
  jq -r --argjson now "$2" --argjson full "$OPS_RETENTION_FULL_DAYS" --argjson incremental "$OPS_RETENTION_INCREMENTAL_HOURS" \
    --argjson wal "$OPS_RETENTION_WAL_DAYS" '
    . as $all
    | [$all[] | select(.state != "damaged" and (.abandoned | not))] as $good
    | ([$good[] | select(.kind == "full")] | last | .id) as $newestFull
    | ($good | last | .id) as $newest
    | ([$good[] | select(.kind == "full" and .finishedEpoch <= $now - $wal * 86400)] | last | .id) as $walBase
    | [$all[] | select(.id != $newestFull and .id != $newest and .id != $walBase)
       | select($newestFull != null)
       | select(if .kind == "full" then .finishedEpoch < $now - $full * 86400 else .finishedEpoch < $now - $incremental * 3600 end)
       | .id] as $old
    | [$all[] | select(.id | IN($old[])) | .id as $id
       | select(all($all[]; ((.requires | index($id)) == null) or (.id | IN($old[])))) | .id]
    | reverse | .[]' <<<"$1"
}

# A transaction from this number on has begun after what was done so far: restore-pitr --xid chooses a backup by it
first_transaction_after() { sql "$PGDATABASE" <<<"select pg_snapshot_xmax(pg_current_snapshot())::text::bigint % (2^32)::bigint"; }

# wal_base LIST NOW: the full backup since which all WAL is kept: the newest one that is OPS_RETENTION_WAL_DAYS old, else the oldest
wal_base() {
  jq -r --argjson now "$2" --argjson wal "$OPS_RETENTION_WAL_DAYS" '
    [.[] | select(.kind == "full" and .state != "damaged" and (.abandoned | not))] as $fulls
    | ([$fulls[] | select(.finishedEpoch <= $now - $wal * 86400)] | last) // ($fulls | first) | .id // empty' <<<"$1"
}

# physical_prune LIST: what retention lets go
physical_prune() {
  local list=$1 now=${OPS_NOW:-$(date +%s)} id base fulls
  while IFS= read -r id; do
    log "removing backup $id: older than is to be kept"
    engine_drop "$id"
    rm -f -- "$(backup_mark_file "$id")"
    list=$(jq -c --arg id "$id" 'map(select(.id != $id))' <<<"$list")
  done < <(retention_drops "$list" "$now")
  base=$(wal_base "$list" "$now")
  if [[ -n "$base" ]]; then
    fulls=$(jq --arg id "$base" '[.[] | select(.kind == "full")] | length - (map(.id) | index($id))' <<<"$list")
    engine_drop_wal "$fulls" "$base"
  fi
}

# physical_findings LIST: a line on standard output for everything that is wrong; the backups that are whole are marked so.
physical_findings() {
  local list=$1 base id start stop chain
  engine_verify "$list" >"$OPS_TMP/findings"
  wal_catalogue
  while IFS=$'\t' read -r id start stop; do
    chain=$(wal_chain "$start" "$OPS_TMP/wal-names" /dev/null $((16#${start:0:8})) "$stop")
    sed -n "s/^hole \(.*\)/backup $id needs WAL that is missing: \1/p" <<<"$chain"
  done < <(jq -r '.[] | [.id, .startSegment, .stopSegment] | @tsv' <<<"$list") >>"$OPS_TMP/findings"
  # From the oldest backup after which all WAL is kept, nothing may be missing
  base=$(wal_base "$(jq -c 'map(.state //= "unverified")' <<<"$list")" "${OPS_NOW:-$(date +%s)}")
  start=$(jq -r --arg id "$base" '.[] | select(.id == $id) | .startSegment' <<<"$list")
  if [[ -n "$start" ]]; then
    chain=$(wal_chain "$start" "$OPS_TMP/wal-names" "$OPS_TMP/wal-history" "$WAL_TIMELINE")
    sed -n 's/^hole \(.*\)/the archive lacks WAL: \1; no point after it can be restored from an earlier backup/p' <<<"$chain" >>"$OPS_TMP/findings"
  fi
  while IFS= read -r id; do
    # A backup is as whole as those it depends on. The name of an incremental one begins with that of its full one.
    if jq -r --arg id "$id" '.[] | select(.id == $id) | .id, .requires[]' <<<"$list" | grep -qwF -f - -- "$OPS_TMP/findings"; then
      mark_physical "$id" damaged
    else
      mark_physical "$id" whole
    fi
  done < <(jq -r '.[].id' <<<"$list")
  cat -- "$OPS_TMP/findings"
}

# physical_verify: every byte of the repository; a run of kind "verify". For verify-backups.
physical_verify() {
  local list findings id bytes window
  physical_open
  begin_run verify "$OPS_STANZA"
  list=$(engine_list)
  findings=$(physical_findings "$list")
  if [[ "$list" == '[]' && -z "$findings" ]]; then die "$E_CHECK" "there is no physical backup in the repository" "Run backup-physical --full."; fi
  for id in $(jq -r '.[].id' <<<"$list"); do
    if [[ "$(backup_state "$id")" == whole ]]; then printf 'whole    %s\n' "$id"; else printf 'DAMAGED  %s\n' "$id"; fi
  done
  if [[ -n "$findings" ]]; then
    printf 'DAMAGED  %s\n' "${findings//$'\n'/$'\n'DAMAGED  }"
    die "$E_DAMAGED" "the repository is damaged: $(head -n 3 <<<"$findings" | paste -sd';')" "Make a new full backup, and look for the cause."
  fi
  bytes=$(jq '[.[].storedBytes] | add' <<<"$list")
  list=$(physical_list_json)
  window=$(physical_window "$list")
  end_run ok bytes="$bytes" recoverableFrom="${window% *}" recoverableTo="${window#* }"
}

# parse_target KIND VALUE: sets TARGET, in the form that PostgreSQL takes
parse_target() {
  TARGET=$2
  case "$1" in
    time)
      TARGET=$(date -u -d "$2" '+%Y-%m-%d %H:%M:%S.%6N+00' 2>/dev/null) ||
        wrong_usage "$(shown "$2") is no time" "Write it like 2026-01-31 14:05:00+01"
      ;;
    xid) [[ "$2" =~ ^[1-9][0-9]{0,18}$ ]] || wrong_usage "$(shown "$2") is no transaction id" ;;
    lsn) [[ "$2" =~ ^[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}$ ]] || wrong_usage "$(shown "$2") is no LSN, such as 0/3000148" ;;
    name) ((${#2} < 64)) || wrong_usage "a restore point has a name of less than 64 bytes" ;;
  esac
}

# choose_backups LIST KIND TARGET [ID [TIMELINE]]: identifiers to try, the best first. What is known to be taken after the target is left
# out, and, unless a timeline is wanted, what the newest one has left; where that is not known (a transaction or name from before we took notes), the target shows during the recovery.
choose_backups() {
  local list=$1 kind=$2 target=$3 id=${4:-} lsn limit
  list=$(jq -c 'map(select(.state != "damaged"))' <<<"$list")
  if [[ -n "$id" ]]; then
    jq -e --arg id "$id" 'any(.[]; .id == $id)' <<<"$list" >/dev/null || die "$E_NOT_FOUND" "there is no whole backup $(shown "$id")" "See list-backups."
    printf '%s\n' "$id"
    return
  fi
  if [[ -z "${5:-}" ]]; then list=$(jq -c 'map(select(.abandoned | not))' <<<"$list"); fi
  if [[ "$kind" == name ]]; then
    lsn=$(restore_point_lsn "$target")
    if [[ -n "$lsn" ]]; then kind=lsn target=$lsn; fi
  fi
  # The server looks at the lower 32 bits only
  if [[ "$kind" == xid ]]; then target=$((target % 4294967296)); fi
  case "$kind" in
    time)
      limit=$(date -u -d "$target" +%s)
      jq -r --argjson limit "$limit" '[.[] | select(.finishedEpoch < $limit)] | reverse | .[0].id // empty' <<<"$list"
      ;;
    lsn)
      limit=$(lsn_number "$target")
      while IFS=$'\t' read -r id lsn; do
        if (($(lsn_number "$lsn") <= limit)); then
          printf '%s\n' "$id"
          break
        fi
      done < <(jq -r 'reverse | .[] | [.id, .stopLsn] | @tsv' <<<"$list")
      ;;
    xid) jq -r --arg xid "$target" '[.[] | select(.xidAfter == null or (.xidAfter | tonumber) <= ($xid | tonumber))] | reverse | .[].id' <<<"$list" ;;
    *) jq -r 'reverse | .[].id' <<<"$list" ;;
  esac
}

# Where restore-point has put a name, if the note is still there
restore_points_file() { printf '%s/restore-points.jsonl' "$OPS_STATE_DIR"; }

restore_point_lsn() {
  local file
  file=$(restore_points_file)
  if [[ -s "$file" ]]; then jq -r --arg name "$1" 'select(.name == $name) | .lsn' "$file" | head -n 1; fi
}

# restore_files ID HOME [DATABASE]: a backup's files into HOME/data
restore_files() {
  log "restoring backup $1 into $(shown "$2/data")"
  engine_restore "$1" "$2/data" "$2/tablespaces" "${3:-}"
  chmod 700 -- "$2/data"
}

# new_scratch_home: a directory for a scratch cluster that the end of the script removes
new_scratch_home() {
  mkdir -p -- "$OPS_SCRATCH_DIR" || die "$E_SPACE" "OPS_SCRATCH_DIR=$(shown "$OPS_SCRATCH_DIR") cannot be made"
  SCRATCH_DIRECTORY=$(mktemp -d -- "${OPS_SCRATCH_DIR%/}/scratch.XXXXXX")
  on_cleanup scratch_remove "$SCRATCH_DIRECTORY"
}

# backup_bytes LIST ID: what it takes once restored
backup_bytes() { jq -r --arg id "$2" '.[] | select(.id == $id) | .bytes' <<<"$1"; }

# physical_scratch_open [--database DB] [--backup ID] [--time T | --latest | --name N | --xid X | --lsn L | --immediate] [--exclusive]
# A scratch cluster at that point; SCRATCH_HOST, SCRATCH_PORT and SCRATCH_USER say where. Ends with the script, or by physical_scratch_close.
physical_scratch_open() {
  local kind=latest target='' database='' id='' exclusive='' list
  local -a candidates
  while (($#)); do
    case "$1" in
      --database) database=$2; shift ;;
      --backup) id=$2; shift ;;
      --exclusive) exclusive=yes ;;
      --latest | --immediate) kind=${1#--} ;;
      --time | --name | --xid | --lsn)
        kind=${1#--}
        parse_target "$kind" "$2"
        target=$TARGET
        shift
        ;;
    esac
    shift
  done
  physical_open
  list=$(physical_list_json)
  mapfile -t candidates < <(choose_backups "$list" "$kind" "$target" "$id")
  ((${#candidates[@]})) || die "$E_NOT_FOUND" "no backup is old enough for this point" "See list-backups for what can be restored."
  new_scratch_home
  for id in "${candidates[@]}"; do
    need_space "$SCRATCH_DIRECTORY" "$(backup_bytes "$list" "$id")"
    restore_files "$id" "$SCRATCH_DIRECTORY" "$database"
    prepare_recovery "$SCRATCH_DIRECTORY/data" "$kind" "$target" "$exclusive" ''
    scratch_start "$SCRATCH_DIRECTORY" fast
    if [[ "$RECOVERY" == ok ]]; then return 0; fi
    find "$SCRATCH_DIRECTORY" -mindepth 1 -delete
  done
  target_unmet
}

physical_scratch_close() { scratch_remove "$SCRATCH_DIRECTORY"; }
