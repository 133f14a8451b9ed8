# SPDX-License-Identifier: Apache-2.0
#
# Scratch PostgreSQL clusters for the tests. Everything lives below one directory that belongs to an
# unprivileged user, and everything is stopped again by `clusters_end`, which a teardown must call.
#
#   setup()    { load lib/cluster; clusters_begin; cluster_create main; }
#   teardown() { clusters_end; }
#
# A cluster has a name; its files are $CLUSTER_BASE/<name>/{data,port,log}. The super-user is "postgres",
# sockets (peerless, trusted) are in $CLUSTER_BASE/s, TCP listens on 127.0.0.1 only.
#
#   as_pg CMD...                     run CMD as the unprivileged user (in the scratch directory)
#   free_port                        print a port nobody listens on (and that we did not give out before)
#   cluster_create NAME [--conf K=V]... [--password PW] [--no-start] [--initdb ARG]...
#   cluster_adopt NAME DATADIR       make an existing data directory (a restore, a standby) known, with a port of its own
#   cluster_start|cluster_stop|cluster_restart NAME [MODE]
#   cluster_kill9 NAME               kill -9 the postmaster, wait until its children are gone too
#   cluster_destroy_data NAME        kill -9 and delete the data directory: the disaster
#   cluster_conf NAME K=V...         append settings to postgresql.auto.conf-like test settings and reload
#   cluster_sql NAME DB SQL          print the bare result; fails on the first error
#   cluster_psql NAME DB ARGS...     psql with the right host, port and user
#   cluster_env NAME                 export PGHOST PGPORT PGUSER for tools run through as_pg
#   cluster_port|cluster_data NAME
#   table_hash NAME DB TABLE         content hash, independent of the row order
#   database_hash NAME DB            one line "schema.table count hash" per user table and sequence, sorted
#   random_table NAME DB TABLE ROWS [WIDTH]   a table of poorly compressible text
#   writer_start NAME DB TABLE FILE [PAUSE]   one session that inserts and writes every acknowledged id to FILE
#   writer_stop FILE
#   wait_until SECONDS CMD...        poll a condition with a bound

: "${OPS_TEST_PG_VERSION:=15}"
# Debian's, or what .ci/install-postgresql-17 has made
if [[ -z ${PG_BIN:-} ]]; then
  PG_BIN=/usr/lib/postgresql/$OPS_TEST_PG_VERSION/bin
  if [[ ! -x $PG_BIN/initdb && -x /opt/db-resilience/postgresql-$OPS_TEST_PG_VERSION/bin/initdb ]]; then
    PG_BIN=/opt/db-resilience/postgresql-$OPS_TEST_PG_VERSION/bin
  fi
fi

# The user that the servers run as: ourselves, unless we are root.
if [[ -z ${OPS_TEST_USER:-} ]]; then
  if ((EUID == 0)); then OPS_TEST_USER=postgres; else OPS_TEST_USER=$(id -un); fi
fi

clusters_available() {
  [[ -x $PG_BIN/initdb ]] || { echo "missing: postgresql-$OPS_TEST_PG_VERSION (no $PG_BIN/initdb)"; return 1; }
  id "$OPS_TEST_USER" >/dev/null 2>&1 || { echo "missing: the user $OPS_TEST_USER (package postgresql-common)"; return 1; }
}

# The product's scripts, in a place that the unprivileged user can read. A checkout often is not.
_ops_home() {
  local source
  source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
  if as_pg test -r "$source/bin" -a -x "$source/bin" -a -x "$source/lib" 2>/dev/null; then
    echo "$source"
  else
    install -d -m 755 "$CLUSTER_BASE/ops"
    local part
    for part in bin lib etc patroni; do
      if [[ -d $source/$part ]]; then cp -R "$source/$part" "$CLUSTER_BASE/ops/"; fi
    done
    chmod -R a+rX "$CLUSTER_BASE/ops"
    echo "$CLUSTER_BASE/ops"
  fi
}

clusters_begin() {
  local reason
  if ! reason=$(clusters_available); then
    skip "$reason"
  fi
  # Short, as the path of a socket may have 107 bytes only.
  CLUSTER_BASE=$(mktemp -d "${OPS_TEST_TMP:-/tmp}/ops-t.XXXXXX")
  export CLUSTER_BASE PG_BIN
  mkdir "$CLUSTER_BASE/s" "$CLUSTER_BASE/ports"
  chmod 755 "$CLUSTER_BASE"
  if ((EUID == 0)); then chown -R "$OPS_TEST_USER" "$CLUSTER_BASE"; fi
  OPS_HOME=$(_ops_home)
  export OPS_HOME
}

clusters_end() {
  [[ -n ${CLUSTER_BASE:-} && -d $CLUSTER_BASE ]] || return 0
  local entry
  for entry in "$CLUSTER_BASE"/*/writer.pid; do
    [[ -f $entry ]] || continue
    _kill_group "$(<"$entry")"
  done
  # Verbs that run on; their locks say who they are
  local lock pid
  for lock in "$CLUSTER_BASE"/state/lock/*.lock; do
    [[ -f $lock ]] || continue
    pid=$(sed -nE 's/.* pid ([0-9]+) .*/\1/p' "$lock")
    if [[ -n $pid ]] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$CLUSTER_BASE"; then kill "$pid" 2>/dev/null || true; fi
  done
  # Every server whose data directory is below our base, also the ones that a script under test has started.
  local pid_file
  while IFS= read -r -d '' pid_file; do
    _end_server "$(dirname "$pid_file")"
  done < <(find "$CLUSTER_BASE" -name postmaster.pid -print0 2>/dev/null)
  if [[ -n ${OPS_TEST_KEEP:-} ]]; then
    echo "kept: $CLUSTER_BASE" >&2
  else
    rm -rf "$CLUSTER_BASE"
  fi
  unset CLUSTER_BASE
}

# Handle 3 belongs to bats, which waits until everybody has closed it. It is closed for the command only: an ERR trap that runs
# without it takes bats down.
as_pg() {
  if ((EUID == 0)) && [[ $OPS_TEST_USER != root ]]; then
    local home
    home=$(getent passwd "$OPS_TEST_USER" | cut -d: -f6)
    (
      cd "${CLUSTER_BASE:-/}" || exit 1
      HOME=$home USER=$OPS_TEST_USER LOGNAME=$OPS_TEST_USER exec setpriv \
        --reuid="$OPS_TEST_USER" --regid="$(id -g "$OPS_TEST_USER")" --init-groups -- "$@" 3>&-
    )
  else
    (cd "${CLUSTER_BASE:-/}" && exec "$@" 3>&-)
  fi
}

wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS >= deadline)); then
      echo "condition not reached in time: $*" >&2
      return 1
    fi
    sleep 0.1
  done
}

_port_is_taken() {
  (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
  local port attempt
  for attempt in {1..200}; do
    # Below the range from which the kernel takes ports for outgoing connections.
    port=$((12000 + (RANDOM * 32768 + RANDOM) % 18000))
    _port_is_taken "$port" && continue
    # A directory is made by one only: two calls never get the same port, however they are nested.
    mkdir "$CLUSTER_BASE/ports/$port" 2>/dev/null || continue
    echo "$port"
    return 0
  done
  echo "no free port after $attempt attempts" >&2
  return 1
}

cluster_data() { echo "$(<"$CLUSTER_BASE/$1/data-directory")"; }
cluster_port() { echo "$(<"$CLUSTER_BASE/$1/port")"; }
cluster_log() { echo "$CLUSTER_BASE/$1/log"; }

_cluster_register() { # NAME DATADIR
  as_pg mkdir -p "$CLUSTER_BASE/$1"
  echo "$2" >"$CLUSTER_BASE/$1/data-directory"
  free_port >"$CLUSTER_BASE/$1/port"
}

cluster_create() {
  local name=$1 password='' start=yes
  shift
  local -a settings=() initdb=()
  while (($#)); do
    case $1 in
      --conf) settings+=("$2"); shift 2 ;;
      --password) password=$2; shift 2 ;;
      --initdb) initdb+=("$2"); shift 2 ;;
      --no-start) start=no; shift ;;
      *) echo "cluster_create: unknown option $1" >&2; return 1 ;;
    esac
  done
  local data=$CLUSTER_BASE/$name/data
  _cluster_register "$name" "$data"
  as_pg "$PG_BIN/initdb" --pgdata="$data" --username=postgres --encoding=UTF8 --locale=C.UTF-8 \
    --data-checksums --no-sync --auth=trust "${initdb[@]}" >"$CLUSTER_BASE/$name/initdb.log" 2>&1 \
    || { cat "$CLUSTER_BASE/$name/initdb.log" >&2; return 1; }
  as_pg tee -a "$data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
port = $(cluster_port "$name")
unix_socket_directories = '$CLUSTER_BASE/s'
shared_buffers = 32MB
max_wal_size = 256MB
min_wal_size = 80MB
max_wal_senders = 8
log_line_prefix = '%m [%p] '
CONF
  local setting
  for setting in "${settings[@]}"; do
    as_pg tee -a "$data/postgresql.conf" >/dev/null <<<"${setting%%=*} = '${setting#*=}'"
  done
  if [[ $start == yes || -n $password ]]; then cluster_start "$name" || return 1; fi
  if [[ -n $password ]]; then
    cluster_psql "$name" postgres -q -v "pw=$password" <<<"alter role postgres password :'pw'" || return 1
    as_pg sed -i -E 's/^(host.*)trust$/\1scram-sha-256/' "$data/pg_hba.conf"
    as_pg "$PG_BIN/pg_ctl" reload -s -D "$data"
    if [[ $start == no ]]; then cluster_stop "$name"; fi
  fi
}

cluster_adopt() { # NAME DATADIR
  _cluster_register "$1" "$2"
  # Through the file that every start reads last; a restored one may carry the settings of its origin.
  as_pg tee -a "$2/postgresql.auto.conf" >/dev/null <<CONF
port = $(cluster_port "$1")
listen_addresses = '127.0.0.1'
unix_socket_directories = '$CLUSTER_BASE/s'
CONF
}

cluster_start() {
  local data
  data=$(cluster_data "$1")
  as_pg "$PG_BIN/pg_ctl" start -s -w -t 60 -D "$data" -l "$(cluster_log "$1")" \
    || { tail -n 20 "$(cluster_log "$1")" >&2; return 1; }
}

cluster_stop() {
  as_pg "$PG_BIN/pg_ctl" stop -s -w -t 60 -D "$(cluster_data "$1")" -m "${2:-fast}"
}

cluster_restart() {
  cluster_stop "$@" && cluster_start "$1"
}

_no_server_process() { # PID DATADIR: neither the postmaster nor a child that still works in the data directory
  local link
  ! kill -0 "$1" 2>/dev/null || return 1
  for link in /proc/[0-9]*/cwd; do
    [[ $(readlink "$link" 2>/dev/null) != "$2" && $(readlink "$link" 2>/dev/null) != "$2 (deleted)" ]] || return 1
  done
}

cluster_kill9() {
  local data pid
  data=$(cluster_data "$1")
  pid=$(head -n 1 "$data/postmaster.pid") || return 1
  kill -9 "$pid"
  wait_until 30 _no_server_process "$pid" "$data"
}

cluster_destroy_data() {
  local data pid
  data=$(cluster_data "$1")
  pid=$(head -n 1 "$data/postmaster.pid") || return 1
  kill -9 "$pid"
  rm -rf "$data"
  wait_until 30 _no_server_process "$pid" "$data"
  rm -rf "$data"
}

_end_server() { # DATADIR
  local pid
  pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null) || return 0
  [[ $pid =~ ^[0-9]+$ && $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$1" ]] || return 0
  # A stopped process reacts to nothing but SIGCONT and SIGKILL.
  kill -CONT "$pid" 2>/dev/null || true
  kill -QUIT "$pid" 2>/dev/null || true
  wait_until 15 _no_server_process "$pid" "$1" || kill -9 "$pid" 2>/dev/null || true
}

cluster_conf() {
  local name=$1 setting
  shift
  for setting in "$@"; do
    as_pg tee -a "$(cluster_data "$name")/postgresql.conf" >/dev/null <<<"${setting%%=*} = '${setting#*=}'"
  done
  as_pg "$PG_BIN/pg_ctl" reload -s -D "$(cluster_data "$name")"
}

cluster_env() {
  export PGHOST=$CLUSTER_BASE/s PGUSER=postgres PGPORT
  PGPORT=$(cluster_port "$1")
}

cluster_psql() {
  local name=$1 database=$2
  shift 2
  as_pg "$PG_BIN/psql" -X -v ON_ERROR_STOP=1 -h "$CLUSTER_BASE/s" -p "$(cluster_port "$name")" -U postgres -d "$database" "$@"
}

cluster_sql() {
  cluster_psql "$1" "$2" -qAt -c "$3"
}

# TABLE is an identifier as SQL writes it (quoted where it has to be).
table_hash() {
  cluster_sql "$1" "$2" "
    select count(*) || ':' || coalesce(md5(
      sum(('x' || substr(h, 1, 15))::bit(60)::bigint)::text || '/' || sum(('x' || substr(h, 16, 15))::bit(60)::bigint)::text), 'empty')
    from (select md5(t::text) h from $3 t) rows"
}

database_hash() {
  local name=$1 database=$2 objects kind object result
  objects=$(cluster_sql "$name" "$database" "
    select c.relkind, format('%I.%I', n.nspname, c.relname)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'S', 'm') and n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
    order by format('%I.%I', n.nspname, c.relname) collate \"C\"") || return 1
  while IFS='|' read -r kind object; do
    [[ -n $object ]] || continue
    if [[ $kind == S ]]; then
      result=$(cluster_sql "$name" "$database" "select last_value from $object" </dev/null) || return 1
    else
      result=$(table_hash "$name" "$database" "$object" </dev/null) || return 1
    fi
    echo "$object $result"
  done <<<"$objects"
}

random_table() { # NAME DB TABLE ROWS [WIDTH in hex digits of 32]
  cluster_sql "$1" "$2" "
    create table $3 (id bigint generated by default as identity primary key, body text not null, made timestamptz not null default clock_timestamp());
    insert into $3 (body)
    select (select string_agg(md5(random()::text || g::text || i::text), '') from generate_series(1, ${5:-8}) i)
    from generate_series(1, $4) g"
}

_writer_loop() { # NAME DB TABLE PAUSE
  local pause=$4
  while :; do
    echo "insert into $3 (body) values (md5(random()::text)) returning id;"
    sleep "$pause"
  done | cluster_psql "$1" "$2" -qAt
}

# psql shows a row only when the server has reported the command complete, that is after the commit:
# what is in FILE was acknowledged.
writer_start() { # NAME DB TABLE FILE [PAUSE]
  local directory=$CLUSTER_BASE/writer-${4##*/}
  mkdir -p "$directory"
  (
    set -m
    _writer_loop "$1" "$2" "$3" "${5:-0.005}" >"$4" 2>"$directory/log" 3>&- &
    echo $! >"$directory/writer.pid"
  )
  wait_until 10 test -s "$4"
}

_kill_group() {
  if [[ $1 =~ ^[0-9]+$ ]]; then kill -TERM -- "-$1" 2>/dev/null || true; fi
}

writer_stop() { # FILE
  local pid
  pid=$(<"$CLUSTER_BASE/writer-${1##*/}/writer.pid")
  _kill_group "$pid"
  wait_until 10 _group_is_gone "$pid"
}

_group_is_gone() {
  ! kill -0 -- "-$1" 2>/dev/null
}
