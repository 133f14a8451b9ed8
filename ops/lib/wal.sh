# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Names of WAL segments: which follow each other, where the chain is broken, what time a segment knows of.

readonly WAL_NAME='^[0-9A-F]{24}$'

wal_segment_bytes() {
  if [[ -z "${WAL_SEGMENT_BYTES:-}" ]]; then
    WAL_SEGMENT_BYTES=16777216
    if [[ -f "$OPS_PG_DATA/global/pg_control" ]]; then
      WAL_SEGMENT_BYTES=$(control_data "$OPS_PG_DATA" 'Bytes per WAL segment')
    fi
  fi
  printf '%s' "$WAL_SEGMENT_BYTES"
}

# lsn_number LSN: 0/2000028 as a number
lsn_number() {
  local high=${1%/*} low=${1#*/}
  printf '%d' $(((16#$high << 32) + 16#$low))
}

# newest_history: of file names on standard input, the history file of the highest timeline
newest_history() { sed -nE '/^[0-9A-F]{8}\.history$/p' | LC_ALL=C sort | tail -n 1; }

# wal_chain FROM NAMES HISTORY TIMELINE [TO]: walks from segment FROM along TIMELINE (a number), whose history file is HISTORY
# (empty for timeline 1), up to its newest segment in NAMES (a file, one name a line), or up to segment TO. Prints "end NAME", the last
# segment that is reached without a hole ("end -": not even the first is there), then "hole FIRST LAST" for each hole.
wal_chain() {
  local from=$1 names=$2 history=$3 newest=$4 to=${5:-}
  local per_log=$((4294967296 / $(wal_segment_bytes))) bytes
  local tli=$((16#${from:0:8})) number last=-1 end=- hole='' name parent switch i
  local -A there=() leave_at=() next_of=()
  local -a parents=() leaves=() holes=()
  bytes=$(wal_segment_bytes)
  while IFS= read -r name; do
    if [[ "$name" =~ $WAL_NAME ]]; then
      there[$name]=1
      number=$((16#${name:8:8} * per_log + 16#${name:16:8}))
      if ((16#${name:0:8} == newest && number > last)); then last=$number; fi
    fi
  done <"$names"
  # A line of a history: parent timeline, the position where its child begins, the reason
  while read -r parent switch _; do
    if [[ "$parent" =~ ^[0-9]+$ && "$switch" =~ ^[0-9A-F]+/[0-9A-F]+$ ]]; then
      parents+=("$parent")
      leaves+=("$(($(lsn_number "$switch") / bytes))")
    fi
  done <"$history"
  # After a recovery to a time before another one the later branch begins earlier: what lies between belongs to no branch that counts
  for ((i = ${#leaves[@]} - 2; i >= 0; i--)); do
    if ((leaves[i] > leaves[i + 1])); then leaves[i]=${leaves[i + 1]}; fi
  done
  for ((i = 0; i < ${#parents[@]}; i++)); do
    leave_at[${parents[i]}]=${leaves[i]}
    next_of[${parents[i]}]=${parents[i + 1]:-$newest}
  done
  # Of a timeline that has just begun there may be the history alone: it leads to where it left the one before
  if ((last < 0 && ${#leaves[@]})); then last=$((leaves[-1] - 1)); fi
  if [[ -n "$to" ]]; then last=$((16#${to:8:8} * per_log + 16#${to:16:8})); fi
  number=$((16#${from:8:8} * per_log + 16#${from:16:8}))
  if ((last < number)); then last=$number; fi
  for (( ; number <= last; number++)); do
    while ((tli != newest)) && [[ -n "${leave_at[$tli]:-}" ]] && ((number >= leave_at[$tli])); do tli=${next_of[$tli]}; done
    printf -v name '%08X%08X%08X' "$tli" $((number / per_log)) $((number % per_log))
    if [[ -z "${there[$name]:-}" ]]; then
      hole=${hole:-$name}
    else
      if [[ -n "$hole" ]]; then
        holes+=("$hole before $name")
        hole=''
      elif ((${#holes[@]} == 0)); then
        end=$name
      fi
    fi
  done
  if [[ -n "$hole" ]]; then holes+=("$hole up to $name"); fi
  printf 'end %s\n' "$end"
  for hole in "${holes[@]}"; do printf 'hole %s\n' "$hole"; done
}

# wal_leads_on SEGMENT LSN HISTORY NEWEST: true when the timeline NEWEST, whose history file is HISTORY, comes by the position LSN on the
# timeline of SEGMENT; false when it, or a timeline between them, had begun before
wal_leads_on() {
  local parent switch position lowest='' timeline=$((16#${1:0:8}))
  if ((timeline == $4)); then return 0; fi
  while read -r parent switch _; do
    if [[ "$parent" == "$timeline" || -n "$lowest" ]]; then
      position=$(lsn_number "$switch")
      if [[ -z "$lowest" ]] || ((position < lowest)); then lowest=$position; fi
    fi
  done <"$3"
  [[ -n "$lowest" ]] && (($(lsn_number "$2") <= lowest))
}

# wal_last_commit FILE NAME: the time of the last commit in a segment (whole or partial), nothing when there is none
wal_last_commit() {
  local directory
  directory=$(mktemp -d -- "$OPS_TMP/waldump.XXXXXX")
  ln -s -- "$1" "$directory/$2"
  # A partial segment ends in an error, after all that is in it
  { TZ=UTC "$(server_program pg_waldump "${3:-}")" --rmgr=Transaction --path="$directory" "$2" 2>/dev/null || true; } |
    sed -nE 's/^.* desc: COMMIT(_PREPARED)? .*([0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8})(\.[0-9]+)? UTC.*/\2/p' |
    tail -n 1 | sed -E 's/ /T/; s/$/Z/'
  rm -rf -- "$directory"
}

# stream_file NAME: where a finished segment of the stream is
stream_file() {
  if [[ -f "$OPS_STREAM_DIR/$1" ]]; then printf '%s' "$OPS_STREAM_DIR/$1"; else printf '%s' "$OPS_STREAM_DIR/kept/$1"; fi
}

stream_has() { [[ -f "$(stream_file "$1")" ]]; }

# stream_seal: the checksum of a finished segment is kept from the first look on
stream_seal() {
  local file name
  mkdir -p -- "$OPS_STREAM_DIR/sums"
  for file in "$OPS_STREAM_DIR"/????????????????????????; do
    name=${file##*/}
    if [[ ! "$name" =~ $WAL_NAME || -s "$OPS_STREAM_DIR/sums/$name" ]]; then continue; fi
    sha256sum <"$file" >"$OPS_TMP/seal"
    mv -f -- "$OPS_TMP/seal" "$OPS_STREAM_DIR/sums/$name"
  done
}
