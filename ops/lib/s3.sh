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

# s3_cli WHAT ARGS...: the AWS CLI; its output, or an error that names what was tried. S3_MISSING_OK=yes: "not there" is a code only.
s3_cli() {
  local what=$1 errors="$OPS_TMP/s3-errors.$BASHPID"
  shift
  local -a options=(--no-cli-pager --cli-connect-timeout 10 --cli-read-timeout 120) environment
  if [[ -n "$OPS_S3_ENDPOINT" ]]; then options+=(--endpoint-url "$OPS_S3_ENDPOINT"); fi
  # Newer CLIs send checksums in trailers that many other stores refuse; what was sent is proven by us
  environment=(AWS_REQUEST_CHECKSUM_CALCULATION=when_required AWS_RESPONSE_CHECKSUM_VALIDATION=when_required
    AWS_MAX_ATTEMPTS="${AWS_MAX_ATTEMPTS:-3}")
  if [[ -n "$OPS_S3_CA_FILE" ]]; then environment+=(AWS_CA_BUNDLE="$OPS_S3_CA_FILE"); fi
  # A store of one's own knows no regions, but the signature has one
  if [[ -n "$OPS_S3_ENDPOINT" && -z "${AWS_REGION:-}${AWS_DEFAULT_REGION:-}" ]]; then environment+=(AWS_DEFAULT_REGION=us-east-1); fi
  if run_child env "${environment[@]}" aws "${options[@]}" "$@" 2>"$errors"; then return 0; fi
  if [[ "${S3_MISSING_OK:-}" == yes ]] && grep -qE '\((404|NotFound|NoSuch[A-Za-z]*)\)' -- "$errors"; then return "$E_NOT_FOUND"; fi
  die "$E_REMOTE" "S3: $what failed: $(tr '\n' ' ' <"$errors" | tail -c 600)" \
    "Check OPS_S3_URL, OPS_S3_ENDPOINT and the AWS credentials of $(id -un)."
}

# A backup is two objects, however many tables it has: <id>.tar, and then <id>.json, its manifest. What has the second is complete.

# backup_tar DIR: the same bytes each time
backup_tar() { tar --create --file=- --directory="$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu .; }

# s3_put_backup DIR PATH: copied, encrypted and locked as configured, and proven
s3_put_backup() {
  local dir=$1 key size sha256
  need_tool aws awscli
  key=$(s3_key "$2.tar")
  sha256=$(backup_tar "$dir" | sha256sum | cut -d' ' -f1)
  size=$(backup_tar "$dir" | wc -c)
  backup_tar "$dir" | s3_send - "$key" "$sha256" --expected-size "$size"
  s3_prove "$key" "$size" "$sha256"
  key=$(s3_key "$2.json")
  sha256=$(sha256sum <"$dir/manifest.json" | cut -d' ' -f1)
  s3_send "$dir/manifest.json" "$key" "$sha256"
  s3_prove "$key" "$(stat -c %s -- "$dir/manifest.json")" "$sha256"
}

# s3_send FILE KEY SHA256 OPTIONS...
s3_send() {
  local file=$1 key=$2
  local -a options=(--metadata "sha256=$3" "${@:4}")
  if [[ "$OPS_S3_SSE" != none ]]; then options+=(--sse "$OPS_S3_SSE"); fi
  if [[ -n "$OPS_S3_KMS_KEY" ]]; then options+=(--sse-kms-key-id "$OPS_S3_KMS_KEY"); fi
  s3_cli "sending $key" s3 cp --no-progress --only-show-errors "${options[@]}" "$file" "s3://$(s3_bucket)/$key"
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
  if [[ "$OPS_S3_VERIFY" == download ]]; then
    found=$(s3_cli "reading $key back" s3 cp --quiet "s3://$(s3_bucket)/$key" - | sha256sum | cut -d' ' -f1)
    s3_expect "$key" "SHA-256 read back" "$3" "$found"
  fi
  if [[ "$OPS_S3_LOCK_MODE" != none ]]; then s3_lock "$key" "$(jq -r '.VersionId // ""' <<<"$head")"; fi
}

s3_expect() {
  [[ "$3" == "$4" ]] || die "$E_REMOTE" "S3: $1 has $2 $4, not $3" \
    "The copy cannot be trusted, the local backup is whole. Check the bucket's encryption, lock and capacity."
}

# s3_lock KEY VERSION: the version that was just proven; the bucket must have versions and object lock
s3_lock() {
  local found
  [[ -n "$2" && "$2" != null ]] ||
    die "$E_REMOTE" "S3: the bucket keeps no versions, so nothing can be locked" "Make the bucket with object lock, or set OPS_S3_LOCK_MODE=none."
  s3_cli "locking $1" s3api put-object-retention --bucket "$(s3_bucket)" --key "$1" --version-id "$2" \
    --retention "Mode=$OPS_S3_LOCK_MODE,RetainUntilDate=$(date -u -d "+$OPS_S3_LOCK_DAYS days" +%Y-%m-%dT%H:%M:%SZ)" >/dev/null
  found=$(s3_cli "reading the lock of $1" s3api get-object-retention --bucket "$(s3_bucket)" --key "$1" --version-id "$2" --output json)
  s3_expect "$1" "object lock" "$OPS_S3_LOCK_MODE" "$(jq -r '.Retention.Mode // "none"' <<<"$found")"
}

# s3_ids PATH: the identifiers of complete backups, the oldest first
s3_ids() {
  s3_cli "listing $1" s3api list-objects-v2 --bucket "$(s3_bucket)" --prefix "$(s3_key "$1/")" --output json |
    jq -r --arg base "$(s3_key "$1/")" '.Contents[]?.Key | ltrimstr($base) | select(test("^[0-9]{8}T[0-9]{6}Z[.]json$")) | rtrimstr(".json")' |
    LC_ALL=C sort
}

s3_size() {
  s3_cli "looking at $1" s3api head-object --bucket "$(s3_bucket)" --key "$(s3_key "$1.tar")" --output json | jq '.ContentLength'
}

# s3_get_backup PATH DIR
s3_get_backup() {
  s3_cli "fetching $1" s3 cp --quiet "s3://$(s3_bucket)/$(s3_key "$1.tar")" - |
    tar --extract --file=- --directory="$2" --no-same-owner --no-same-permissions ||
    die "$E_DAMAGED" "S3: $(s3_key "$1.tar") cannot be unpacked"
}

# s3_list_json: one JSON object a complete copy, in the form of logical_list_json
s3_list_json() {
  s3_cli "listing $OPS_S3_URL" s3api list-objects-v2 --bucket "$(s3_bucket)" --prefix "$(s3_key '')" --output json |
    jq -c --arg base "$(s3_key '')" --arg url "$OPS_S3_URL" '
      [.Contents[]? | {key: (.Key | ltrimstr($base) | ltrimstr("/")), size: .Size}] as $all
      | $all[] | .key | select(test("^(logical/[^/]+|globals)/[0-9]{8}T[0-9]{6}Z[.]json$")) | rtrimstr(".json") as $path
      | ($path | split("/")) as $part
      | {kind: (if $part[0] == "globals" then "globals" else "logical" end), encoded: $part[-2], id: $part[-1], location: ($url + "/" + $path + ".tar"),
         bytes: ([$all[] | select(.key == $path + ".tar") | .size] | first), state: "in S3",
         recoverableTo: ($part[-1] | "\(.[0:4])-\(.[4:6])-\(.[6:8])T\(.[9:11]):\(.[11:13]):\(.[13:15])Z")}
      | .recoverableFrom = .recoverableTo'
}
