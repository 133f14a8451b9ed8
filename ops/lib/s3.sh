# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Copies in S3, through the AWS CLI. Nothing is ever deleted there: that is the work of the bucket's lifecycle rule.

s3_enabled() { [[ -n "$OPS_S3_URL" ]]; }

s3_bucket() {
  local rest=${OPS_S3_URL#s3://}
  printf '%s' "${rest%%/*}"
}

# s3_key PATH: the key of a path below the prefix
s3_key() {
  local rest=${OPS_S3_URL#s3://} prefix=
  if [[ "$rest" == */* ]]; then prefix=${rest#*/}; fi
  prefix=${prefix%/}
  printf '%s' "${prefix:+$prefix/}$1"
}

# s3_cli WHAT ARGS...: the AWS CLI; its output, or an error that names what was tried
s3_cli() {
  local what=$1 errors="$OPS_TMP/s3-errors.$BASHPID"
  shift
  local -a options=(--no-cli-pager --cli-connect-timeout 10 --cli-read-timeout 120)
  if [[ -n "$OPS_S3_ENDPOINT" ]]; then options+=(--endpoint-url "$OPS_S3_ENDPOINT"); fi
  if ! (
    if [[ -n "$OPS_S3_CA_FILE" ]]; then export AWS_CA_BUNDLE="$OPS_S3_CA_FILE"; fi
    # A store of one's own knows no regions, but the signature has one
    if [[ -n "$OPS_S3_ENDPOINT" && -z "${AWS_REGION:-}" ]]; then export AWS_DEFAULT_REGION="${AWS_DEFAULT_REGION:-us-east-1}"; fi
    export AWS_MAX_ATTEMPTS="${AWS_MAX_ATTEMPTS:-3}"
    # Newer CLIs send checksums in trailers that many other stores refuse; Content-MD5 and reading back do that work
    export AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required
    run_child aws "${options[@]}" "$@" 2>"$errors"
  ); then
    if grep -qE '\((404|NoSuchKey|NoSuchVersion)\)|Not Found' -- "$errors"; then return "$E_NOT_FOUND"; fi
    die "$E_REMOTE" "S3: $what failed: $(tr '\n' ' ' <"$errors" | tail -c 600)" \
      "Check OPS_S3_URL, OPS_S3_ENDPOINT and the AWS credentials of $(id -un)."
  fi
}

s3_lock_until() { date -u -d "+$OPS_S3_LOCK_DAYS days" +%Y-%m-%dT%H:%M:%SZ; }

# s3_put FILE PATH: with encryption and lock as configured, then proven
s3_put() {
  local file=$1 key sha256 size
  key=$(s3_key "$2")
  size=$(stat -c %s -- "$file")
  sha256=$(sha256sum <"$file" | cut -d' ' -f1)
  if ((size <= OPS_S3_SINGLE_PUT_MB * 1048576)); then
    s3_put_whole "$file" "$key" "$sha256"
  else
    s3_put_in_parts "$file" "$key" "$sha256"
  fi
  s3_prove "$key" "$size" "$sha256"
}

# The server refuses the object if it does not match the MD5
s3_put_whole() {
  local -a options=(--content-md5 "$(md5sum <"$1" | cut -c1-32 | xxd -r -p | base64)" --metadata "sha256=$3")
  if [[ "$OPS_S3_SSE" != none ]]; then options+=(--server-side-encryption "$OPS_S3_SSE"); fi
  if [[ -n "$OPS_S3_KMS_KEY" ]]; then options+=(--ssekms-key-id "$OPS_S3_KMS_KEY"); fi
  if [[ "$OPS_S3_LOCK_MODE" != none ]]; then
    options+=(--object-lock-mode "$OPS_S3_LOCK_MODE" --object-lock-retain-until-date "$(s3_lock_until)")
  fi
  s3_cli "sending $2" s3api put-object --bucket "$(s3_bucket)" --key "$2" --body "$1" "${options[@]}" >/dev/null
}

s3_put_in_parts() {
  local -a options=(--metadata "sha256=$3")
  if [[ "$OPS_S3_SSE" != none ]]; then options+=(--sse "$OPS_S3_SSE"); fi
  if [[ -n "$OPS_S3_KMS_KEY" ]]; then options+=(--sse-kms-key-id "$OPS_S3_KMS_KEY"); fi
  s3_cli "sending $2" s3 cp --no-progress --only-show-errors "${options[@]}" -- "$1" "s3://$(s3_bucket)/$2"
  if [[ "$OPS_S3_LOCK_MODE" != none ]]; then
    s3_cli "locking $2" s3api put-object-retention --bucket "$(s3_bucket)" --key "$2" \
      --retention "Mode=$OPS_S3_LOCK_MODE,RetainUntilDate=$(s3_lock_until)" >/dev/null
  fi
}

# s3_prove KEY SIZE SHA256: what the store has is what was sent, encrypted and locked as asked
s3_prove() {
  local key=$1 head found
  head=$(s3_cli "looking at $key" s3api head-object --bucket "$(s3_bucket)" --key "$key" --output json)
  s3_expect "$key" "size" "$2" "$(jq -r '.ContentLength // 0' <<<"$head")"
  s3_expect "$key" "recorded SHA-256" "$3" "$(jq -r '.Metadata.sha256 // "none"' <<<"$head")"
  if [[ "$OPS_S3_SSE" != none ]]; then
    s3_expect "$key" "server-side encryption" "$OPS_S3_SSE" "$(jq -r '.ServerSideEncryption // "none"' <<<"$head")"
  fi
  if [[ "$OPS_S3_LOCK_MODE" != none ]]; then
    s3_expect "$key" "object lock" "$OPS_S3_LOCK_MODE" "$(jq -r '.ObjectLockMode // "none"' <<<"$head")"
  fi
  if [[ "$OPS_S3_VERIFY" == download ]]; then
    found=$(s3_cli "reading $key back" s3 cp --quiet "s3://$(s3_bucket)/$key" - | sha256sum | cut -d' ' -f1)
    s3_expect "$key" "SHA-256 read back" "$3" "$found"
  fi
}

s3_expect() {
  [[ "$3" == "$4" ]] || die "$E_REMOTE" "S3: $1 has $2 $4, not $3" \
    "The copy cannot be trusted. The local backup is whole. Check the bucket's encryption, lock and capacity."
}

# s3_put_tree DIR PATH: SHA256SUMS goes last, so a copy that has it is complete
s3_put_tree() {
  local dir=$1 path=$2 file
  need_tool aws awscli
  need_tool jq jq
  while IFS= read -r -d '' file; do
    s3_put "$dir/$file" "$path/$file"
  done < <(cd -- "$dir" && find . -type f ! -name SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z)
  s3_put "$dir/SHA256SUMS" "$path/SHA256SUMS"
}

# s3_paths PATH: every key below a path, without the prefix
s3_paths() {
  local base
  base=$(s3_key '')
  s3_cli "listing $1" s3api list-objects-v2 --bucket "$(s3_bucket)" --prefix "$(s3_key "$1")" --output json |
    jq -r --arg base "$base" '.Contents[]?.Key | ltrimstr($base)'
}

# s3_get_tree PATH DIR
s3_get_tree() {
  local path=$1 dir=$2 name
  while IFS= read -r name; do
    # Keys come from outside: none may leave the directory
    if [[ "$name" == *..* || "$name" != "$path"/* ]]; then die "$E_DAMAGED" "S3: $(shown "$name") is no name that was written by us"; fi
    mkdir -p -- "$(dirname -- "$dir/${name#"$path"/}")"
    s3_cli "fetching $name" s3api get-object --bucket "$(s3_bucket)" --key "$(s3_key "$name")" "$dir/${name#"$path"/}" >/dev/null
  done < <(s3_paths "$path/")
}

# s3_bytes PATH: what lies below a path, together
s3_bytes() {
  s3_cli "listing $1" s3api list-objects-v2 --bucket "$(s3_bucket)" --prefix "$(s3_key "$1")" --output json |
    jq '[.Contents[]?.Size] | add // 0'
}
