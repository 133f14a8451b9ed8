# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Restoring a dump into a database of its own, and putting that in the place of another by rename.

# create_from_manifest NAME MANIFEST OWNER_OPTION: an empty database with encoding, locale, owner and settings as they were
create_from_manifest() {
  local name=$1 manifest=$2 owner
  owner=$(jq -r '.properties.owner // ""' "$manifest")
  if [[ "$NO_OWNER" == yes ]]; then owner=''; fi
  if [[ -n "$owner" && "$(sql "$PGDATABASE" -v r="$owner" <<<"select count(*) from pg_roles where rolname = :'r'")" != 1 ]]; then
    die "$E_NOT_FOUND" "the owner $(shown "$owner") of the database is no role on this server" \
      "Restore the globals first (psql -f globals.sql), or give --no-owner."
  fi
  sql "$PGDATABASE" -v name="$name" -v p="$(jq -c .properties "$manifest")" -v owner="$owner" <<'EOS' ||
select format('create database %I template template0 encoding %L lc_collate %L lc_ctype %L', :'name',
              pg_encoding_to_char((p->>'encoding')::int), p->>'datcollate', p->>'datctype')
       || case when p->>'datlocprovider' = 'i'
               then format(' locale_provider icu icu_locale %L', coalesce(p->>'daticulocale', p->>'datlocale')) else '' end
       || case when :'owner' <> '' then format(' owner %I', :'owner') else '' end
       || case when exists (select 1 from pg_tablespace where spcname = p->>'tablespace')
               then format(' tablespace %I', p->>'tablespace') else '' end
       || format(' connection limit %s', p->>'datconnlimit')
from (select :'p'::jsonb) x(p)
\gexec
EOS
    die "$E_FAILED" "the database to restore into cannot be made" "The user needs CREATEDB, and to be a member of the owner's role."
}

# Settings, comment and grants of the database itself; missing roles are named and left out
apply_database_facts() {
  local name=$1 manifest=$2 missing
  missing=$(sql "$PGDATABASE" -v f="$(jq -c '{settings, grants}' "$manifest")" <<'EOS'
select string_agg(quote_ident(r), ', ')
  from (select s->>'role' from jsonb_array_elements(:'f'::jsonb->'settings') s
        union select g->>'grantee' from jsonb_array_elements(nullif(:'f'::jsonb->'grants', 'null')) g) x(r)
 where r is not null and not exists (select 1 from pg_roles where rolname = r);
EOS
  )
  if [[ -n "$missing" ]]; then warn "settings and grants of roles that are not on this server are left out: $missing"; fi
  sql "$PGDATABASE" --single-transaction -v name="$name" -v f="$(jq -c '{settings, grants, comment: .properties.comment}' "$manifest")" <<'EOS' ||
select format('comment on database %I is %L', :'name', :'f'::jsonb->>'comment') where :'f'::jsonb->>'comment' is not null
\gexec
select format('alter %s set %I to ', case when s->>'role' is null then format('database %I', :'name')
                                          else format('role %I in database %I', s->>'role', :'name') end, v[1])
       -- Lists are kept the way they were written, quotes included
       || case when lower(v[1]) in ('search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries')
               then v[2] else quote_literal(v[2]) end
  from jsonb_array_elements(:'f'::jsonb->'settings') s,
       lateral (select array[split_part(s->>'setting', '=', 1), substr(s->>'setting', strpos(s->>'setting', '=') + 1)]) x(v)
 where s->>'role' is null or exists (select 1 from pg_roles where rolname = s->>'role')
\gexec
select format('revoke all on database %I from public', :'name') where :'f'::jsonb->'grants' <> 'null'
\gexec
select format('grant %s on database %I to %s%s', g->>'privilege', :'name', coalesce(quote_ident(g->>'grantee'), 'public'),
              case when (g->>'grantable')::boolean then ' with grant option' else '' end)
  from jsonb_array_elements(nullif(:'f'::jsonb->'grants', 'null')) g
 where g->>'grantee' is null or exists (select 1 from pg_roles where rolname = g->>'grantee')
\gexec
EOS
    die "$E_FAILED" "settings or grants of the database cannot be set"
}

# restore_dump DUMP NAME: stops at the first error
restore_dump() {
  local -a options=(--no-password --exit-on-error --jobs="$OPS_JOBS")
  if [[ "$NO_OWNER" == yes ]]; then options+=(--no-owner --no-privileges); fi
  run_pg "pg_restore" "$(pg_program pg_restore)" "${options[@]}" --dbname="$(conninfo "$2")" -- "$1"
  run_pg "ANALYZE" "$(pg_program vacuumdb)" --no-password --quiet --analyze-only --jobs="$OPS_JOBS" --dbname="$(conninfo "$2")"
}

# compare_rows NAME MANIFEST: the counts of the manifest against those of the restored database
compare_rows() {
  local name=$1 manifest=$2 different
  if [[ "$(jq -r '.rows | type' "$manifest")" != array ]]; then
    warn "the backup has no row counts to compare with (OPS_ROW_COUNTS was no)"
    return 0
  fi
  { printf 'set row_security = off;\n%s' "$ROW_COUNT_SQL"; } | sql "$name" | jq -s . >"$OPS_TMP/restored-rows"
  different=$(jq -rn --slurpfile a <(jq .rows "$manifest") --slurpfile b "$OPS_TMP/restored-rows" '
    def keyed: map({key: ([.schema, .table] | tojson), value: .rows}) | from_entries;
    ($a[0] | keyed) as $a | ($b[0] | keyed) as $b
    | [($a + $b) | keys[] | select($a[.] != $b[.]) | "\(.): \($a[.]) in the backup, \($b[.]) restored"] | .[:10] | join("; ")')
  if [[ -n "$different" ]]; then
    die "$E_DAMAGED" "the restored rows are not those of the backup: $different"
  fi
  log "rows compared: $(jq '.rows | length' "$manifest") tables, $(jq '[.rows[].rows] | add // 0' "$manifest") rows, all there"
}

drop_database() { sql "$PGDATABASE" -v name="$1" <<<'drop database if exists :"name" with (force)' >/dev/null; }

# A dated name beside the old one, cut so that it fits into PostgreSQL's 63 bytes
dated_name() {
  local base
  # iconv leaves half a character out, and then ends with 1
  base=$(printf '%s' "$1" | head -c 43 | { iconv -c -f UTF-8 -t UTF-8 2>/dev/null || true; })
  printf '%s_old_%s' "$base" "$(date -u +%Y%m%d%H%M%S)"
}

allow_connections() { sql "$PGDATABASE" -v name="$1" -v allow="$2" <<<'alter database :"name" allow_connections :allow' >/dev/null; }

# swap_in NEW TARGET REPLACE: sets KEPT_AS when TARGET was replaced. New sessions are refused, present ones ended, then two renames
# at once. A TARGET that nobody agreed to replace (REPLACE=no) makes it fail.
swap_in() {
  local new=$1 target=$2
  if [[ "$3" == no ]]; then
    sql "$PGDATABASE" -v new="$new" -v target="$target" <<<'alter database :"new" rename to :"target"' ||
      die "$E_FAILED" "the restored database cannot get the name $(shown "$target")"
    return 0
  fi
  KEPT_AS=$(dated_name "$target")
  on_cleanup allow_connections "$target" true
  allow_connections "$target" false
  end_sessions "$target"
  sql "$PGDATABASE" --single-transaction -v new="$new" -v target="$target" -v old="$KEPT_AS" <<'EOS' ||
alter database :"target" rename to :"old";
alter database :"new" rename to :"target";
EOS
    die "$E_FAILED" "the databases cannot be renamed, the old one stays in place"
  forget_cleanup
  allow_connections "$KEPT_AS" true
}

end_sessions() {
  local deadline=$((SECONDS + 30)) left
  while :; do
    left=$(sql "$PGDATABASE" -v name="$1" <<<"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = :'name'")
    if ((left == 0)); then return 0; fi
    if ((SECONDS >= deadline)); then
      die "$E_FAILED" "$left sessions of database $(shown "$1") did not end within 30 s; it stays in place" \
        "A prepared transaction or a replication slot may hold them: see pg_stat_activity and pg_prepared_xacts."
    fi
    sleep 0.2
  done
}

session_count() { sql "$PGDATABASE" -v name="$1" <<<"select count(*) from pg_stat_activity where datname = :'name'"; }

# need_server_space MANIFEST: only where the data directory is on this machine and can be seen
need_server_space() {
  local directory
  directory=$(sql "$PGDATABASE" <<<"select coalesce(current_setting('data_directory', true), '')" 2>/dev/null) || return 0
  if [[ ("${PGHOST:-}" == /* || -z "${PGHOST:-}") && -d "$directory" ]]; then
    need_space "$directory" "$(jq '.databaseBytes // 0' "$1")"
  fi
}
