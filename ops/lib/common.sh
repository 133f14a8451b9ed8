# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What every verb needs: exit codes, log lines, errors with a mend, clean-up, signals, child processes.
# A verb sources this file, calls ops_use for the rest of the library, and ops_start once its options are read.

# Without it a command that fails inside "x=$(function)" does not end the function
shopt -s inherit_errexit

OPS_LIB=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
OPS_VERB=$(basename -- "$0")

# The table of exit codes, explained in ops/README.md. 64 and above are ours alone (no tool that is called uses them).
# shellcheck disable=SC2034  # used by the verbs
readonly E_UNEXPECTED=1 E_USAGE=64 E_DAMAGED=65 E_NOT_FOUND=66 E_CHECK=68 E_DATABASE=69 E_FAILED=70 E_TOOL=72 \
  E_SPACE=73 E_REMOTE=74 E_LOCKED=75 E_REFUSED=77 E_CONFIG=78

OPS_CONFIG=${OPS_CONFIG:-/etc/db-resilience/ops.conf}
OPS_CONFIG_GIVEN=
OPS_DRY_RUN=
OPS_YES=
OPS_SHIFT=1
OPS_TMP=
OPS_CLEANUPS=()
OPS_EXIT_HOOKS=()
OPS_LOCK_FDS=()
OPS_STDERR=

ops_use() {
  local name
  for name in "$@"; do
    # shellcheck source=/dev/null
    source "$OPS_LIB/$name.sh"
  done
}

now_utc() { date -u +%Y-%m-%dT%H:%M:%SZ; }

# One line per step, for people and for the journal; names from outside should come through shown().
log() {
  local line
  line="$(now_utc) $OPS_VERB ${*//$'\n'/ }"
  printf '%s\n' "$line" >&2
  if [[ -n "${OPS_LOG_FILE:-}" ]]; then
    printf '%s\n' "$line" 2>/dev/null >>"$OPS_LOG_FILE" || true
  fi
}

warn() { log "WARNING: $*"; }

# A name in a form that cannot break a line or a terminal
shown() {
  if [[ "$1" =~ ^[[:alnum:]_.:/@+-]+$ ]]; then printf '%s' "$1"; else printf '%q' "$1"; fi
}

# die CODE WHAT [MEND]: what happened, and what to do about it
die() {
  local code=$1 what=$2 mend=${3:-}
  log "ERROR: $what"
  if [[ -n "$mend" ]]; then log "       $mend"; fi
  if [[ -n "$OPS_TMP" && -d "$OPS_TMP" ]]; then printf '%s' "${what//$'\n'/ }" >"$OPS_TMP/last-error" || true; fi
  exit "$code"
}

# The header of the verb is its manual
show_help() {
  sed -n '/^# Summary:/,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' "$0"
}

# Options of every verb: true when $1 was one of them, with the number of words taken in OPS_SHIFT
# shellcheck disable=SC2034  # used by the verbs
common_option() {
  OPS_SHIFT=1
  case "$1" in
    --help | -h)
      show_help
      exit 0
      ;;
    --dry-run) OPS_DRY_RUN=yes ;;
    --yes) OPS_YES=yes ;;
    --config)
      need_value "$@"
      OPS_CONFIG=$2 OPS_CONFIG_GIVEN=yes OPS_SHIFT=2
      ;;
    *) return 1 ;;
  esac
}

need_value() {
  if (($# < 2)) || [[ -z "$2" ]]; then die "$E_USAGE" "$1 needs a value" "See $OPS_VERB --help"; fi
}

wrong_usage() { die "$E_USAGE" "$1" "See $OPS_VERB --help"; }

# ops_start "$@": configuration, user, scratch directory, traps
ops_start() {
  umask 077
  load_config
  become_user "$@"
  make_scratch
  set_traps
}

set_traps() {
  # A signal comes while a function waits for a program whose complaints it has redirected; what we then say is not for that file
  if [[ -z "$OPS_STDERR" ]]; then
    exec {OPS_STDERR}>&2
    OPS_LOCK_FDS+=("$OPS_STDERR")
  fi
  trap 'on_error $? "$LINENO" "${BASH_SOURCE[0]}"' ERR
  trap on_exit EXIT
  trap 'on_signal INT 130' INT
  trap 'on_signal TERM 143' TERM
  trap 'on_signal HUP 129' HUP
}

# A directory for this process alone, removed at its end; those of processes that were killed are removed as well
make_scratch() {
  local parent=${OPS_WORK_DIR%/} old pid
  for old in "$parent"/db-resilience.????????; do
    if [[ -O "$old" && -s "$old/pid" ]] && read -r pid <"$old/pid" && [[ "$pid" =~ ^[0-9]+$ && ! -e "/proc/$pid" ]]; then rm -rf -- "$old"; fi
  done
  OPS_TMP=$(mktemp -d -- "$parent/db-resilience.XXXXXXXX") ||
    die "$E_SPACE" "no scratch directory can be made in OPS_WORK_DIR=$OPS_WORK_DIR" "Give one that $(id -un) can write to."
  printf '%s\n' "$BASHPID" >"$OPS_TMP/pid"
}

# Started by root, a verb goes on as OPS_USER; started by anybody else, it has to be OPS_USER
become_user() {
  if [[ -z "$OPS_USER" || "$(id -un)" == "$OPS_USER" ]]; then return 0; fi
  if ((EUID != 0)); then
    die "$E_CONFIG" "this is $(id -un), but the backups belong to OPS_USER=$OPS_USER" \
      "Run it as $OPS_USER or as root: sudo -u $OPS_USER $OPS_VERB ... (OPS_USER= takes any user)."
  fi
  local home i
  local -a words=("$@")
  # The path may be relative, and we go to a directory that OPS_USER can be in
  for ((i = 0; i + 1 < ${#words[@]}; i++)); do
    if [[ "${words[i]}" == --config ]]; then words[i + 1]=$(readlink -m -- "${words[i + 1]}"); fi
  done
  home=$(getent passwd "$OPS_USER" | cut -d: -f6)
  export OPS_CONFIG HOME="${home:-/}" USER="$OPS_USER" LOGNAME="$OPS_USER"
  cd / || true
  exec setpriv --reuid="$OPS_USER" --regid="$(id -g "$OPS_USER")" --init-groups -- "$(readlink -f -- "$0")" "${words[@]}"
}

# on_cleanup COMMAND ARGS...: run at the end, the last one first, whatever happened
on_cleanup() { OPS_CLEANUPS+=("$(printf '%q ' "$@")"); }

# Forget the newest clean-up: what it would have undone is to stay
forget_cleanup() { unset 'OPS_CLEANUPS[-1]'; }

on_error() {
  local code=$1
  # die has spoken already, in this shell or in one below
  if ((code >= 64 && code < 80)) || ((code > 128)); then return 0; fi
  log "ERROR: a command failed with $code at $(basename -- "$3"):$2"
}

on_exit() {
  local code=$? hook i
  trap '' INT TERM HUP
  trap - ERR EXIT
  set +e
  exec 2>&"$OPS_STDERR"
  stop_children
  for ((i = ${#OPS_CLEANUPS[@]} - 1; i >= 0; i--)); do
    eval "${OPS_CLEANUPS[i]}" || warn "a clean-up failed: ${OPS_CLEANUPS[i]}"
  done
  for hook in "${OPS_EXIT_HOOKS[@]}"; do ("$hook" "$code"); done
  if [[ -n "$OPS_TMP" ]]; then rm -rf -- "$OPS_TMP"; fi
  # What a program that was called returned means nothing to our caller
  if ((code > 1 && code < 64)); then code=$E_UNEXPECTED; fi
  exit "$code"
}

on_signal() {
  exec 2>&"$OPS_STDERR"
  log "ERROR: interrupted by SIG$1, cleaning up"
  printf 'interrupted by SIG%s' "$1" >"$OPS_TMP/last-error" || true
  exit "$2"
}

# Our children may end before their own children do, and those would go on writing into what the clean-ups then put in place
stop_children() {
  local pid
  local -a pids below
  mapfile -t pids < <(jobs -pr)
  if ((${#pids[@]} == 0)); then return 0; fi
  mapfile -t below < <(for pid in "${pids[@]}"; do processes_below "$pid"; done)
  kill "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
  for pid in "${below[@]}"; do end_process "$pid"; done
}

processes_below() {
  local child
  local -a children=()
  read -r -a children <"/proc/$1/task/$1/children" || true
  for child in "${children[@]}"; do
    printf '%s\n' "$child"
    processes_below "$child"
  done
} 2>/dev/null

# end_process PID: asked for ten seconds, then made to
end_process() {
  local i
  for ((i = 0; i < 100; i++)); do
    kill "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  kill -KILL "$1" 2>/dev/null || true
}

# Run a command so that a signal to this script reaches it at once (bash waits for a foreground one)
run_child() {
  local pid code=0
  "$@" <&0 &
  pid=$!
  wait "$pid" || code=$?
  return "$code"
}

last_error() {
  if [[ -s "$OPS_TMP/last-error" ]]; then cat -- "$OPS_TMP/last-error"; else printf 'unexpected error, see the log'; fi
}

# isolated COMMAND ARGS...: in a subshell with a scratch directory and clean-ups of its own; its code is in ISOLATED_CODE.
# Never call it in a condition: bash would then go on after errors in COMMAND.
isolated() {
  (
    OPS_CLEANUPS=()
    make_scratch
    set_traps
    "$@"
  ) &
  # shellcheck disable=SC2034  # for the caller
  ISOLATED_CODE=0
  # shellcheck disable=SC2034
  wait $! || ISOLATED_CODE=$?
}

# need_tool PROGRAM PACKAGE
need_tool() {
  command -v -- "$1" >/dev/null 2>&1 || die "$E_TOOL" "the program $1 is missing" "On Debian and Ubuntu: apt-get install $2"
}

# confirm_name NAME WHAT: the name has to be typed, unless --yes was given
confirm_name() {
  local answer
  if [[ -n "$OPS_YES" ]]; then return 0; fi
  if [[ ! -t 0 ]]; then
    die "$E_REFUSED" "$2 needs a confirmation, and there is no terminal to ask on" "Give --yes if this is meant."
  fi
  printf '%s\nType the name %s to go on: ' "$2" "$(shown "$1")" >&2
  IFS= read -r answer || answer=
  [[ "$answer" == "$1" ]] || die "$E_REFUSED" "not confirmed, nothing was changed"
}

# A name as a directory or object key: every byte but letters, digits, _ and - as %XX
encode_name() {
  local LC_ALL=C in=$1 out='' c i
  for ((i = 0; i < ${#in}; i++)); do
    c=${in:i:1}
    if [[ "$c" == [A-Za-z0-9_-] ]]; then out+=$c; else out+=$(printf '%s' "$c" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g' | tr a-f A-F); fi
  done
  printf '%s' "$out"
}

decode_name() { printf '%b' "${1//%/\\x}"; }

human_bytes() { numfmt --to=iec-i --suffix=B -- "$1"; }

# The state directory is open to readers (monitoring), its locks are not
make_state_directory() {
  if (umask 022 && mkdir -p -- "$OPS_STATE_DIR" 2>/dev/null) && mkdir -p -- "$OPS_STATE_DIR/lock" 2>/dev/null &&
    [[ -w "$OPS_STATE_DIR" ]]; then return 0; fi
  die "$E_SPACE" "OPS_STATE_DIR=$OPS_STATE_DIR cannot be made or written by $(id -un)" \
    "As root: install -d -o $(id -un) -m 755 $(shown "$OPS_STATE_DIR")"
}

# lock NAME: one run of a kind at a time; held until the script ends
lock() {
  local file="$OPS_STATE_DIR/lock/$1.lock" fd holder
  make_state_directory
  exec {fd}<>"$file"
  OPS_LOCK_FDS+=("$fd")
  if ! flock -n "$fd"; then
    holder=$(head -c 100 -- "$file" | tr -dc '[:alnum:] :_-')
    die "$E_LOCKED" "another run is at work: ${holder:-unknown process} holds $file" "Wait for it, or end that process."
  fi
  printf '%s pid %s since %s\n' "$OPS_VERB" "$$" "$(now_utc)" >"$file"
}

# Start something that outlives this script (a server) without leaving it our locks and our standard error
without_locks() {
  (
    local fd
    for fd in "${OPS_LOCK_FDS[@]}"; do exec {fd}>&-; done
    exec "$@"
  )
}

# sync_tree DIR: everything below it, and it, is on the disk
sync_tree() {
  find "$1" -depth -print0 | xargs -0 -r sync --
}

free_bytes() { df --output=avail -B1 -- "$1" | tail -n 1 | tr -d ' '; }

# need_space DIR BYTES: refuse before anything is written
need_space() {
  local dir=$1 need=$(($2 + OPS_FREE_SPACE_MARGIN_MB * 1048576)) free
  free=$(free_bytes "$dir")
  if ((free < need)); then
    die "$E_SPACE" "$dir has $(human_bytes "$free") free, $(human_bytes "$need") are needed" \
      "Free some space, lower OPS_RETENTION_DAYS, or give a larger volume."
  fi
}
