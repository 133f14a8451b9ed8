# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What monitoring sees: one status JSON for the application and one textfile for Prometheus, both replaced at once.
# Of each kind and database the newest run is kept; times of success outlive a failed run.

# record_run kind=K database=D state=S startedAt=T [finishedAt=T] [bytes=N] [error=TEXT] [recoverableFrom=T]
#            [recoverableTo=T] [rpoSeconds=X] [rtoSeconds=X]
# Times are UTC like 2026-01-31T02:00:41Z, rpoSeconds and rtoSeconds are measured numbers. Names may be any text.
record_run() {
  local -a args=()
  local pair
  for pair in "$@"; do args+=(--arg "${pair%%=*}" "${pair#*=}"); done
  need_tool jq jq
  make_state_directory
  (umask 022 && mkdir -p -- "$(dirname -- "$OPS_STATUS_FILE")" "$(dirname -- "$OPS_METRICS_FILE")") || true
  (
    exec {fd}>"$OPS_STATE_DIR/lock/status.lock"
    flock -w 30 "$fd" || die "$E_LOCKED" "the status file stayed locked for 30 s"
    local old='{}'
    if [[ -e "$OPS_STATUS_FILE" ]]; then
      old=$(jq -ce 'select(type == "object" and (.runs | type == "array"))' <"$OPS_STATUS_FILE" 2>/dev/null) || {
        warn "$OPS_STATUS_FILE was broken; kept as $OPS_STATUS_FILE.broken, a new one is begun"
        mv -f -- "$OPS_STATUS_FILE" "$OPS_STATUS_FILE.broken"
        old='{}'
      }
    fi
    jq --arg now "$(now_utc)" "${args[@]}" "$STATUS_FILTER" <<<"$old" | replace_file "$OPS_STATUS_FILE" || exit "$E_SPACE"
    jq -r "$METRICS_FILTER" <"$OPS_STATUS_FILE" | replace_file "$OPS_METRICS_FILE" || exit "$E_SPACE"
  )
}

# shellcheck disable=SC2016  # jq's variables
STATUS_FILTER='
def text: if . == null or . == "" then null else . end;
def number: text | if . == null then null else tonumber end;
$ARGS.named as $a
| if ([$a.kind] | inside(["logical","full","incremental","archive","stream","verify","drill"]) | not)
  then error("unknown kind of run") else . end
| if ([$a.state] | inside(["ok","failed","running"]) | not) then error("unknown state of run") else . end
| (.runs // []) as $runs
| ($runs | map(select(.kind == $a.kind and .database == $a.database)) | first) as $before
| {kind: $a.kind, database: $a.database, state: $a.state, startedAt: ($a.startedAt | text), finishedAt: ($a.finishedAt | text),
   bytes: ($a.bytes | number), error: ($a.error | text), recoverableFrom: ($a.recoverableFrom | text),
   recoverableTo: ($a.recoverableTo | text), rpoSeconds: ($a.rpoSeconds | number), rtoSeconds: ($a.rtoSeconds | number),
   lastSuccessAt: (if $a.state == "ok" then ($a.finishedAt | text) // $now else $before.lastSuccessAt end)} as $run
# What could be restored before a run began or failed can still be restored
| (if $run.state == "ok" then $run else $run
   | .recoverableFrom //= $before.recoverableFrom | .recoverableTo //= $before.recoverableTo end) as $run
| {version: 1, updatedAt: $now,
   runs: ($runs | map(select((.kind == $a.kind and .database == $a.database) | not)) + [$run] | sort_by(.kind, .database))}'

# shellcheck disable=SC2016  # jq's strings
METRICS_FILTER='
def esc: tostring | gsub("\\\\"; "\\\\") | gsub("\""; "\\\"") | gsub("\n"; "\\n");
def labels: "{kind=\"\(.kind | esc)\",database=\"\(.database | esc)\"}";
def time: if . == null then null else fromdateiso8601 end;
def metric(name; help; value):
  [.runs[] | {labels: labels, value: value} | select(.value != null) | "\(name)\(.labels) \(.value)"] as $lines
  | if ($lines | length) == 0 then empty else "# HELP \(name) \(help)", "# TYPE \(name) gauge", $lines[] end;
metric("db_resilience_backup_run_ok"; "1 when the newest finished run succeeded, 0 when it failed.";
  if .state == "ok" then 1 elif .state == "failed" then 0 else null end),
metric("db_resilience_backup_run_running"; "1 while a run is at work."; if .state == "running" then 1 else 0 end),
metric("db_resilience_backup_run_start_time_seconds"; "When the newest run began."; .startedAt | time),
metric("db_resilience_backup_run_finish_time_seconds"; "When the newest run ended."; .finishedAt | time),
metric("db_resilience_backup_last_success_time_seconds"; "When a run succeeded last."; .lastSuccessAt | time),
metric("db_resilience_backup_run_duration_seconds"; "How long the newest run took.";
  if .finishedAt != null and .startedAt != null then (.finishedAt | time) - (.startedAt | time) else null end),
metric("db_resilience_backup_size_bytes"; "Size of what the newest run wrote."; .bytes),
metric("db_resilience_backup_recoverable_from_time_seconds"; "Oldest time that can be restored."; .recoverableFrom | time),
metric("db_resilience_backup_recoverable_to_time_seconds"; "Newest time that can be restored."; .recoverableTo | time),
metric("db_resilience_backup_rpo_seconds"; "Measured recovery point: age of what would be lost."; .rpoSeconds),
metric("db_resilience_backup_rto_seconds"; "Measured time to restore."; .rtoSeconds)'

# replace_file FILE: standard input becomes FILE in one step, readable by monitoring (the directory decides who gets there)
replace_file() {
  local temporary
  temporary=$(mktemp -- "$(dirname -- "$1")/.$(basename -- "$1").XXXXXX" 2>/dev/null) || {
    warn "$1 cannot be written by $(id -un)"
    return "$E_SPACE"
  }
  if ! { cat >"$temporary" && [[ -s "$temporary" ]] && chmod 644 -- "$temporary" && sync -- "$temporary" && mv -f -- "$temporary" "$1"; }; then
    rm -f -- "$temporary"
    warn "$1 could not be written"
    return "$E_SPACE"
  fi
  sync -- "$(dirname -- "$1")"
}

# begin_run KIND DATABASE: from here on, whatever ends the script is recorded; end_run is the only way to an "ok"
begin_run() {
  RUN_DATABASE=$2 RUN_STARTED=$(now_utc) RUN_STARTED_NS=$(date +%s%N)
  rm -f -- "$OPS_TMP/last-error"
  # A backup is worth more than the word about it: that it could not be told comes out at the end
  record_run kind="$1" database="$2" state=running startedAt="$RUN_STARTED" || true
  RUN_KIND=$1
}

# end_run STATE [key=value...]
end_run() {
  local state=$1
  shift
  record_run kind="$RUN_KIND" database="$RUN_DATABASE" state="$state" startedAt="$RUN_STARTED" finishedAt="$(now_utc)" "$@" ||
    { RUN_KIND='' && die "$E_SPACE" "monitoring could not be told how the run ended ($state)" "Check OPS_STATUS_FILE and OPS_METRICS_FILE."; }
  RUN_KIND=
}

# Seconds since begin_run, with milliseconds
run_seconds() {
  local ns=$(($(date +%s%N) - RUN_STARTED_NS))
  printf '%d.%03d' $((ns / 1000000000)) $((ns / 1000000 % 1000))
}

fail_open_run() {
  if [[ -n "${RUN_KIND:-}" ]]; then end_run failed error="$(last_error)"; fi
}
OPS_EXIT_HOOKS+=(fail_open_run)
