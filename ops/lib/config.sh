# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The configuration: KEY=value lines, the environment wins, everything is checked before anything runs.
# The file is read, never executed. Further settings are declared in lib/settings-*.sh, so that every verb knows all.

declare -gA SETTING_TYPE=() SETTING_DEFAULT=()
declare -ga SETTINGS=() CONFIG_ERRORS=() CONFIG_CHECKS=(check_together)

# setting NAME TYPE DEFAULT; types: text, yesno, int:MIN:MAX, enum:A:B:C, file, private, dir, newdir, user, s3url, url
setting() {
  SETTINGS+=("$1")
  SETTING_TYPE[$1]=$2
  SETTING_DEFAULT[$1]=$3
}

setting OPS_USER user postgres
setting OPS_PG_BIN dir ''
setting PGHOST text ''
setting PGPORT int:1:65535 ''
setting PGUSER text ''
setting PGDATABASE text postgres
setting PGSERVICE text ''
setting PGSERVICEFILE file ''
setting PGPASSFILE private ''
setting PGSSLMODE enum:disable:allow:prefer:require:verify-ca:verify-full ''
setting PGSSLROOTCERT file ''
setting PGCONNECT_TIMEOUT int:1:600 10
setting OPS_STATE_DIR newdir /var/lib/db-resilience
setting OPS_STATUS_FILE newdir ''
setting OPS_METRICS_FILE newdir ''
setting OPS_LOG_FILE newdir ''
setting OPS_WORK_DIR dir /var/tmp
setting OPS_BACKUP_DIR newdir /var/backups/db-resilience
setting OPS_FREE_SPACE_MARGIN_MB int:0:1000000000 512
setting OPS_DATABASES text all
setting OPS_FORMAT enum:directory:custom directory
setting OPS_JOBS int:1:64 4
setting OPS_COMPRESS int:0:9 6
setting OPS_RETENTION_DAYS int:1:36500 30
setting OPS_ROW_COUNTS yesno yes
setting OPS_GLOBALS_PASSWORDS yesno yes
setting OPS_MAX_AGE_HOURS int:1:87600 26
setting OPS_AGE_RECIPIENTS_FILE file ''
setting OPS_AGE_IDENTITY_FILE private ''
setting OPS_S3_URL s3url ''
setting OPS_S3_ENDPOINT url ''
setting OPS_S3_CA_FILE file ''
setting OPS_S3_SSE enum:none:AES256:aws\\:kms AES256
setting OPS_S3_KMS_KEY text ''
setting OPS_S3_LOCK_MODE enum:none:GOVERNANCE:COMPLIANCE none
setting OPS_S3_LOCK_DAYS int:1:36500 30
setting OPS_S3_VERIFY enum:download:head download

load_config() {
  local file
  for file in "$OPS_LIB"/settings-*.sh; do
    # shellcheck source=/dev/null
    if [[ -e "$file" ]]; then source "$file"; fi
  done
  local -A from_file=()
  CONFIG_ERRORS=()
  if [[ -e "$OPS_CONFIG" || -n "$OPS_CONFIG_GIVEN" ]]; then read_config_file "$OPS_CONFIG"; fi
  local name value
  for name in "${SETTINGS[@]}"; do
    # Set in the environment, even to nothing: that is what the caller wants
    if [[ -n "${!name+set}" ]]; then
      value=${!name}
    elif [[ -n "${from_file[$name]+set}" ]]; then
      value=${from_file[$name]}
    else
      value=${SETTING_DEFAULT[$name]}
    fi
    printf -v "$name" '%s' "$value"
    check_setting "$name" "${SETTING_TYPE[$name]}" "$value"
    # libpq takes an empty variable for a wrong value in places
    if [[ "$name" == PG* ]]; then
      if [[ -n "$value" ]]; then export "${name?}"; else unset "$name"; fi
    fi
  done
  for name in "${CONFIG_CHECKS[@]}"; do "$name"; done
  report_config_errors
  OPS_STATUS_FILE=${OPS_STATUS_FILE:-$OPS_STATE_DIR/status.json}
  OPS_METRICS_FILE=${OPS_METRICS_FILE:-$OPS_STATE_DIR/db_resilience.prom}
  export PGAPPNAME="db-resilience $OPS_VERB"
}

config_error() { CONFIG_ERRORS+=("$1"); }

report_config_errors() {
  local e
  if ((${#CONFIG_ERRORS[@]} == 0)); then return 0; fi
  for e in "${CONFIG_ERRORS[@]}"; do log "ERROR: $e"; done
  die "$E_CONFIG" "the configuration has ${#CONFIG_ERRORS[@]} error(s), nothing was done" \
    "Settings are explained in ops/etc/ops.conf; the file read was $(shown "$OPS_CONFIG") and the environment."
}

read_config_file() {
  local file=$1 line n=0 key value
  if [[ ! -f "$file" || ! -r "$file" ]]; then
    config_error "$(shown "$file") is not a file that $(id -un) can read"
    return 0
  fi
  if (($(stat -L -c %s -- "$file") > 1048576)); then
    config_error "$(shown "$file") is larger than 1 MiB: this is no configuration"
    return 0
  fi
  if [[ -n "$(find -L "$file" -maxdepth 0 -perm /022)" ]]; then
    config_error "$(shown "$file") can be written by others: chmod go-w it"
  fi
  while IFS= read -r line || [[ -n "$line" ]]; do
    n=$((n + 1))
    line=${line%$'\r'}
    if [[ "$line" =~ ^[[:space:]]*(#|$) ]]; then continue; fi
    if [[ ! "$line" =~ ^([A-Z][A-Z0-9_]*)=(.*)$ ]]; then
      config_error "$(shown "$file"):$n is not KEY=value"
      continue
    fi
    key=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
    value="${value%"${value##*[![:space:]]}"}"
    if [[ "$value" =~ ^\"(.*)\"$ || "$value" =~ ^\'(.*)\'$ ]]; then value=${BASH_REMATCH[1]}; fi
    if [[ "$key" == PGPASSWORD ]]; then
      config_error "$(shown "$file"):$n: no passwords here; put them into a PGPASSFILE of mode 600"
    elif [[ -z "${SETTING_TYPE[$key]+set}" ]]; then
      config_error "$(shown "$file"):$n: there is no setting $key"
    else
      from_file[$key]=$value
    fi
  done < <(tr -d '\000' <"$file")
}

# An empty value means "not set" for every type; what must be there is asked for by the verb
check_setting() {
  local name=$1 type=$2 value=$3
  if [[ -z "$value" ]]; then return 0; fi
  if [[ "$value" == *$'\n'* ]]; then
    config_error "$name has a line break in it"
    return 0
  fi
  case "$type" in
    text) ;;
    yesno) [[ "$value" == yes || "$value" == no ]] || config_error "$name=$(shown "$value") must be yes or no" ;;
    int:*)
      local min max
      IFS=: read -r _ min max <<<"$type"
      if [[ ! "$value" =~ ^(0|[1-9][0-9]{0,11})$ ]] || ((value < min || value > max)); then
        config_error "$name=$(shown "$value") must be a whole number from $min to $max"
      fi
      ;;
    enum:*) check_enum "$name" "$value" "${type#enum:}" ;;
    user) id -u -- "$value" >/dev/null 2>&1 || config_error "$name=$(shown "$value") is no user of this machine" ;;
    s3url) [[ "$value" =~ ^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_./-]*)?$ ]] ||
      config_error "$name=$(shown "$value") must look like s3://bucket/prefix" ;;
    url) [[ "$value" =~ ^https?://[^[:space:]@]+$ ]] ||
      config_error "$name must look like https://host:port, without user and password" ;;
    *) check_path "$name" "$type" "$value" ;;
  esac
}

check_enum() {
  local choices=${3//\\:/$'\1'} choice
  local -a list
  IFS=: read -r -a list <<<"$choices"
  for choice in "${list[@]}"; do
    if [[ "$2" == "${choice//$'\1'/:}" ]]; then return 0; fi
  done
  choices=${choices//:/, }
  config_error "$1=$(shown "$2") must be one of ${choices//$'\1'/:}"
}

check_path() {
  local name=$1 type=$2 value=$3
  if [[ "$value" != /* ]]; then
    config_error "$name=$(shown "$value") must be an absolute path"
    return 0
  fi
  case "$type" in
    dir) [[ -d "$value" ]] || config_error "$name=$(shown "$value") is not a directory" ;;
    file | private) [[ -f "$value" ]] || config_error "$name=$(shown "$value") is not a file" ;;
  esac
  # libpq ignores such a password file, and then says only that a password is missing
  if [[ "$type" == private && -n "$(find -L "$value" -maxdepth 0 -perm /077 2>/dev/null)" ]]; then
    config_error "$name=$(shown "$value") can be read by others: chmod 600 it"
  fi
}

check_together() {
  if [[ -n "${PGPASSWORD:-}" ]]; then
    config_error "PGPASSWORD is set: others can read it in the process list; put the password into a PGPASSFILE of mode 600"
  fi
  if [[ -z "$OPS_S3_URL" && -n "$OPS_S3_ENDPOINT" ]]; then config_error "OPS_S3_ENDPOINT is set without OPS_S3_URL"; fi
  if [[ -n "$OPS_S3_KMS_KEY" && "$OPS_S3_SSE" != aws:kms ]]; then config_error "OPS_S3_KMS_KEY needs OPS_S3_SSE=aws:kms"; fi
  if [[ "$OPS_S3_LOCK_MODE" != none && -z "$OPS_S3_URL" ]]; then config_error "OPS_S3_LOCK_MODE is set without OPS_S3_URL"; fi
  local name
  for name in OPS_STATE_DIR OPS_WORK_DIR OPS_BACKUP_DIR OPS_FORMAT OPS_JOBS OPS_COMPRESS OPS_RETENTION_DAYS OPS_ROW_COUNTS \
    OPS_GLOBALS_PASSWORDS OPS_MAX_AGE_HOURS OPS_FREE_SPACE_MARGIN_MB OPS_S3_SSE OPS_S3_LOCK_MODE OPS_S3_LOCK_DAYS \
    OPS_S3_VERIFY PGDATABASE OPS_DATABASES; do
    if [[ -z "${!name}" ]]; then config_error "$name must not be empty"; fi
  done
}
