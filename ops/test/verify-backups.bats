#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq column=bsdextrautils

setup_file() {
  load lib/cluster
  load lib/ops
  ops_begin
  create_database app
  random_table main app accounts 500
  ops backup-database app
  ops backup-database --globals
  cp -a "$OPS_BACKUP_DIR" "$CLUSTER_BASE/pristine"
}

setup() {
  load lib/cluster
  load lib/ops
  rm -rf "$OPS_BACKUP_DIR"
  cp -a "$CLUSTER_BASE/pristine" "$OPS_BACKUP_DIR"
}

teardown_file() {
  load lib/cluster
  clusters_end
}

@test "whole backups are called whole" {
  run ops verify-backups
  [ "$status" -eq 0 ]
  [ "$(grep -c '^whole' <<<"$output")" -eq 2 ]
  [ "$(run_state verify app)" = ok ]
  [ "$(run_state verify '(globals)')" = ok ]
}

@test "one flipped byte anywhere makes it fail: in every file, at its front, middle and end" {
  local file size offset count=0
  rm -rf "$OPS_BACKUP_DIR/globals"
  while IFS= read -r -d '' file; do
    size=$(stat -c %s "$file")
    for offset in 0 $((size / 2)) $((size - 1)); do
      flip_byte "$file" "$offset"
      run ops verify-backups
      flip_byte "$file" "$offset"
      [ "$status" -eq 65 ] || { echo "byte $offset of $file was flipped and not found"; return 1; }
      [[ "$output" == *DAMAGED* ]]
      count=$((count + 1))
    done
  done < <(find "$(newest_backup app)" -type f -print0)
  [ "$count" -ge 15 ]
  [ "$(run_state verify app)" = failed ]
  run ops verify-backups
  [ "$status" -eq 0 ]
}

@test "a checksum file in capital letters is not what was written" {
  sed -i 's/^[0-9a-f]*/\U&/' "$(newest_backup app)/SHA256SUMS"
  run ops verify-backups
  [ "$status" -eq 65 ]
}

@test "a truncated, a missing, an added, a renamed file, a link" {
  local dir file
  dir=$(newest_backup app)
  file=$(find "$dir/dump" -name '*.dat.gz')
  cp -a "$file" "$CLUSTER_BASE/kept"
  truncate -s -1 "$file"
  run ops verify-backups
  [ "$status" -eq 65 ]
  rm "$file"
  run ops verify-backups
  [ "$status" -eq 65 ]
  mv "$CLUSTER_BASE/kept" "$file"
  run ops verify-backups
  [ "$status" -eq 0 ]
  touch "$dir/dump/added"
  run ops verify-backups
  [ "$status" -eq 65 ]
  mv "$dir/dump/added" "$dir/SHA256SUMS.old"
  run ops verify-backups
  [ "$status" -eq 65 ]
  rm "$dir/SHA256SUMS.old"
  mv "$file" "$file.x"
  run ops verify-backups
  [ "$status" -eq 65 ]
  ln -s "$file.x" "$file"
  run ops verify-backups
  [ "$status" -eq 65 ]
}

@test "a backup that is too old, or not there at all, fails the verification and shows in the status" {
  local home=$OPS_BACKUP_DIR/logical/app
  mv "$(newest_backup app)" "$home/20200101T000000Z"
  run ops verify-backups
  [ "$status" -eq 68 ]
  [[ "$output" == *OPS_MAX_AGE_HOURS* ]]
  [ "$(run_state verify app)" = failed ]
  OPS_DATABASES=app,other run ops verify-backups
  [ "$status" -eq 68 ]
  [ "$(run_state verify other)" = failed ]
  rm -rf "$OPS_BACKUP_DIR"
  run ops verify-backups
  [ "$status" -eq 66 ]
}

@test "a database with a hostile name is verified under its own name" {
  local weird=$'a "b"/../\'c\'%41\n; x'
  create_database "$weird"
  ops backup-database "$weird"
  run ops verify-backups
  [ "$status" -eq 0 ]
  [ "$(run_state verify "$weird")" = ok ]
}

@test "list-backups shows what there is, its state and age, as a table and as JSON" {
  local dir
  dir=$(newest_backup app)
  run ops list-backups --database app
  [ "$status" -eq 0 ]
  [[ "${lines[0]}" == KIND*DATABASE*RESTORE* ]]
  [[ "$output" == *"logical"*"app"*"$(basename "$dir")"*"whole"* ]]
  flip_byte "$dir/dump/toc.dat" 100
  ops verify-backups || true
  run ops list-backups --json
  [ "$(jq -r '.[] | select(.database == "app") | .state' <<<"$output")" = damaged ]
  [ "$(jq -r '.[] | select(.database == "app") | .predictedRestoreSeconds' <<<"$output")" = null ]
  rm -rf "$OPS_BACKUP_DIR"
  run ops list-backups
  [ "$status" -eq 0 ]
  [ "$output" = "There is no backup yet." ]
}
