# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Driver: pgBackRest. Its configuration file is written from ours, so that one file says it all.

engine_tools() {
  need_tool pgbackrest pgbackrest
  need_tool jq jq
}

pgbackrest_config() { printf '%s/pgbackrest.conf' "$OPS_STATE_DIR"; }

engine_configure() {
  make_state_directory
  local file
  file=$(pgbackrest_config)
  pgbackrest_config_text >"$OPS_TMP/pgbackrest.conf"
  if cmp -s -- "$OPS_TMP/pgbackrest.conf" "$file"; then return 0; fi
  cat -- "$OPS_TMP/pgbackrest.conf" >"$file.new"
  sync -- "$file.new"
  mv -f -- "$file.new" "$file"
}

pgbackrest_config_text() {
  local own="$OPS_TMP/pgbackrest-options" line
  : >"$own"
  if [[ -n "$OPS_PGBACKREST_OPTIONS_FILE" ]]; then
    sed -E 's/^[[:space:]]+//; /^(#|$)/d; /^\[/d' -- "$OPS_PGBACKREST_OPTIONS_FILE" >"$own"
  fi
  printf '# Written by DB Resilience from its own configuration: changes here are lost\n[global]\n'
  # What the options file says wins
  while IFS= read -r line; do
    if ! grep -qE "^${line%%=*}[[:space:]]*=" "$own"; then printf '%s\n' "$line"; fi
  done < <(pgbackrest_defaults)
  cat -- "$own"
  printf '[%s]\n' "$OPS_STANZA"
  printf 'pg1-path=%s\npg1-port=%s\n' "$OPS_PG_DATA" "${PGPORT:-5432}"
  if [[ "${PGHOST:-}" == /* ]]; then printf 'pg1-socket-path=%s\n' "$PGHOST"; fi
  if [[ -n "${PGUSER:-}" ]]; then printf 'pg1-user=%s\n' "$PGUSER"; fi
}

pgbackrest_defaults() {
  printf '%s\n' "repo1-path=$OPS_PHYSICAL_REPO" "log-path=$OPS_STATE_DIR/pgbackrest-log" "lock-path=$OPS_STATE_DIR/pgbackrest-lock" \
    "spool-path=$OPS_STATE_DIR/pgbackrest-spool" "compress-type=$OPS_PHYSICAL_COMPRESS" "process-max=$OPS_PHYSICAL_JOBS" \
    start-fast=y log-level-file=off log-level-console=warn archive-timeout=60
}

pgbackrest_is_local() { [[ -z "$OPS_PGBACKREST_OPTIONS_FILE" ]] || ! grep -qE '^[[:space:]]*repo1-(type|host)[[:space:]]*=' "$OPS_PGBACKREST_OPTIONS_FILE"; }

# pgbackrest ARGS...: its answer on standard output, its complaints in the scratch directory
pgbackrest_run() {
  run_child pgbackrest --config="$(pgbackrest_config)" --stanza="$OPS_STANZA" "$@" 2>"$OPS_TMP/pgbackrest-errors"
}

# need_pgbackrest WHAT ARGS...: the same, and the script ends when it fails
need_pgbackrest() {
  local what=$1 code=0
  shift
  pgbackrest_run "$@" >"$OPS_TMP/pgbackrest-output" || code=$?
  if ((code == 0)); then return 0; fi
  if ((code > 128)); then die "$E_FAILED" "$what was ended by a signal"; fi
  # It speaks of trouble on either stream
  cat -- "$OPS_TMP/pgbackrest-output" >>"$OPS_TMP/pgbackrest-errors"
  pgbackrest_die "$what" "$code" "$(grep -E 'ERROR:|HINT:|^ +' -- "$OPS_TMP/pgbackrest-errors" | sed -E 's/^.*ERROR: *//' | tr -s ' \n' ' ' | head -c 700)"
}

# pgbackrest_die WHAT CODE TEXT: its error in our table (codes: errors.yaml of pgBackRest)
pgbackrest_die() {
  local what=$1 code=$2 text=$3
  if grep -qiE 'no space left|disk quota' <<<"$text"; then die "$E_SPACE" "$what: $text" "Free some space in the repository."; fi
  if grep -qi 'certificate' <<<"$text"; then die "$E_REMOTE" "$what: $text" "Check repo1-storage-ca-file and the host name in OPS_PGBACKREST_OPTIONS_FILE."; fi
  case "$code" in
    50) die "$E_LOCKED" "$what: pgBackRest is at work already: $text" "Wait for it to end." ;;
    56 | 57 | 58 | 80 | 81) die "$E_DATABASE" "$what: $text" "Check the server, PGHOST, PGPORT and PGUSER." ;;
    49 | 72 | 101 | 105) die "$E_REMOTE" "$what: $text" "Check the network and the store in OPS_PGBACKREST_OPTIONS_FILE." ;;
    27 | 31 | 32 | 37 | 87) die "$E_CONFIG" "$what: $text" "Check OPS_PGBACKREST_OPTIONS_FILE and the server's archive settings." ;;
    82) die "$E_FAILED" "$what: WAL does not reach the archive: $text" "See check-archive and the server's log." ;;
    26 | 28 | 29 | 44 | 51 | 75 | 95 | 99) die "$E_DAMAGED" "$what: $text" "Is the repository whole, its key the right one, and this cluster its origin? See verify-backups." ;;
    55 | 73 | 103) die "$E_NOT_FOUND" "$what: $text" "Has setup-wal-archiving been run for this repository?" ;;
  esac
  if grep -qiE 'unable to connect|HTTP request failed|unable to get address|tls' <<<"$text"; then
    die "$E_REMOTE" "$what: $text" "Check the network and the store in OPS_PGBACKREST_OPTIONS_FILE."
  fi
  die "$E_FAILED" "$what: ${text:-pgBackRest ended with $code}"
}

# name<TAB>value that the server needs
engine_settings() {
  printf 'archive_mode\ton\n'
  printf 'archive_command\t%s\n' "$(pgbackrest_archive_command)"
  printf 'archive_timeout\t%s\n' "$OPS_ARCHIVE_TIMEOUT"
}

pgbackrest_archive_command() {
  printf 'pgbackrest --config=%q --stanza=%s archive-push "%%p"' "$(pgbackrest_config)" "$OPS_STANZA"
}

# What in an archive_command shows that it is ours
engine_owns_command() { [[ "$1" == *pgbackrest*"--stanza=$OPS_STANZA"*archive-push* ]]; }

engine_fetch_command() { printf ' pgbackrest --config=%q --stanza=%s archive-get' "$(pgbackrest_config)" "$OPS_STANZA"; }

engine_prepare() {
  if pgbackrest_is_local; then mkdir -p -- "$OPS_PHYSICAL_REPO" || die "$E_SPACE" "OPS_PHYSICAL_REPO=$(shown "$OPS_PHYSICAL_REPO") cannot be made by $(id -un)"; fi
  need_pgbackrest "making the stanza $OPS_STANZA" stanza-create
}

# A segment is switched and arrives in the archive
engine_check_archive() { need_pgbackrest "checking the archive" check; }

engine_can() { [[ "$1" == full || "$1" == incremental ]]; }

# engine_backup full|incremental: sets BACKUP_LABEL
engine_backup() {
  local type=full
  if [[ "$1" == incremental ]]; then type=incr; fi
  need_pgbackrest "the $1 backup" --type="$type" --no-expire-auto --log-level-console=detail backup
  grep -E 'WARN' "$OPS_TMP/pgbackrest-output" | sed -E 's/^.*WARN: *//' | while IFS= read -r line; do warn "pgBackRest: $line"; done || true
  BACKUP_LABEL=$(sed -nE 's/.*new backup label = ([0-9FDI_-]+).*/\1/p' "$OPS_TMP/pgbackrest-output" | tail -n 1)
  [[ -n "$BACKUP_LABEL" ]] || die "$E_FAILED" "pgBackRest named no new backup"
}

# engine_annotate LABEL KEY=VALUE
engine_annotate() { need_pgbackrest "annotating $1" --set="$1" --annotation="$2" annotate; }

# An array of backups, the oldest first, in our own words
# shellcheck disable=SC2016  # jq's variables
engine_list() {
  need_pgbackrest "reading the list of backups" --output=json info
  jq -c --arg stanza "$OPS_STANZA" '
    def kind: if . == "incr" then "incremental" elif . == "diff" then "incremental" else . end;
    [.[] | select(.name == $stanza) | .db as $db | .backup[]?
     | {kind: (.type | kind), id: .label, database: $stanza, startedEpoch: .timestamp.start, finishedEpoch: .timestamp.stop,
        startedAt: (.timestamp.start | todate), finishedAt: (.timestamp.stop | todate), bytes: .info.size,
        storedBytes: .info.repository.delta, startSegment: .archive.start, stopSegment: .archive.stop, startLsn: .lsn.start,
        stopLsn: .lsn.stop, requires: (.reference // []), faulty: (.error == true),
        xidAfter: (.annotation.xidAfter // null),
        version: (.database.id as $id | [$db[] | select(.id == $id)][0].version),
        systemId: (.database.id as $id | [$db[] | select(.id == $id)][0]["system-id"] | tostring)}]
    | sort_by(.finishedEpoch)' "$OPS_TMP/pgbackrest-output"
}

# pgbackrest_archive_id: the newest archive directory of the stanza, such as 15-1
pgbackrest_archive_id() {
  pgbackrest_run --output=json repo-ls "archive/$OPS_STANZA" |
    jq -r 'to_entries[] | select(.value.type == "path") | .key' | grep -E '^[0-9.]+-[0-9]+$' | sort -t- -k2,2n | tail -n 1
}

# name<TAB>seconds since 1970 of everything in the archive
engine_wal_list() {
  local id
  id=$(pgbackrest_archive_id) || true
  if [[ -z "$id" ]]; then return 0; fi
  need_pgbackrest "listing the archive" --output=json --recurse repo-ls "archive/$OPS_STANZA/$id"
  jq -r 'to_entries[] | select(.value.type == "file") | "\(.key | split("/")[-1] | sub("-[0-9a-f]{40}(\\.[a-z0-9]+)?$"; ""))\t\(.value.time)"' \
    "$OPS_TMP/pgbackrest-output"
}

# engine_wal_get NAME FILE
engine_wal_get() { pgbackrest_run archive-get "$1" "$2" >/dev/null; }

# engine_restore LABEL DIRECTORY TABLESPACES [DATABASE]: the files, without any word on recovery
engine_restore() {
  local -a options=()
  if [[ -n "${4:-}" ]]; then options+=(--db-include="$4"); fi
  mkdir -p -- "$2" "$3"
  need_pgbackrest "restoring $1" --set="$1" --pg1-path="$2" --tablespace-map-all="$3" --type=none "${options[@]}" restore
  rmdir -- "$3" 2>/dev/null || true
}

engine_drop() { need_pgbackrest "removing backup $1" --set="$1" --log-level-console=warn expire; }

# engine_drop_wal FULLS: keep the WAL since the oldest of that many newest full backups, and of the older ones what they need themselves
engine_drop_wal() { need_pgbackrest "removing old WAL" --repo1-retention-archive-type=full --repo1-retention-archive="$1" --log-level-console=error expire; }

# engine_verify LIST: a line on standard output for everything that is wrong. pgBackRest ends with 0 whatever it finds, so its report is read:
# what it does not call valid, and what it does not mention, is damaged.
engine_verify() {
  local label
  need_pgbackrest "reading the repository" --output=text --verbose verify
  cp -- "$OPS_TMP/pgbackrest-output" "$OPS_TMP/verify-report"
  if ! grep -qE '^ *status: ok' "$OPS_TMP/verify-report"; then
    sed -E 's/^ +//' "$OPS_TMP/verify-report" | grep -E 'invalid|error|missing|other|WARN|ERROR' | grep -vE '^missing: 0, checksum invalid: 0, size invalid: 0, other: 0$' ||
      printf 'pgBackRest finds the repository damaged\n'
  fi
  for label in $(jq -r '.[].id' <<<"$1"); do
    grep -qE "^ *backup: $label, status: valid" "$OPS_TMP/verify-report" || printf 'backup %s was not found valid\n' "$label"
    pgbackrest_same "backup/$OPS_STANZA/$label/backup.manifest"
  done
  pgbackrest_same "backup/$OPS_STANZA/backup.info"
  pgbackrest_same "archive/$OPS_STANZA/archive.info"
}

# pgBackRest keeps its own files twice and silently takes the good one: that is one byte away from none
pgbackrest_same() {
  local file
  for file in "$1" "$1.copy"; do
    pgbackrest_run repo-get "$file" >"$OPS_TMP/${file##*/}" || printf '%s cannot be read\n' "$file"
  done
  cmp -s -- "$OPS_TMP/${1##*/}" "$OPS_TMP/${1##*/}.copy" || printf '%s differs from its copy\n' "$1"
}

# Bytes that the next backup may need in the repository; 0 where that is not ours to know
engine_expected_bytes() {
  if ! pgbackrest_is_local; then
    printf 0
    return
  fi
  local before
  before=$(jq -r --arg kind "$1" '[.[] | select(.kind == $kind)] | last | .storedBytes // 0' <<<"$2")
  if ((before > 0)); then
    printf '%d' $((before * 5 / 4))
  elif [[ "$1" == full ]]; then
    sql "$PGDATABASE" <<<"select sum(pg_database_size(oid))::bigint from pg_database"
  else
    printf 0
  fi
}
