#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq /usr/bin/aws=awscli curl=curl java=openjdk-17-jre-headless keytool=openjdk-17-jre-headless python3=python3

setup_file() {
  load lib/cluster
  load lib/ops
  load lib/s3
  ops_begin
  s3_need
  create_database app
  random_table main app accounts 2000
}

setup() {
  load lib/cluster
  load lib/ops
  load lib/s3
  s3_need
}

teardown() {
  load lib/s3
  s3_end
}

teardown_file() {
  load lib/cluster
  load lib/s3
  s3_end
  clusters_end
}

keys() { s3_aws s3api list-objects-v2 --bucket "$1" --output json | jq -r '.Contents[]?.Key'; }

@test "over TLS: copied, proven, restored from there; a damaged, incomplete or missing copy; a store that is down" {
  s3proxy_start
  s3_aws s3 mb s3://backups >/dev/null
  export AWS_MAX_ATTEMPTS=1 OPS_S3_SSE=none OPS_S3_URL=s3://backups/some/prefix
  run ops backup-database app
  echo "$output"
  [ "$status" -eq 0 ]
  local id
  id=$(basename "$(newest_backup app)")
  [ "$(keys backups | LC_ALL=C sort | paste -sd' ')" = "some/prefix/logical/app/$id.json some/prefix/logical/app/$id.tar" ]

  run ops list-backups --s3
  [ "$status" -eq 0 ]
  [[ "${lines[1]}" == *app*"$id"*"in S3"* ]]

  mv "$OPS_BACKUP_DIR" "$OPS_BACKUP_DIR.away"
  run ops restore-database --database app --into app_s3
  [ "$status" -eq 66 ]
  run ops restore-database --database app --into app_s3 --from-s3
  echo "$output"
  [ "$status" -eq 0 ]
  same_content app app_s3
  run ops restore-table --database app --from-s3 accounts
  [ "$status" -eq 0 ]
  mv "$OPS_BACKUP_DIR.away" "$OPS_BACKUP_DIR"

  # One bit of the copy
  s3_aws s3 cp --quiet "s3://backups/some/prefix/logical/app/$id.tar" "$S3_DIR/copy.tar"
  flip_byte "$S3_DIR/copy.tar" $(($(stat -c %s "$S3_DIR/copy.tar") / 2))
  s3_aws s3 cp --quiet "$S3_DIR/copy.tar" "s3://backups/some/prefix/logical/app/$id.tar"
  run ops restore-database --database app --into app_damaged --from-s3
  [ "$status" -eq 65 ]
  # A copy without its manifest was cut off while it was made
  s3_aws s3 rm --quiet "s3://backups/some/prefix/logical/app/$id.json"
  run ops restore-database --database app --into app_damaged --from-s3
  [ "$status" -eq 66 ]
  no_remains

  # Not the CA that signed
  OPS_S3_CA_FILE=/etc/ssl/certs/ca-certificates.crt run ops backup-database app
  [ "$status" -eq 74 ]
  # A server that does not encrypt is told, not believed
  OPS_S3_SSE=AES256 run ops backup-database app
  [ "$status" -eq 74 ]
  OPS_S3_URL=s3://nowhere run ops backup-database app
  [ "$status" -eq 74 ]
  AWS_SECRET_ACCESS_KEY=wrong-secret run ops backup-database app
  [ "$status" -eq 74 ]
  [[ "$output" != *wrong-secret* ]]

  # Down: the local backup is kept, older ones are not pruned, the run is failed for monitoring
  s3_stop proxy
  local old=$OPS_BACKUP_DIR/logical/app/20200101T000000Z before
  cp -a "$(newest_backup app)" "$old"
  before=$(backup_count app)
  run ops backup-database app
  [ "$status" -eq 74 ]
  [[ "$output" == *"S3: sending"*failed* ]]
  [ "$(backup_count app)" -eq $((before + 1)) ]
  [ -d "$old" ]
  [ "$(run_state logical app)" = failed ]
  rm -rf "$old"
  no_remains
}

@test "server-side encryption, versions and object lock are asked for and proven" {
  s3mock_start
  s3_aws s3api create-bucket --bucket locked --object-lock-enabled-for-bucket >/dev/null
  s3_aws s3api put-bucket-versioning --bucket locked --versioning-configuration Status=Enabled
  OPS_S3_URL=s3://locked OPS_S3_LOCK_MODE=COMPLIANCE OPS_S3_LOCK_DAYS=7 run ops backup-database app
  echo "$output"
  [ "$status" -eq 0 ]
  local key until
  for key in $(keys locked); do
    [ "$(s3_aws s3api head-object --bucket locked --key "$key" --output json | jq -r .ServerSideEncryption)" = AES256 ]
    [ "$(s3_aws s3api get-object-retention --bucket locked --key "$key" --output json | jq -r .Retention.Mode)" = COMPLIANCE ]
    until=$(s3_aws s3api get-object-retention --bucket locked --key "$key" --output json | jq -r .Retention.RetainUntilDate)
    [ $(($(date -d "$until" +%s) - $(date +%s))) -gt $((6 * 86400)) ]
  done
  # A bucket without object lock
  s3_aws s3api create-bucket --bucket plain >/dev/null
  OPS_S3_URL=s3://plain OPS_S3_LOCK_MODE=GOVERNANCE run ops backup-database app
  [ "$status" -eq 74 ]
  [[ "$output" == *"lock"* ]]
  # In several parts (8 MiB each), and back. S3Mock shows no encryption of such an object, and that is not believed.
  random_table main app large 60000
  OPS_S3_URL=s3://locked OPS_S3_SSE=none run ops backup-database app
  echo "$output"
  [ "$status" -eq 0 ]
  OPS_S3_URL=s3://locked run ops restore-database --database app --into app_parts --from-s3
  [ "$status" -eq 0 ]
  same_content app app_parts
}
