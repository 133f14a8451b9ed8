#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: shellcheck=shellcheck

setup() {
  cd "$BATS_TEST_DIRNAME/.." || return
}

@test "shellcheck finds nothing in the scripts and their library" {
  local file
  for file in bin/*; do
    shellcheck -x -P SCRIPTDIR "$file"
  done
  shellcheck -x -P SCRIPTDIR lib/*.sh test/lib/*.bash test/run test/measure-*
  for file in patroni/* ../.ci/*; do
    if head -n 1 "$file" | grep -q '^#!.*bash'; then shellcheck -x -P SCRIPTDIR "$file"; fi
  done
}

@test "no file switches shellcheck off as a whole" {
  local file
  for file in bin/* lib/*.sh; do
    # Before the first command a directive counts for the whole file; naming the shell is all that is allowed there
    run bash -c 'sed -n "/^#/p;/^[^#]/q" "$1" | grep "shellcheck disable"' - "$file"
    [ "$status" -ne 0 ] || { echo "$file: $output"; return 1; }
  done
}

@test "every verb has a summary, a usage, help, and refuses an unknown option" {
  local file
  for file in bin/*; do
    [ -x "$file" ]
    grep -q '^# SPDX-License-Identifier: Apache-2.0$' "$file"
    run "$file" --help
    [ "$status" -eq 0 ]
    [[ "${lines[0]}" == "Summary: "* ]]
    [[ "${lines[1]}" == "Usage: $(basename "$file")"* ]]
    run "$file" --no-such-option
    [ "$status" -eq 64 ] || { echo "$file: $status $output"; return 1; }
    grep -q "^| \`$(basename "$file")\`" README.md || { echo "$file is not in ops/README.md"; return 1; }
  done
}
