# SPDX-License-Identifier: Apache-2.0
#
# Real S3 server processes on 127.0.0.1. The jars come by `mvn -pl ops process-resources`.
#   s3proxy_start    S3Proxy over TLS; sets OPS_S3_ENDPOINT, OPS_S3_CA_FILE
#   s3mock_start     S3Mock, which has versions, object lock and server-side encryption; sets OPS_S3_ENDPOINT
#   s3_aws ARGS...   the AWS CLI on that server
#   s3_end           stop what was started

s3_need() {
  [[ -x /usr/bin/aws ]] || skip "missing: awscli"
  command -v java keytool >/dev/null || skip "missing: openjdk-17-jre-headless"
  [[ -s "$BATS_TEST_DIRNAME/../target/s3/s3proxy.jar" && -s "$BATS_TEST_DIRNAME/../target/s3/s3mock.jar" ]] ||
    skip "missing: the S3 servers (mvn -pl ops process-resources)"
  export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local-secret AWS_EC2_METADATA_DISABLED=true
  S3_DIR=$CLUSTER_BASE/s3
  mkdir -p "$S3_DIR"
  export S3_DIR
}

_s3_answers() { curl --silent --insecure --output /dev/null "$1"; }

s3proxy_start() {
  local port pass=changeit
  port=$(free_port)
  mkdir -p "$S3_DIR/proxy"
  keytool -genkeypair -keystore "$S3_DIR/keys" -storepass $pass -keyalg RSA -dname CN=127.0.0.1 -ext san=ip:127.0.0.1 -validity 2 2>/dev/null
  keytool -exportcert -rfc -keystore "$S3_DIR/keys" -storepass $pass >"$S3_DIR/ca.pem" 2>/dev/null
  cat >"$S3_DIR/proxy.conf" <<EOS
s3proxy.authorization=aws-v2-or-v4
s3proxy.secure-endpoint=https://127.0.0.1:$port
s3proxy.keystore-path=$S3_DIR/keys
s3proxy.keystore-password=$pass
s3proxy.identity=$AWS_ACCESS_KEY_ID
s3proxy.credential=$AWS_SECRET_ACCESS_KEY
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir=$S3_DIR/proxy
jclouds.identity=x
jclouds.credential=x
EOS
  java -Xmx256m -jar "$BATS_TEST_DIRNAME/../target/s3/s3proxy.jar" --properties "$S3_DIR/proxy.conf" >"$S3_DIR/proxy.log" 2>&1 3>&- &
  echo $! >"$S3_DIR/proxy.pid"
  export OPS_S3_ENDPOINT=https://127.0.0.1:$port OPS_S3_CA_FILE=$S3_DIR/ca.pem AWS_CA_BUNDLE=$S3_DIR/ca.pem
  wait_until 60 _s3_answers "$OPS_S3_ENDPOINT"
}

s3mock_start() {
  local http https relay
  http=$(free_port) https=$(free_port) relay=$(free_port)
  mkdir -p "$S3_DIR/mock"
  java -Xmx512m -jar "$BATS_TEST_DIRNAME/../target/s3/s3mock.jar" --com.adobe.testing.s3mock.store.root="$S3_DIR/mock" \
    --com.adobe.testing.s3mock.http-port="$http" --server.port="$https" >"$S3_DIR/mock.log" 2>&1 3>&- &
  echo $! >"$S3_DIR/mock.pid"
  python3 "$BATS_TEST_DIRNAME/lib/continue-relay.py" "$relay" "$http" >"$S3_DIR/relay.log" 2>&1 3>&- &
  echo $! >"$S3_DIR/relay.pid"
  export OPS_S3_ENDPOINT=http://127.0.0.1:$relay OPS_S3_CA_FILE=''
  unset AWS_CA_BUNDLE
  wait_until 60 _s3_answers "http://127.0.0.1:$http"
}

s3_aws() { AWS_DEFAULT_REGION=us-east-1 /usr/bin/aws --no-cli-pager --endpoint-url "$OPS_S3_ENDPOINT" "$@"; }

s3_stop() { # NAME
  local pid
  pid=$(cat "$S3_DIR/$1.pid") && kill "$pid" 2>/dev/null
  wait_until 20 _s3_is_gone "$pid" || kill -9 "$pid"
}

_s3_is_gone() { ! kill -0 "$1" 2>/dev/null; }

s3_end() {
  local file
  for file in "$CLUSTER_BASE"/s3/*.pid; do
    if [[ -e $file ]]; then
      kill "$(cat "$file")" 2>/dev/null || true
      wait_until 20 _s3_is_gone "$(cat "$file")" || kill -9 "$(cat "$file")" 2>/dev/null || true
    fi
  done
}
