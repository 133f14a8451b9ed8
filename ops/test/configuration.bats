#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: jq=jq
# The library that every verb stands on, without any server.

setup() {
  cd "$BATS_TEST_DIRNAME/.." || return
  DIR=$(mktemp -d)
  CONF=$DIR/ops.conf
  export OPS_USER='' OPS_STATE_DIR=$DIR/state OPS_WORK_DIR=$DIR
}

teardown() {
  rm -rf "$DIR"
}

# A verb that only starts, and shows a setting
probe() {
  cat >"$DIR/probe" <<EOS
#!/usr/bin/env bash
# Summary: probe
# Usage: probe
set -Eeuo pipefail
source "$(if [[ -d $DIR/lib ]]; then echo "$DIR"; else echo "$PWD"; fi)/lib/common.sh"
ops_use config pg status checksum
main() {
  local args=("\$@")
  while ((\$#)); do common_option "\$@" && shift "\$OPS_SHIFT" || wrong_usage "unknown"; done
  ops_start "\${args[@]}"
  $1
}
main "\$@"
EOS
  chmod +x "$DIR/probe"
  shift
  run "$DIR/probe" --config "$CONF" "$@"
}

@test "every setting is in the template, commented out, with its default" {
  local shown declared
  shown=$(sed -n 's/^#\([A-Z][A-Z0-9_]*=\)/\1/p' etc/ops.conf | LC_ALL=C sort)
  declared=$(cat lib/config.sh lib/settings-*.sh 2>/dev/null | sed -n "s/^setting \([A-Z0-9_]*\) [^ ]* \(.*\)/\1=\2/p" | sed "s/''\$//" | LC_ALL=C sort)
  diff <(echo "$declared") <(echo "$shown")
}

@test "every error of a configuration is listed at once, nothing is done" {
  printf '%s\n' 'OPS_JOBS=zero' 'OPS_FORMAT=tar' 'OPS_BACKUP_DIR=relative/path' 'OPS_NO_SUCH=1' 'not a line' 'PGPASSWORD=secret' \
    'OPS_S3_URL=http://x' "OPS_S3_ENDPOINT=https://user:hunter2@host" 'OPS_RETENTION_DAYS=0' 'PGPASSFILE=/nonexistent' >"$CONF"
  probe 'touch "$OPS_STATE_DIR"'
  [ "$status" -eq 78 ]
  local word
  for word in OPS_JOBS=zero OPS_FORMAT=tar OPS_BACKUP_DIR ops.conf:4 ops.conf:5 ops.conf:6 OPS_S3_URL OPS_S3_ENDPOINT OPS_RETENTION_DAYS PGPASSFILE "10 error(s)"; do
    [[ "$output" == *"$word"* ]] || { echo "no word of $word"; return 1; }
  done
  [[ "$output" != *secret* && "$output" != *hunter2* ]]
  [ ! -e "$OPS_STATE_DIR" ]
}

@test "the file is read, not executed" {
  printf 'OPS_DATABASES=$(touch %s/pwned)`touch %s/pwned`\n' "$DIR" "$DIR" >"$CONF"
  probe 'echo "<$OPS_DATABASES>"'
  [ "$status" -eq 0 ]
  [[ "$output" == "<\$(touch"* ]]
  [ ! -e "$DIR/pwned" ]
}

@test "the environment wins, even with nothing; quotes are taken off; CRLF does no harm" {
  printf 'OPS_JOBS=3\r\nOPS_S3_URL=s3://from-file\r\nOPS_DATABASES="a b"\r\n' >"$CONF"
  OPS_S3_URL='' probe 'echo "$OPS_JOBS <$OPS_S3_URL> <$OPS_DATABASES>"'
  [ "$output" = "3 <> <a b>" ]
  OPS_JOBS=2 probe 'echo "$OPS_JOBS"'
  [ "$output" = 2 ]
}

@test "a file that is missing, a directory, huge, or writable by others" {
  probe true
  [ "$status" -eq 78 ]
  mkdir "$CONF"
  probe true
  [ "$status" -eq 78 ]
  rmdir "$CONF"
  head -c 2000000 /dev/zero | tr '\0' '#' >"$CONF"
  probe true
  [ "$status" -eq 78 ]
  : >"$CONF"
  chmod 666 "$CONF"
  probe true
  [ "$status" -eq 78 ]
  [[ "$output" == *"chmod go-w"* ]]
}

@test "a password in the environment or a password file that others can read is refused" {
  : >"$CONF"
  PGPASSWORD=secret probe true
  [ "$status" -eq 78 ]
  [[ "$output" == *PGPASSFILE* && "$output" != *secret* ]]
  printf 'x' >"$DIR/pgpass"
  chmod 644 "$DIR/pgpass"
  PGPASSFILE=$DIR/pgpass probe true
  [ "$status" -eq 78 ]
  [[ "$output" == *"chmod 600"* ]]
}

@test "a verb of another user is refused, root becomes that user" {
  : >"$CONF"
  chmod 755 "$DIR"
  if ((EUID == 0)); then
    chmod 777 "$DIR"
    # A checkout often cannot be read by others
    cp -R "$PWD/lib" "$DIR/lib"
    chmod -R a+rX "$DIR/lib"
    OPS_USER=nobody probe 'id -un'
    [ "$output" = nobody ]
  else
    OPS_USER=root probe 'id -un'
    [ "$status" -eq 78 ]
  fi
}

@test "the status file: format, newest run of each kind and database, the last success outlives a failure" {
  : >"$CONF"
  probe $'begin_run logical app; end_run ok bytes=1234 recoverableFrom=2026-01-30T02:00:00Z recoverableTo=2026-01-31T02:00:00Z rpoSeconds=0.4 rtoSeconds=21.7
    begin_run full \'we"ird\\\'; die "$E_FAILED" "no \\"way\\"
at all"'
  [ "$status" -eq 70 ]
  local file=$OPS_STATE_DIR/status.json
  [ "$(jq -c '[.version, (.updatedAt | test("^20[0-9-]{8}T[0-9:]{8}Z$")), (.runs | length)]' "$file")" = '[1,true,2]' ]
  [ "$(jq -c '.runs[] | select(.kind == "logical") | del(.startedAt, .finishedAt, .lastSuccessAt)' "$file")" = \
    '{"kind":"logical","database":"app","state":"ok","bytes":1234,"error":null,"recoverableFrom":"2026-01-30T02:00:00Z","recoverableTo":"2026-01-31T02:00:00Z","rpoSeconds":0.4,"rtoSeconds":21.7}' ]
  [ "$(jq -c '.runs[] | select(.kind == "full") | [.database, .state, .error]' "$file")" = '["we\"ird\\","failed","no \"way\" at all"]' ]
  [ "$(stat -c %a "$file")" = 644 ]
  probe 'begin_run logical app; die 69 gone'
  [ "$(jq -c '.runs[] | select(.kind == "logical") | [.state, .error, .recoverableTo, .lastSuccessAt != null, .bytes]' "$file")" = \
    '["failed","gone","2026-01-31T02:00:00Z",true,null]' ]
  [ "$(jq '.runs | length' "$file")" -eq 2 ]
}

@test "the textfile is what Prometheus reads" {
  : >"$CONF"
  probe $'begin_run logical \'a"b\\\nc\'; end_run ok bytes=5 rtoSeconds=2.5; begin_run drill app; die 68 "no"'
  local file=$OPS_STATE_DIR/db_resilience.prom
  grep -qF 'db_resilience_backup_size_bytes{kind="logical",database="a\"b\\\nc"} 5' "$file"
  grep -qF 'db_resilience_backup_run_ok{kind="drill",database="app"} 0' "$file"
  grep -qE '^db_resilience_backup_last_success_time_seconds\{kind="logical",.*\} [0-9]{10}$' "$file"
  if command -v promtool >/dev/null; then promtool check metrics <"$file"; fi
}

@test "many runs at once lose none, a reader never sees half a file" {
  : >"$CONF"
  probe 'for i in {1..12}; do record_run kind=full database="db$i" state=ok startedAt="$(now_utc)" & done
    for i in {1..40}; do if [[ -e "$OPS_STATUS_FILE" ]]; then jq -e .version "$OPS_STATUS_FILE" >/dev/null; fi; done; wait'
  [ "$status" -eq 0 ]
  [ "$(jq '.runs | length' "$OPS_STATE_DIR/status.json")" -eq 12 ]
}

@test "a broken status file is kept aside and begun anew" {
  : >"$CONF"
  mkdir -p "$OPS_STATE_DIR"
  printf '{"version": 1, "runs": [' >"$OPS_STATE_DIR/status.json"
  probe 'record_run kind=full database=x state=ok startedAt="$(now_utc)"'
  [ "$status" -eq 0 ]
  [ "$(jq '.runs | length' "$OPS_STATE_DIR/status.json")" -eq 1 ]
  [ -e "$OPS_STATE_DIR/status.json.broken" ]
}

@test "a status file that cannot be written does not keep the work from being done, and is told at its end" {
  : >"$CONF"
  OPS_STATUS_FILE=/proc/none/status.json probe $'begin_run full app; echo worked; end_run ok'
  [ "$status" -eq 73 ]
  [[ "$output" == *worked*"monitoring could not be told"* ]]
}

@test "the scratch directory of a killed run is removed by the next" {
  : >"$CONF"
  probe 'touch "$OPS_TMP/secret"; kill -9 $$'
  [ "$status" -eq 137 ]
  [ -n "$(find "$DIR" -name secret)" ]
  probe true
  [ -z "$(find "$DIR" -name secret)" ]
}

@test "an unexpected error ends with 1 and says where; its scratch directory is gone" {
  : >"$CONF"
  probe 'printf x | grep -q y'
  [ "$status" -eq 1 ]
  [[ "$output" == *"a command failed with 1 at probe:"* ]]
  probe '(exit 3)'
  [ "$status" -eq 1 ]
  [ -z "$(find "$DIR" -maxdepth 1 -name 'db-resilience.*')" ]
}

@test "names survive as directories and back" {
  : >"$CONF"
  probe $'x=$(printf \'a/b %%41 \\"\\047é\\n..c\'); y=$(encode_name "$x"); [[ "$y" != *[!A-Za-z0-9_%-]* ]]; [[ "$(decode_name "$y")" == "$x" ]]'
  [ "$status" -eq 0 ]
}

# leads_on SEGMENT LSN HISTORY TIMELINE
leads_on() {
  printf '%s' "$3" >"$BATS_TEST_TMPDIR/history"
  bash -c 'set -Eeuo pipefail; source "$1/wal.sh"; wal_leads_on "$2" "$3" "$4" "$5"' - "$BATS_TEST_DIRNAME/../lib" "$1" "$2" "$BATS_TEST_TMPDIR/history" "$4"
}

@test "a backup that lies after the point at which a later timeline left is on no way to it, also after two recoveries" {
  local once=$'1\t0/5000000\tno recovery target specified\n' twice
  twice=$once$'2\t0/3000000\tno recovery target specified\n'
  leads_on 000000010000000000000004 0/4000000 "$once" 2
  leads_on 000000010000000000000002 0/2000000 "$twice" 3
  leads_on 000000030000000000000004 0/4000000 "$twice" 3
  run leads_on 000000010000000000000006 0/6000000 "$once" 2
  [ "$status" -eq 1 ]
  run leads_on 000000010000000000000004 0/4000000 "$twice" 3
  [ "$status" -eq 1 ]
  run leads_on 000000050000000000000004 0/4000000 "$once" 2
  [ "$status" -eq 1 ]
}

# chain FROM TIMELINE HISTORY NAME...: where the walk along the WAL ends
chain() {
  local names=$BATS_TEST_TMPDIR/names history=$BATS_TEST_TMPDIR/history
  printf '%s' "$3" >"$history"
  printf '%s\n' "${@:4}" >"$names"
  bash -c 'set -Eeuo pipefail; OPS_PG_DATA=/nowhere; source "$1/wal.sh"; wal_chain "$2" "$3" "$4" "$5"' - "$BATS_TEST_DIRNAME/../lib" "$1" "$names" "$history" "$2"
}

@test "the walk along the WAL: to the newest segment, over a change of timeline, and where only the history of the new one is there yet" {
  local history=$'1\t0/5000100\tno recovery target specified\n'
  [ "$(chain 000000010000000000000002 1 '' 00000001000000000000000{2,3,4})" = "end 000000010000000000000004" ]
  [ "$(chain 000000010000000000000002 2 "$history" 00000001000000000000000{2,3,4} 000000020000000000000005)" = "end 000000020000000000000005" ]
  [ "$(chain 000000010000000000000002 2 "$history" 00000001000000000000000{2,3,4})" = "end 000000010000000000000004" ]
  [ "$(chain 000000010000000000000002 2 "$history" 00000001000000000000000{2,4})" = $'end 000000010000000000000002\nhole 000000010000000000000003 before 000000010000000000000004' ]
}
