#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq pgbackrest=pgbackrest /usr/bin/aws=awscli curl=curl java=openjdk-17-jre-headless keytool=openjdk-17-jre-headless
# A repository in S3, over TLS, encrypted by pgBackRest.

setup() {
  load lib/cluster
  load lib/physical
  load lib/s3
  physical_begin pgbackrest
  s3_need
}

teardown() {
  s3_end
  clusters_end
}

# pgBackRest compares the certificate's names with a host name, and not with an address
keytool() { command keytool "${@/%san=ip:127.0.0.1/san=ip:127.0.0.1,dns:localhost}"; }

@test "encrypted, in S3 over TLS: backed up, restored, a flipped byte found, a store that is down reported, nothing lost" {
  s3proxy_start
  s3_aws s3 mb s3://backups >/dev/null
  local address=${OPS_S3_ENDPOINT#https://} ca=$OPS_S3_CA_FILE
  # Those are for the dumps
  unset OPS_S3_ENDPOINT OPS_S3_CA_FILE
  as_pg tee "$CLUSTER_BASE/pgbackrest-options" >/dev/null <<CONF
repo1-type=s3
repo1-path=/physical
repo1-bundle=y
io-timeout=3
repo1-s3-bucket=backups
repo1-s3-endpoint=localhost
repo1-storage-port=${address#*:}
repo1-s3-region=us-east-1
repo1-s3-uri-style=path
repo1-s3-key=$AWS_ACCESS_KEY_ID
repo1-s3-key-secret=$AWS_SECRET_ACCESS_KEY
repo1-storage-ca-file=$ca
repo1-cipher-type=aes-256-cbc
repo1-cipher-pass=only-for-this-test
CONF
  chmod 644 "$ca"
  configure "OPS_PGBACKREST_OPTIONS_FILE=$CLUSTER_BASE/pgbackrest-options"
  # Others could read the key
  chmod 644 "$CLUSTER_BASE/pgbackrest-options"
  run ops setup-wal-archiving --restart
  [ "$status" -eq 78 ]
  [[ "$output" == *"chmod 600"* ]]
  chmod 600 "$CLUSTER_BASE/pgbackrest-options"

  ops setup-wal-archiving --restart
  random_table main postgres t 500
  cluster_sql main postgres "insert into t (body) values ('a word to look for')"
  before=$(table_hash main postgres t)
  ops backup-physical --full
  [ -n "$(ls -A "$S3_DIR/proxy/backups/physical/backup/main")" ]
  run grep -rl 'a word to look for' "$S3_DIR/proxy"
  [ "$status" -eq 1 ]
  run ops list-backups
  [[ "$output" == *full*whole* ]]
  [[ "$output" != *only-for-this-test* ]]

  ops restore-pitr --latest --target-dir "$CLUSTER_BASE/r"
  mkdir "$CLUSTER_BASE/restored"
  sed -n 4p "$CLUSTER_BASE/r/data/postmaster.pid" >"$CLUSTER_BASE/restored/port"
  ln -s "$CLUSTER_BASE/r/.s.PGSQL.$(cluster_port restored)" "$CLUSTER_BASE/s/"
  [ "$(table_hash restored postgres t)" = "$before" ]

  local file size
  file=$(find "$S3_DIR/proxy/backups/physical/backup/main" -path '*/bundle/*' -type f -size +10k | shuf -n 1)
  size=$(stat -c %s "$file")
  cp "$file" "$CLUSTER_BASE/whole"
  dd if=/dev/urandom of="$file" bs=1 count=4 seek=$((size / 2)) conv=notrunc status=none
  run ops verify-backups --physical
  echo "$output"
  [ "$status" -eq 65 ]
  cp "$CLUSTER_BASE/whole" "$file"
  ops verify-backups --physical

  s3_stop proxy
  run ops backup-physical --full
  echo "$output"
  [ "$status" -eq 74 ]
  [[ "$output" != *only-for-this-test* && "$output" != *"$AWS_SECRET_ACCESS_KEY"* ]]
}
