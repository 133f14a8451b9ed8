# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Checksum files that cover every byte of a backup directory, and themselves.

# sums_of DIR PROGRAM: the checksum file as it has to be, in one fixed order
sums_of() {
  (
    cd -- "$1" || exit 1
    find . -type f ! -name SHA256SUMS ! -name MD5SUMS -print0 | LC_ALL=C sort -z | xargs -0 -r "$2" --
  )
}

write_checksums() {
  sums_of "$1" sha256sum >"$1/SHA256SUMS"
  sums_of "$1" md5sum >"$1/MD5SUMS"
}

# wrong_files DIR: a line for everything that is not as it was written; nothing when all is well.
# The files are compared as wholes: `sha256sum --check` would overlook an added file and a changed letter case.
wrong_files() {
  local dir=$1 sums program
  if [[ -n "$(find "$dir" ! -type f ! -type d -print -quit)" ]]; then printf 'something that is neither file nor directory\n'; fi
  for sums in SHA256SUMS MD5SUMS; do
    program=${sums%SUMS}
    program=${program,,}sum
    if [[ ! -f "$dir/$sums" ]]; then
      printf '%s is missing\n' "$sums"
    elif ! sums_of "$dir" "$program" >"$OPS_TMP/sums"; then
      printf 'files cannot be read\n'
    elif ! cmp -s -- "$OPS_TMP/sums" "$dir/$sums"; then
      printf '%s differs: %s\n' "$sums" "$(changed_files "$dir/$sums" "$OPS_TMP/sums")"
    fi
  done
}

# changed_files STORED FOUND: a few names, fit to be shown
changed_files() {
  { diff -- "$1" "$2" || true; } | sed -n 's/^[<>] [^ ]* [ *]//p' | sort -u | head -n 5 | paste -sd' ' | tr -dc '[:print:]'
}

tree_bytes() { du -sb -- "$1" | cut -f1; }
