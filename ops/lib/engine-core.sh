# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Driver: PostgreSQL's own tools. pg_basebackup makes the backups, pg_verifybackup proves them, the stream (pg_receivewal) is the archive;
# from PostgreSQL 17 on there are incremental ones, which pg_combinebackup puts together.
#   OPS_PHYSICAL_REPO/backup/<id>/data         the data directory, with the WAL it needs
#   OPS_PHYSICAL_REPO/backup/<id>/tablespaces  one directory each
#   OPS_PHYSICAL_REPO/backup/<id>/SHA256SUMS   of every file
#   OPS_PHYSICAL_REPO/backup/<id>.json         what it is, and the checksum of that line
# What is being written or deleted begins with ".partial-".

engine_tools() {
  need_tool jq jq
  if [[ "$OPS_STREAM" == off ]]; then
    die "$E_CONFIG" "the engine core keeps its WAL by streaming, and OPS_STREAM is off" "Set OPS_STREAM to asynchronous or synchronous."
  fi
}

engine_configure() { :; }

# No archive_command: the stream is the archive. name<TAB>value that the server needs
engine_settings() {
  if (($(server_version) >= 170000)); then printf 'summarize_wal\ton\n'; fi
}

engine_owns_command() { false; }

engine_fetch_command() { :; }

core_home() { printf '%s/backup' "$OPS_PHYSICAL_REPO"; }

engine_prepare() {
  mkdir -p -- "$(core_home)" || die "$E_SPACE" "OPS_PHYSICAL_REPO=$(shown "$OPS_PHYSICAL_REPO") cannot be made by $(id -un)"
}

# A segment is finished and arrives complete in the stream's directory
engine_check_archive() {
  local name i
  name=$(sql "$PGDATABASE" <<<"
    select pg_logical_emit_message(true, 'db-resilience', 'check') \\gset
    select pg_walfile_name(pg_switch_wal())")
  for ((i = 0; i < 300; i++)); do
    if [[ -f "$OPS_STREAM_DIR/$name" ]]; then return 0; fi
    sleep 0.1
  done
  die "$E_CHECK" "the segment $name did not arrive in OPS_STREAM_DIR within 30 s" "Start stream-wal, then: setup-wal-archiving --check"
}

engine_can() {
  if [[ "$1" != incremental ]]; then return 0; fi
  need_database "$PGDATABASE"
  if (($(server_version) < 170000)); then
    die "$E_CONFIG" "incremental backups with the engine core need PostgreSQL 17" "Set OPS_PHYSICAL_ENGINE=pgbackrest, or make full backups."
  fi
  if [[ "$(sql "$PGDATABASE" <<<"show summarize_wal")" != on ]]; then
    die "$E_CONFIG" "incremental backups need the server's setting summarize_wal, which is off" \
      "Run setup-wal-archiving, which turns it on, then backup-physical --full."
  fi
}

# engine_backup full|incremental: sets BACKUP_LABEL
engine_backup() {
  local kind=$1 began id partial oid location list before requires='[]'
  local -a options=()
  began=$(now_utc)
  id=$(date -u +%Y%m%dT%H%M%SZ)-$kind
  engine_prepare
  # What a killed run has left
  for partial in "$(core_home)"/.partial-*; do core_remove_partial "$partial"; done
  partial="$(core_home)/.partial-$id"
  if [[ "$kind" == incremental ]]; then
    list=$(engine_list)
    before=$(core_predecessor "$list")
    options+=(--incremental="$(core_home)/$before/data/backup_manifest")
    requires=$(jq -c --arg id "$before" '.[] | select(.id == $id) | .requires + [.id]' <<<"$list")
  fi
  on_cleanup core_remove_partial "$partial"
  mkdir -- "$partial"
  while IFS='|' read -r oid location; do
    if [[ -z "$oid" ]]; then continue; fi
    options+=(--tablespace-mapping="${location//=/\\=}=${partial//=/\\=}/tablespaces/$oid")
  done < <(sql "$PGDATABASE" <<<"select oid, pg_tablespace_location(oid) from pg_tablespace where pg_tablespace_location(oid) <> ''")
  run_pg "the $kind backup" "$(server_program pg_basebackup)" --pgdata="$partial/data" --format=plain --wal-method=stream --checkpoint=fast \
    --manifest-checksums=SHA256 --no-password "${options[@]}"
  core_relink "$partial/data" ../../tablespaces
  run_child "$(server_program pg_verifybackup)" --quiet "$partial/data" >"$OPS_TMP/verifybackup" 2>&1 ||
    die "$E_DAMAGED" "the new backup is not what the server sent: $(head -n 3 -- "$OPS_TMP/verifybackup" | paste -sd';')"
  sums_of "$partial" sha256sum >"$partial/SHA256SUMS"
  sync_tree "$partial"
  core_describe "$id" "$kind" "$began" "$requires" "$partial"
  mv -T -- "$partial" "$(core_home)/$id"
  forget_cleanup
  sync -- "$(core_home)"
  # shellcheck disable=SC2034  # for backup-physical
  BACKUP_LABEL=$id
}

# core_predecessor LIST: the backup that an incremental one builds on, the newest that can be restored
core_predecessor() {
  local id before='' newest=''
  for id in $(jq -r '.[] | select(.faulty | not) | .id' <<<"$1"); do
    if [[ "$(backup_state "$id")" != damaged ]]; then before=$id; fi
  done
  if [[ -z "$before" ]]; then
    die "$E_NOT_FOUND" "there is no whole backup that an incremental one could build on" "Run backup-physical --full first."
  fi
  newest=$(jq -r 'last | .id' <<<"$1")
  if [[ "$before" != "$newest" ]]; then warn "backup $newest is damaged, or lacks one that it needs; this one builds on $before"; fi
  printf '%s' "$before"
}

# Links to tablespaces that lead where the backup lies
core_relink() {
  local link
  for link in "$1"/pg_tblspc/*; do
    if [[ -L "$link" && "$(readlink -- "$link")" != "$2/${link##*/}" ]]; then ln -sfn -- "$2/${link##*/}" "$link" || return; fi
  done
}

# core_restored_bytes KIND DIRECTORY: what a backup takes once restored. An incremental one does not know, so the server says it.
core_restored_bytes() {
  local bytes
  if [[ "$1" == full ]]; then
    tree_bytes "$2"
  else
    bytes=$(sql "$PGDATABASE" <<<"select sum(pg_database_size(oid))::bigint from pg_database")
    printf '%d' $((bytes + $(tree_bytes "$2/data/pg_wal")))
  fi
}

# core_describe ID KIND BEGAN REQUIRES DIRECTORY: what a backup is, from the manifest that the server has written
# shellcheck disable=SC2016  # jq's variables
core_describe() {
  local manifest="$5/data/backup_manifest" start end timeline
  IFS=$'\t' read -r timeline start end < <(jq -r '."WAL-Ranges" | [.[0].Timeline, .[0]."Start-LSN", .[-1]."End-LSN"] | @tsv' "$manifest")
  jq -nc --arg id "$1" --arg kind "$2" --arg database "$OPS_STANZA" --arg began "$3" --arg finished "$(now_utc)" --argjson requires "$4" \
    --arg start "$start" --arg stop "$end" --arg startSegment "$(core_segment "$timeline" "$(lsn_number "$start")")" \
    --arg stopSegment "$(core_segment "$timeline" $(($(lsn_number "$end") - 1)))" --argjson bytes "$(core_restored_bytes "$2" "$5")" \
    --argjson stored "$(tree_bytes "$5")" \
    --arg version "$(<"$5/data/PG_VERSION")" --arg system "$(system_identifier "$5/data")" --arg sums "$(sha256sum <"$5/SHA256SUMS" | cut -d' ' -f1)" '
    {kind: $kind, id: $id, database: $database, startedEpoch: ($began | fromdate), finishedEpoch: ($finished | fromdate), startedAt: $began,
     finishedAt: $finished, bytes: $bytes, storedBytes: $stored, startSegment: $startSegment, stopSegment: $stopSegment, startLsn: $start, stopLsn: $stop,
     requires: $requires, xidAfter: null, version: $version, systemId: $system, sums: $sums}' >"$OPS_TMP/description"
  core_write_description "$1"
}

# core_segment TIMELINE POSITION
core_segment() {
  local bytes per_log number
  bytes=$(wal_segment_bytes)
  per_log=$((4294967296 / bytes))
  number=$(($2 / bytes))
  printf '%08X%08X%08X' "$1" $((number / per_log)) $((number % per_log))
}

core_write_description() {
  local file
  file="$(core_home)/$1.json"
  { cat -- "$OPS_TMP/description" && sha256sum <"$OPS_TMP/description" | cut -d' ' -f1; } >"$file.new"
  sync -- "$file.new"
  mv -f -- "$file.new" "$file"
}

engine_annotate() {
  head -n 1 -- "$(core_home)/$1.json" | jq -c --arg key "${2%%=*}" --arg value "${2#*=}" '.[$key] = $value' >"$OPS_TMP/description"
  core_write_description "$1"
}

# What a backup needs and is not there, or has no sound description, is in "lacks"
engine_list() {
  local file id faulty
  for file in "$(core_home)"/*.json; do
    if [[ ! -f "$file" ]]; then continue; fi
    id=$(basename -- "$file" .json)
    faulty=false
    if [[ "$(head -n 1 -- "$file" | sha256sum | cut -d' ' -f1)" != "$(sed -n 2p -- "$file")" || ! -d "$(core_home)/$id/data" ]]; then faulty=true; fi
    # What cannot even be read is found by verify-backups
    head -n 1 -- "$file" | jq -c --argjson faulty "$faulty" --arg id "$id" 'select(.id == $id and (.startSegment | test("^[0-9A-F]{24}$"))) + {faulty: $faulty}' 2>/dev/null || true
  done | jq -cs 'sort_by(.finishedEpoch) | [.[] | select(.faulty | not) | .id] as $there
    | map(.lacks = .requires - $there | .faulty = (.faulty or .lacks != []))'
}

# The WAL inside of the backups; what was streamed is listed anyway
engine_wal_list() {
  find "$(core_home)" -mindepth 4 -maxdepth 4 -path '*/data/pg_wal/*' -type f -not -path '*/.partial-*' -printf '%f\t%Ts\n' 2>/dev/null || true
}

engine_wal_get() {
  local file
  if stream_has "$1"; then
    cp -- "$(stream_file "$1")" "$2"
    return
  fi
  file=$(find "$(core_home)" -mindepth 4 -maxdepth 4 -path "*/data/pg_wal/$1" -type f -not -path '*/.partial-*' -print -quit 2>/dev/null)
  [[ -n "$file" ]] && cp -- "$file" "$2"
}

# engine_restore LABEL DIRECTORY TABLESPACES [DATABASE]: the whole cluster; one database alone is beyond these tools
engine_restore() {
  local id=$1 directory=$2 tablespaces=$3 requires link where source
  local -a parts=() options=()
  source="$(core_home)/$id"
  mkdir -p -- "$directory"
  requires=$(engine_list | jq -r --arg id "$id" '.[] | select(.id == $id) | .requires[]')
  if [[ -z "$requires" ]]; then
    run_child cp -a -- "$source/data/." "$directory/" || die "$E_SPACE" "backup $id could not be copied into $(shown "$directory")"
    if [[ -d "$source/tablespaces" ]]; then
      mkdir -p -- "$tablespaces"
      run_child cp -a -- "$source/tablespaces/." "$tablespaces/" || die "$E_SPACE" "the tablespaces of $id could not be copied into $(shown "$tablespaces")"
      core_relink "$directory" "$tablespaces"
    fi
    sync -f -- "$directory"
    return
  fi
  # pg_combinebackup refuses relative links, and the repository may have moved since
  for link in $requires "$id"; do
    core_relink "$(core_home)/$link/data" "$(core_home)/$link/tablespaces" ||
      die "$E_SPACE" "the links of backup $link to its tablespaces lead elsewhere, and cannot be corrected" "Make OPS_PHYSICAL_REPO writable for $(id -un)."
    parts+=("$(core_home)/$link/data")
  done
  for link in "$source"/data/pg_tblspc/*; do
    if [[ -L "$link" ]]; then
      where="$(readlink -- "$link")"
      options+=(--tablespace-mapping="${where//=/\\=}=${tablespaces//=/\\=}/${link##*/}")
    fi
  done
  run_pg "putting $id together" "$(server_program pg_combinebackup "$(<"$source/data/PG_VERSION")")" "${options[@]}" --output="$directory" "${parts[@]}"
}

engine_drop() {
  local path partial
  path="$(core_home)/$1" partial="$(core_home)/.partial-$1"
  if [[ -d "$path" ]]; then mv -T -- "$path" "$partial"; fi
  rm -f -- "$path.json"
  core_remove_partial "$partial"
}

# core_remove_partial DIRECTORY: what is half there, or half gone, and its description first: without its files it would pass for a lost backup
core_remove_partial() {
  local id=${1##*/.partial-}
  if [[ ! -d "$1" ]]; then return 0; fi
  if [[ ! -d "$(core_home)/$id" ]]; then rm -f -- "$(core_home)/$id.json" "$(core_home)/$id.json.new"; fi
  rm -rf -- "$1"
}

# engine_drop_wal FULLS BASE: the backups have what they need in themselves, so what is older than the base can go
engine_drop_wal() {
  local first file name
  first=$(engine_list | jq -r --arg id "$2" '.[] | select(.id == $id) | .startSegment')
  [[ "$first" =~ $WAL_NAME ]] || return 0
  for file in "$OPS_STREAM_DIR"/{,kept/}????????????????????????; do
    name=${file##*/}
    if [[ "$name" =~ $WAL_NAME && "${name:8}" < "${first:8}" ]]; then rm -f -- "$file" "$OPS_STREAM_DIR/sums/$name"; fi
  done
}

# engine_verify LIST: a line on standard output for everything that is wrong
engine_verify() {
  local id path name file wanted needed
  local -A damaged=()
  for path in "$(core_home)"/*/; do
    id=$(basename -- "$path")
    if [[ ! -d "$path" ]]; then continue; fi
    if ! jq -e --arg id "$id" 'any(.[]; .id == $id and (.faulty | not or .lacks != []))' <<<"$1" >/dev/null; then
      printf 'the description of backup %s is missing or damaged\n' "$id"
      continue
    fi
    wanted=$(jq -r --arg id "$id" '.[] | select(.id == $id) | .sums' <<<"$1")
    if [[ "$(sha256sum <"$path/SHA256SUMS" 2>/dev/null | cut -d' ' -f1)" != "$wanted" ]]; then
      printf 'backup %s: SHA256SUMS is damaged\n' "$id"
      damaged[$id]=yes
    elif ! sums_of "${path%/}" sha256sum 2>/dev/null >"$OPS_TMP/sums" || ! cmp -s -- "$OPS_TMP/sums" "$path/SHA256SUMS"; then
      printf 'backup %s: differs in %s\n' "$id" "$(diff -- "$path/SHA256SUMS" "$OPS_TMP/sums" | sed -n 's/^[<>] [^ ]* [ *]//p' | sort -u | head -n 5 | paste -sd' ' | tr -c '[:print:]\n' '?')"
      damaged[$id]=yes
    fi
  done
  jq -r '.[].id' <<<"$1" | while IFS= read -r id; do
    if [[ ! -d "$(core_home)/$id" ]]; then printf 'the files of backup %s are missing\n' "$id"; fi
  done
  jq -r '.[] | .id as $id | .lacks[] | "backup \($id) needs \(.), which is gone"' <<<"$1"
  while IFS=$'\t' read -r id needed; do
    if [[ -n "${damaged[$needed]:-}" ]]; then printf 'backup %s needs %s, which is damaged\n' "$id" "$needed"; fi
  done < <(jq -r '.[] | .id as $id | .requires[] | [$id, .] | @tsv' <<<"$1")
  stream_seal
  for file in "$OPS_STREAM_DIR"/sums/*; do
    name=${file##*/}
    if [[ ! -f "$file" ]] || ! stream_has "$name"; then continue; fi
    if [[ "$(sha256sum <"$(stream_file "$name")")" != "$(<"$file")" ]]; then printf 'the streamed segment %s is damaged\n' "$name"; fi
  done
}

engine_expected_bytes() {
  if [[ "$1" == full ]]; then
    sql "$PGDATABASE" <<<"select (sum(pg_database_size(oid)) * 1.05)::bigint from pg_database"
  else
    printf 0
  fi
}
