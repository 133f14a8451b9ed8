# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Logical backups as they lie on the disk (or in S3): names, finding, proving, decrypting.
#   OPS_BACKUP_DIR/logical/<database>/<time>/   manifest.json, dump (directory) or dump.pgdump, SHA256SUMS, MD5SUMS
#   OPS_BACKUP_DIR/globals/<time>/              manifest.json, globals.sql, SHA256SUMS, MD5SUMS
# A directory with a time for a name is complete. What is being written or deleted begins with ".partial-".

readonly BACKUP_ID_PATTERN='^[0-9]{8}T[0-9]{6}Z$'

logical_path() { printf 'logical/%s' "$(encode_name "$1")"; }

backup_home() { printf '%s/%s' "$OPS_BACKUP_DIR" "$1"; }

# backup_ids PATH: the identifiers of the backups of a database, the oldest first
backup_ids() {
  local home name
  home=$(backup_home "$1")
  for name in "$home"/*/; do
    name=$(basename -- "$name")
    if [[ "$name" =~ $BACKUP_ID_PATTERN ]]; then printf '%s\n' "$name"; fi
  done
}

# 20260131T020000Z in seconds
id_seconds() { date -u -d "${1:0:8} ${1:9:2}:${1:11:2}:${1:13:2}" +%s; }

# Every path below OPS_BACKUP_DIR that has backups: logical/<database> ..., globals
backup_paths() {
  local home
  for home in "$OPS_BACKUP_DIR"/logical/*/ "$OPS_BACKUP_DIR"/globals/; do
    if [[ -d "$home" ]]; then
      home=${home%/}
      printf '%s\n' "${home#"$OPS_BACKUP_DIR"/}"
    fi
  done
}

# The names in OPS_DATABASES, each before a zero byte; nothing when it says "all"
configured_databases() {
  local name
  local -a names
  if [[ "$OPS_DATABASES" == all ]]; then return 0; fi
  IFS=, read -r -a names <<<"$OPS_DATABASES"
  for name in "${names[@]}"; do
    name=${name#"${name%%[![:space:]]*}"}
    printf '%s\0' "${name%"${name##*[![:space:]]}"}"
  done
}

# find_backup DATABASE ID|latest: sets BACKUP_DIR and BACKUP_ID; keeps pruning away from it until the script ends
find_backup() {
  local database=$1 id=$2 path fd
  path=$(logical_path "$database")
  if [[ "$id" == latest ]]; then id=$(backup_ids "$path" | tail -n 1); fi
  BACKUP_ID=$id BACKUP_DIR=$(backup_home "$path")/$id
  if [[ ! "$id" =~ $BACKUP_ID_PATTERN || ! -d "$BACKUP_DIR" ]]; then
    die "$E_NOT_FOUND" "there is no backup $(shown "${2}") of database $(shown "$database") in $(shown "$(backup_home "$path")")" \
      "See list-backups for what there is; --from-s3 looks into S3."
  fi
  exec {fd}<"$BACKUP_DIR"
  OPS_LOCK_FDS+=("$fd")
  flock -s -n "$fd" || die "$E_LOCKED" "backup $id is being deleted"
}

# fetch_backup DATABASE ID|latest: the same from S3, into the scratch directory
fetch_backup() {
  local database=$1 id=$2 path bytes
  s3_enabled || die "$E_CONFIG" "--from-s3 needs OPS_S3_URL"
  need_tool aws awscli
  path=$(logical_path "$database")
  s3_ids "$path" >"$OPS_TMP/s3-ids"
  if [[ "$id" == latest ]]; then id=$(tail -n 1 "$OPS_TMP/s3-ids"); fi
  if [[ -z "$id" ]] || ! grep -qxF -- "$id" "$OPS_TMP/s3-ids"; then
    die "$E_NOT_FOUND" "there is no complete backup $(shown "$2") of database $(shown "$database") in $OPS_S3_URL"
  fi
  bytes=$(s3_size "$path/$id")
  need_space "$OPS_TMP" "$bytes"
  BACKUP_ID=$id BACKUP_DIR=$OPS_TMP/fetched
  mkdir -- "$BACKUP_DIR"
  log "fetching backup $id ($(human_bytes "$bytes")) from $OPS_S3_URL"
  s3_get_backup "$path/$id" "$BACKUP_DIR"
}

# prove_backup DIR: every byte is as it was written, or the script ends
prove_backup() {
  local wrong
  wrong=$(wrong_files "$1")
  if [[ -n "$wrong" ]]; then
    die "$E_DAMAGED" "backup $(shown "$1") is damaged: ${wrong//$'\n'/; }" \
      "Take another one (list-backups), or the copy in S3 (--from-s3)."
  fi
  jq -e '.version == 1 and (.format | IN("directory", "custom", "globals"))' "$1/manifest.json" >/dev/null 2>&1 ||
    die "$E_DAMAGED" "backup $(shown "$1") has no manifest that this version understands"
}

# open_dump DIR: sets DUMP to what pg_restore can read, decrypted into the scratch directory when needed
open_dump() {
  local dir=$1 format file target
  format=$(jq -r .format "$dir/manifest.json")
  DUMP=$dir/dump
  if [[ "$format" == custom ]]; then DUMP=$dir/dump.pgdump; fi
  if [[ "$(jq -r .encrypted "$dir/manifest.json")" != true ]]; then return 0; fi
  need_tool age age
  [[ -n "$OPS_AGE_IDENTITY_FILE" ]] || die "$E_CONFIG" "backup $BACKUP_ID is encrypted" "Set OPS_AGE_IDENTITY_FILE to its private key."
  need_space "$OPS_TMP" "$(tree_bytes "$dir")"
  log "decrypting backup $BACKUP_ID"
  while IFS= read -r -d '' file; do
    target="$OPS_TMP/plain/${file%.age}"
    mkdir -p -- "$(dirname -- "$target")"
    run_child age --decrypt -i "$OPS_AGE_IDENTITY_FILE" -o "$target" -- "$dir/$file" 2>"$OPS_TMP/age-errors" ||
      die "$E_DAMAGED" "$(shown "$file") cannot be decrypted: $(head -c 300 -- "$OPS_TMP/age-errors")" "Is OPS_AGE_IDENTITY_FILE the key it was made for?"
  done < <(cd -- "$dir" && find . -type f -name '*.age' -printf '%P\0')
  DUMP="$OPS_TMP/plain/$(basename -- "$DUMP")"
}

# One JSON object a backup, without reading the dump itself
logical_list_json() {
  local path id dir mark
  while IFS= read -r path; do
    while IFS= read -r id; do
      dir=$(backup_home "$path")/$id
      mark=$(backup_mark "$path/$id")
      jq -c --arg id "$id" --arg dir "$dir" --argjson bytes "$(tree_bytes "$dir")" --arg state "${mark% *}" --arg proven "${mark#* }" \
        '{kind: (if .format == "globals" then "globals" else "logical" end), database: .database, id: $id, location: $dir, bytes: $bytes,
          startedAt: .startedAt, finishedAt: .finishedAt, recoverableFrom: .snapshotAt, recoverableTo: .snapshotAt,
          encrypted: .encrypted, state: $state, provenAt: (if $proven == "-" then null else $proven end)}' "$dir/manifest.json" 2>/dev/null ||
        jq -nc --arg id "$id" --arg dir "$dir" --arg path "$path" --argjson bytes "$(tree_bytes "$dir")" \
          '{kind: "logical", database: $path, id: $id, location: $dir, bytes: $bytes, state: "damaged"}'
    done < <(backup_ids "$path")
  done < <(backup_paths)
}

# What is known of a backup without reading it again: the last proof and its time, kept with the state
mark_backup() {
  local file
  file="$OPS_STATE_DIR/proven/$(encode_name "$1")"
  mkdir -p -- "$OPS_STATE_DIR/proven"
  printf '%s %s\n' "$2" "$(now_utc)" >"$file"
}

backup_mark() {
  local file
  file="$OPS_STATE_DIR/proven/$(encode_name "$1")"
  if [[ -s "$file" ]]; then head -n 1 -- "$file"; else printf 'unverified -\n'; fi
}

forget_mark() { rm -f -- "$OPS_STATE_DIR/proven/$(encode_name "$1")"; }
