# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL's own programs, called so that no name can be taken for an option, and no password is asked for or shown.

# pg_program NAME: the path of a program, the newest version of Debian's first
pg_program() {
  local -a found
  if [[ -n "$OPS_PG_BIN" ]]; then
    [[ -x "$OPS_PG_BIN/$1" ]] || die "$E_TOOL" "there is no $1 in OPS_PG_BIN=$(shown "$OPS_PG_BIN")"
    printf '%s' "$OPS_PG_BIN/$1"
    return
  fi
  mapfile -t found < <(compgen -G "/usr/lib/postgresql/*/bin/$1" | sort -t/ -k5,5nr)
  if ((${#found[@]})); then
    printf '%s' "${found[0]}"
  else
    command -v -- "$1" || die "$E_TOOL" "PostgreSQL's program $1 is missing" \
      "On Debian and Ubuntu: apt-get install postgresql-client, or set OPS_PG_BIN."
  fi
}

# conninfo DATABASE: a connection string that no name can break out of; host and user come from the environment
conninfo() {
  local name=${1//\\/\\\\}
  printf "dbname='%s'" "${name//\'/\\\'}"
}

# sql DATABASE [psql options]: runs standard input, plain unaligned output, stops at the first error
sql() {
  local database=$1
  shift
  "$(pg_program psql)" -X -w -q -A -t -v ON_ERROR_STOP=1 "$@" --dbname="$(conninfo "$database")"
}

# need_database NAME: it answers, or the reason why not
need_database() {
  local answer
  answer=$(sql "$1" 2>&1 <<<'select 1') && [[ "$answer" == 1 ]] && return 0
  die "$E_DATABASE" "database $(shown "$1") cannot be used: ${answer//$'\n'/ }" \
    "Check PGHOST, PGPORT, PGUSER and the password in PGPASSFILE (or PGSERVICE)."
}

database_exists() {
  [[ "$(sql "$PGDATABASE" -v name="$1" <<<"select count(*) from pg_database where datname = :'name'")" == 1 ]]
}

server_version() { sql "$PGDATABASE" <<<"select current_setting('server_version_num')"; }

# Lines of JSON: {"schema","table","rows"} of every table whose rows a dump contains. Reads the statements' result of its
# caller's transaction, so it can run in the snapshot of the dump.
# shellcheck disable=SC2034  # used by the libraries that count
ROW_COUNT_SQL="
select format('select json_build_object(%L, %L::text, %L, %L::text, %L, (select count(*) from only %I.%I))',
              'schema', n.nspname, 'table', c.relname, 'rows', n.nspname, c.relname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and c.relpersistence <> 't'
   and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
   and not exists (select 1 from pg_depend d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
 order by n.nspname, c.relname
\\gexec
"

# What a failed PostgreSQL program said, as an exit code
pg_failure_code() {
  if grep -qiE 'no space left|disk quota exceeded|file too large' -- "$1"; then
    printf '%s' "$E_SPACE"
  elif grep -qE 'connection to server .*failed|could not connect|server closed the connection|terminating connection|no password supplied|the database system is' -- "$1"; then
    printf '%s' "$E_DATABASE"
  else
    printf '%s' "$E_FAILED"
  fi
}

# What to do about it, where its words do not say it
pg_failure_mend() {
  if grep -qE 'WAL summar|found in manifest|manifest requires WAL' -- "$1"; then
    printf '%s' "Run backup-physical --full. An incremental one needs the WAL summaries since the backup before it; the server writes them while" \
      " summarize_wal is on (setup-wal-archiving turns it on) and keeps them for wal_summary_keep_time."
  fi
}

# run_pg WHAT PROGRAM ARGS...: in the background of this script, its errors kept and shown
run_pg() {
  local what=$1 errors="$OPS_TMP/pg-errors"
  shift
  if run_child "$@" 2>"$errors"; then
    if [[ -s "$errors" ]]; then warn "$what: $(tail -c 2000 -- "$errors")"; fi
    return 0
  fi
  die "$(pg_failure_code "$errors")" "$what: $(tail -c 2000 -- "$errors")" "$(pg_failure_mend "$errors")"
}
