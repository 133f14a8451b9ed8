#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: jq=jq systemd-analyze=systemd

setup() {
  cd "$BATS_TEST_DIRNAME/.." || return
  UNITS=$(mktemp -d)
  export OPS_USER='' OPS_STATE_DIR=$UNITS/state OPS_WORK_DIR=$UNITS OPS_BACKUP_DIR=$UNITS/backups OPS_CONFIG=$UNITS/none
}

teardown() {
  rm -rf "$UNITS"
}

@test "systemd takes every unit without a word" {
  local user
  user=$(id -un)
  # Where the scripts are, and who we are; nothing else is changed
  local file name
  for file in etc/systemd/*; do
    name=$(basename "$file")
    sed -e "s|/opt/db-resilience/ops|$PWD|; s|/opt/db-resilience|$(dirname "$PWD")|; s|^User=.*|User=$user|" "$file" >"$UNITS/$name"
  done
  for file in "$UNITS"/*.timer "$UNITS"/*-stream-wal.service "$UNITS/db-resilience@backup-full.service"; do
    if [[ "$file" == *@backup-full* ]]; then cp "$UNITS/db-resilience@.service" "$file"; fi
    run systemd-analyze verify --man=no "$file"
    [ "$status" -eq 0 ] || { echo "$file: $output"; return 1; }
    [ -z "$(grep -F "$UNITS" <<<"$output" || true)" ] || { echo "$file: $output"; return 1; }
  done
}

next() { systemd-analyze calendar --base-time="$2" --iterations="${3:-1}" "$(sed -n 's/^OnCalendar=//p' "etc/systemd/db-resilience-$1.timer")" | sed -n 's/^ *\(Next elapse\|Iter[a-z.]* #[0-9]*\): *//p'; }

@test "the timers fire when they are said to" {
  export TZ=UTC
  [ "$(next backup-full '2026-01-30 03:00:00')" = 'Sat 2026-01-31 02:00:00 UTC' ]
  [ "$(next backup-incremental '2026-01-30 03:00:00' 4 | cut -c5-23 | paste -sd,)" = \
    '2026-01-30 08:00:00,2026-01-30 14:00:00,2026-01-30 20:00:00,2026-01-31 08:00:00' ]
  [ "$(next backup-database '2026-01-30 03:00:00')" = 'Sat 2026-01-31 02:30:00 UTC' ]
  [ "$(next verify-backups '2026-01-30 06:00:00')" = 'Sat 2026-01-31 05:00:00 UTC' ]
  [ "$(next check-archive '2026-01-30 06:00:30')" = 'Fri 2026-01-30 06:01:00 UTC' ]
  [ "$(next rehearse-table '2026-01-31 05:00:00')" = 'Sat 2026-02-07 04:00:00 UTC' ]
  [ "$(next rehearse-database '2026-01-31 05:00:00')" = 'Sun 2026-02-01 06:00:00 UTC' ]
  [ "$(next drill '2026-01-31 05:00:00')" = 'Thu 2026-04-02 06:00:00 UTC' ]
}

@test "a missed run is caught up, and runs are spread" {
  local file
  for file in etc/systemd/*.timer; do
    grep -q '^RandomizedDelaySec=' "$file"
    [[ "$file" == *check-archive* ]] || grep -q '^Persistent=true$' "$file"
  done
}

@test "every timer and every line of cron names a job that there is, and each job is in both" {
  local job
  for job in $(sed -n 's/^ExecStart=.*//; s/^Unit=db-resilience@\(.*\)\.service$/\1/p' etc/systemd/*.timer) \
    $(sed -n 's/.* run-job \([a-z-]*\).*/\1/p' etc/cron.d/db-resilience | grep -v '^--'); do
    run bin/run-job --dry-run "$job"
    [ "$status" -eq 0 ] || { echo "$job: $output"; return 1; }
  done
  diff <(sed -n 's/^Unit=db-resilience@\(.*\)\.service$/\1/p' etc/systemd/*.timer | sort) \
    <(sed -n 's/.* run-job \([a-z][a-z-]*\).*/\1/p' etc/cron.d/db-resilience | sort)
}

@test "cron takes the file: five fields or @reboot, a user, no % and no name with a dot" {
  run grep -vE '^(#.*|[A-Z]+=.*|)$|^(([0-9*/,-]+ +){5}|@reboot +)postgres +run-job [a-z -]+[0-9]*$' etc/cron.d/db-resilience
  [ -z "$output" ]
}

@test "run-job --missed makes up for what is overdue, and only for that" {
  mkdir -p "$OPS_STATE_DIR/jobs"
  touch -d '2 days ago' "$OPS_STATE_DIR/jobs/backup-database"
  touch -d '1 hour ago' "$OPS_STATE_DIR/jobs/verify-backups"
  run bin/run-job --missed --dry-run
  [ "$status" -eq 0 ]
  [[ "$output" == *"would run 'backup-database'"* ]]
  [[ "$output" != *verify-backups* ]]
}

@test "run-job ends as the verb that failed, and refuses a job that there is not" {
  run bin/run-job verify-backups
  [ "$status" -eq 66 ]
  run bin/run-job format-disk
  [ "$status" -eq 64 ]
  run bin/run-job
  [ "$status" -eq 64 ]
}
