# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Bringing single tables back. A source (a scratch database with the schema of the backup) has the tables in a schema of their own, so
# that nothing of theirs can meet a name of the living ones; from there they go into the same schema of the target, complete with
# indexes, constraints, sequences, triggers, grants; and from that schema, on request, into the place of the living ones.

drop_hold() { sql "$INTO_DATABASE" -v hold="$HOLD" <<<'drop schema if exists :"hold" cascade' 2>/dev/null >/dev/null; }

# source_sql: psql on the source; for a physical backup that is another server
# shellcheck disable=SC2153
source_sql() {
  if [[ -n "${SCRATCH_PORT:-}" ]]; then
    scratch_sql "$SOURCE" "$@"
  else
    sql "$SOURCE" "$@"
  fi
}

source_dump() {
  if [[ -n "${SCRATCH_PORT:-}" ]]; then
    (
      scratch_environment
      run_pg "pg_dump of the definitions" "$(pg_program pg_dump)" "$@"
    )
  else
    run_pg "pg_dump of the definitions" "$(pg_program pg_dump)" "$@"
  fi
}

# open_logical_source: the definitions of the whole backup, without rows, in a scratch database
open_logical_source() {
  local -a options=(--no-password --exit-on-error --no-publications --no-subscriptions)
  if [[ "$NO_OWNER" == yes ]]; then options+=(--no-owner --no-privileges); fi
  SOURCE="ops_table_$(date -u +%Y%m%d%H%M%S)_$$"
  on_cleanup drop_database "$SOURCE"
  create_from_manifest "$SOURCE" "$BACKUP_DIR/manifest.json"
  run_pg "pg_restore of the definitions" "$(pg_program pg_restore)" "${options[@]}" --section=pre-data --dbname="$(conninfo "$SOURCE")" -- "$DUMP"
  run_pg "pg_restore of indexes and constraints" "$(pg_program pg_restore)" "${options[@]}" --section=post-data \
    --dbname="$(conninfo "$SOURCE")" -- "$DUMP"
}

# resolve_tables NAME...: sets TABLES, a JSON array of {schema, table, columns, sequences}
resolve_tables() {
  local name row kind
  TABLES='[]'
  for name in "$@"; do
    row=$(source_sql -v t="$name" 2>"$OPS_TMP/resolve" <<'EOS'
select json_build_object('schema', n.nspname, 'table', c.relname, 'kind', c.relkind, 'partition', c.relispartition,
         'columns', (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute
                      where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''),
         'sequences', (select coalesce(json_agg(s.relname), '[]') from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
                        where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid
                          and d.deptype in ('a', 'i')))
  from (select parse_ident(:'t')) x(p)
  join pg_namespace n on n.nspname = case when cardinality(p) = 2 then p[1] else 'public' end
  join pg_class c on c.relnamespace = n.oid and c.relname = p[cardinality(p)]
 where cardinality(p) <= 2;
EOS
    ) || wrong_usage "$(shown "$name") is no name of a table: $(head -c 300 -- "$OPS_TMP/resolve" | tr '\n' ' ')"
    [[ -n "$row" ]] || die "$E_NOT_FOUND" "the backup has no table $(shown "$name")" \
      "Write it as SQL does: schema.table, with double quotes where SQL needs them."
    kind=$(jq -r .kind <<<"$row")
    [[ "$kind" == r ]] || die "$E_REFUSED" "$(shown "$name") is not an ordinary table (kind $kind)" \
      "Of a partitioned table, name the partitions; a view has no rows of its own."
    TABLES=$(jq -c --argjson row "$row" '. + [$row]' <<<"$TABLES")
  done
  if (($(jq 'map(.table) | length - (unique | length)' <<<"$TABLES") > 0)); then
    wrong_usage "two tables of the same name cannot be restored in one go"
  fi
}

# The statement that lists the foreign keys of, and to, the tables of the variable :tables
foreign_keys() {
  cat <<'EOS'
set search_path = '';
with chosen(s, t) as (select x->>'schema', x->>'table' from jsonb_array_elements(:'tables'::jsonb) x),
     ids as (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace join chosen on s = n.nspname and t = c.relname)
select coalesce(json_agg(json_build_object('schema', n.nspname, 'table', c.relname, 'name', k.conname,
         'definition', regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''), 'outgoing', k.conrelid in (select oid from ids),
         'to', json_build_array(fn.nspname, f.relname))), '[]')
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
 where k.contype = 'f' and k.conparentid = 0 and (k.conrelid in (select oid from ids) or k.confrelid in (select oid from ids));
EOS
}

# move_in_source: the tables into the schema HOLD, without foreign keys; those are kept in SOURCE_KEYS (before) and HELD_KEYS (after)
move_in_source() {
  local held
  SOURCE_KEYS=$(foreign_keys | source_sql -v tables="$TABLES")
  source_sql --single-transaction -v tables="$TABLES" -v hold="$HOLD" >/dev/null <<'EOS'
create schema :"hold";
select format('alter table %s detach partition %I.%I', inhparent::regclass, x->>'schema', x->>'table')
  from jsonb_array_elements(:'tables'::jsonb) x
  join pg_inherits on inhrelid = format('%I.%I', x->>'schema', x->>'table')::regclass where (x->>'partition')::boolean
\gexec
select format('alter table %I.%I set schema %I', x->>'schema', x->>'table', :'hold') from jsonb_array_elements(:'tables'::jsonb) x
\gexec
EOS
  held=$(jq -c --arg hold "$HOLD" 'map(.schema = $hold)' <<<"$TABLES")
  # shellcheck disable=SC2034  # for the verb
  HELD_KEYS=$(foreign_keys | source_sql -v tables="$held" | jq -c 'map(select(.outgoing))')
  source_sql --single-transaction -v keys="$(foreign_keys | source_sql -v tables="$held")" >/dev/null <<'EOS'
select format('alter table %I.%I drop constraint %I', k->>'schema', k->>'table', k->>'name') from jsonb_array_elements(:'keys'::jsonb) k
\gexec
EOS
}

# The values of the sequences, from the dump into the scratch database (a physical source has them)
load_sequence_values() {
  local schema sequence
  while IFS= read -r -d '' schema && IFS= read -r -d '' sequence; do
    run_pg "pg_restore of a sequence" "$(pg_program pg_restore)" --no-password --exit-on-error --data-only --schema="$schema" \
      --table="$sequence" --dbname="$(conninfo "$SOURCE")" -- "$DUMP"
  done < <(jq -j '.[] | .schema as $s | .sequences[] | $s, "\u0000", ., "\u0000"' <<<"$TABLES")
}

# copy_to_target: definitions, rows, then indexes and constraints, into the schema HOLD of the database INTO_DATABASE
copy_to_target() {
  local schema table columns
  on_cleanup drop_hold
  dump_section pre-data
  while IFS= read -r -d '' schema && IFS= read -r -d '' table && IFS= read -r -d '' columns; do
    log "copying the rows of $(shown "$schema.$table")"
    copy_rows "$schema" "$table" "$columns"
  done < <(jq -j '.[] | .schema, "\u0000", .table, "\u0000", (.columns // ""), "\u0000"' <<<"$TABLES")
  dump_section post-data
  source_sql -v hold="$HOLD" <<'EOS' | sql "$INTO_DATABASE" -o /dev/null
select format('select format(''select setval(%%L, %%s, %%L);'', %L, last_value, is_called) from %I.%I',
              format('%I.%I', n.nspname, c.relname), n.nspname, c.relname)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = :'hold' and c.relkind = 'S'
\gexec
EOS
  sql "$INTO_DATABASE" -v hold="$HOLD" <<'EOS'
select format('analyze %I.%I', schemaname, tablename) from pg_tables where schemaname = :'hold'
\gexec
EOS
}

dump_section() {
  local -a options=(--no-password --schema-only --section="$1" --file="$OPS_TMP/$1.sql" --schema="$HOLD")
  if [[ "$NO_OWNER" == yes ]]; then options+=(--no-owner --no-privileges); fi
  source_dump "${options[@]}" --dbname="$(conninfo "$SOURCE")"
  sql "$INTO_DATABASE" --single-transaction -o /dev/null -f "$OPS_TMP/$1.sql" 2>"$OPS_TMP/section-errors" ||
    die "$E_FAILED" "the definitions do not fit into database $(shown "$INTO_DATABASE"): $(head -c 600 -- "$OPS_TMP/section-errors" | tr '\n' ' ')" \
      "A type, a function or a role that the table needs is not there (any more). Restore the whole database beside it: restore-database --into."
}

# copy_rows SCHEMA TABLE COLUMNS
copy_rows() {
  local statement
  statement=$(sql "$INTO_DATABASE" -v s="$HOLD" -v t="$2" -v c="$3" <<<"select format('COPY %I.%I (%s) FROM stdin;', :'s', :'t', :'c')")
  if [[ -n "${SCRATCH_PORT:-}" ]]; then
    run_child copy_rows_from_server "$2" "$3" "$statement"
  else
    run_child copy_rows_from_dump "$1" "$2" "$statement"
  fi || die "$E_FAILED" "the rows of $(shown "$1.$2") could not be copied: $(cat -- "$OPS_TMP"/copy-*-errors | head -c 600 | tr '\n' ' ')"
}

# Of pg_restore's script only the first line that begins with COPY names the table; it is replaced, the rest is data
copy_rows_from_dump() {
  "$(pg_program pg_restore)" --data-only --schema="$1" --table="$2" --file=- -- "$DUMP" 2>"$OPS_TMP/copy-out-errors" |
    STATEMENT=$3 awk '!done && /^COPY / { name = 1 } name { if (/ FROM stdin;$/) { print ENVIRON["STATEMENT"]; name = 0; done = 1 } next } { print }' |
    sql "$INTO_DATABASE" --single-transaction -o /dev/null 2>"$OPS_TMP/copy-in-errors"
}

copy_rows_from_server() {
  local query
  query=$(source_sql -v s="$HOLD" -v t="$1" -v c="$2" <<<"select format('copy %I.%I (%s) to stdout', :'s', :'t', :'c')")
  {
    printf '%s\n' "$3"
    source_sql 2>"$OPS_TMP/copy-out-errors" <<<"$query;"
    printf '\\.\n'
  } | sql "$INTO_DATABASE" --single-transaction -o /dev/null 2>"$OPS_TMP/copy-in-errors"
}

# compare_tables: rows in HOLD against the manifest (dump) or the source (physical)
compare_tables() {
  local schema table want have
  while IFS= read -r -d '' schema && IFS= read -r -d '' table; do
    have=$(sql "$INTO_DATABASE" -v s="$HOLD" -v t="$table" <<<'select count(*) from only :"s".:"t"')
    if [[ -n "${SCRATCH_PORT:-}" ]]; then
      want=$(source_sql -v s="$HOLD" -v t="$table" <<<'select count(*) from only :"s".:"t"')
    else
      want=$(jq -r --arg s "$schema" --arg t "$table" '[.rows[]? | select(.schema == $s and .table == $t) | .rows] | first // "?"' "$BACKUP_DIR/manifest.json")
    fi
    if [[ "$want" == '?' ]]; then
      warn "$(shown "$schema.$table"): $have rows; the backup has no count to compare with"
    elif [[ "$want" != "$have" ]]; then
      die "$E_DAMAGED" "$(shown "$schema.$table") has $have rows, the backup $want; nothing was put in place"
    else
      log "$(shown "$schema.$table"): $have rows, as in the backup"
    fi
  done < <(jq -j '.[] | .schema, "\u0000", .table, "\u0000"' <<<"$TABLES")
}

# add_foreign_keys JSON: first NOT VALID (holds for new rows), then validated one by one; what does not hold is told
add_foreign_keys() {
  local key table name
  while IFS= read -r key; do
    table=$(jq -r '.schema + "." + .table' <<<"$key") name=$(jq -r .name <<<"$key")
    if ! sql "$INTO_DATABASE" -v k="$key" 2>"$OPS_TMP/key-errors" <<'EOS'
select format('alter table %I.%I add constraint %I %s not valid', k->>'schema', k->>'table', k->>'name', k->>'definition') from (select :'k'::jsonb) x(k)
\gexec
EOS
    then
      warn "foreign key $(shown "$name") of $(shown "$table") could not be made: $(head -c 300 -- "$OPS_TMP/key-errors" | tr '\n' ' ')"
    elif ! sql "$INTO_DATABASE" -v k="$key" 2>"$OPS_TMP/key-errors" <<'EOS'
select format('alter table %I.%I validate constraint %I', k->>'schema', k->>'table', k->>'name') from (select :'k'::jsonb) x(k)
\gexec
EOS
    then
      warn "foreign key $(shown "$name") of $(shown "$table") holds for new rows only (NOT VALID), present ones break it:" \
        "$(head -c 300 -- "$OPS_TMP/key-errors" | tr '\n' ' ')"
    else
      log "foreign key $(shown "$name") of $(shown "$table") is there and holds"
    fi
  done < <(jq -c '.[]' <<<"$1")
}

# refuse_dependents: what would silently go on using the old table, and cannot be turned by us
refuse_dependents() {
  local found
  found=$(sql "$INTO_DATABASE" -v tables="$TABLES" <<'EOS'
with ids as (select to_regclass(format('%I.%I', x->>'schema', x->>'table'))::oid as id from jsonb_array_elements(:'tables'::jsonb) x)
select string_agg(distinct what, '; ') from (
  select 'materialized view ' || r.ev_class::regclass from pg_depend d join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    join pg_class v on v.oid = r.ev_class and v.relkind = 'm' where d.refobjid in (select id from ids)
  union all
  select 'function ' || d.objid::regprocedure from pg_depend d where d.classid = 'pg_proc'::regclass and d.deptype = 'n' and d.refobjid in (select id from ids)
  union all
  select 'partition or child table ' || i.inhrelid::regclass from pg_inherits i where i.inhrelid in (select id from ids) or i.inhparent in (select id from ids)
) x(what);
EOS
  )
  if [[ -n "$found" ]]; then
    die "$E_REFUSED" "the living table cannot be replaced, as these hold on to it: $found" \
      "Restore it beside (without --replace) and move the rows over with SQL, or drop those first."
  fi
}

# replace_tables: in one transaction: the living ones into the schema KEPT, those in HOLD into their place, views turned to them.
# The foreign keys of others to them are taken from the living ones, or where the table was gone from the backup.
replace_tables() {
  local living keys gone
  refuse_dependents
  gone=$(sql "$INTO_DATABASE" -v tables="$TABLES" <<'EOS'
select coalesce(json_agg(json_build_array(x->>'schema', x->>'table')), '[]') from jsonb_array_elements(:'tables'::jsonb) x
 where to_regclass(format('%I.%I', x->>'schema', x->>'table')) is null
EOS
  )
  living=$(foreign_keys | sql "$INTO_DATABASE" -v tables="$TABLES" | jq -c 'map(select(.outgoing | not))')
  keys=$(jq -cn --argjson living "$living" --argjson backup "$SOURCE_KEYS" --argjson gone "$gone" '
    $living + ($backup | map(select(.outgoing or (.to as $to | $gone | any(. == $to)))))')
  sql "$INTO_DATABASE" --single-transaction -o /dev/null -v tables="$TABLES" -v living="$living" -v hold="$HOLD" -v kept="$KEPT" 2>"$OPS_TMP/replace-errors" <<'EOS' ||
set local lock_timeout = '30s';
set local search_path = '';
create schema :"kept";
create temp table turned on commit drop as
  select distinct format('create or replace view %s%s as %s', v.oid::regclass,
                         coalesce(' with (' || array_to_string(v.reloptions, ', ') || ')', ''), pg_get_viewdef(v.oid)) as statement
    from pg_depend d join pg_rewrite r on d.classid = 'pg_rewrite'::regclass and r.oid = d.objid
    join pg_class v on v.oid = r.ev_class and v.relkind = 'v'
   where d.refobjid in (select to_regclass(format('%I.%I', x->>'schema', x->>'table')) from jsonb_array_elements(:'tables'::jsonb) x);
select format('alter table %I.%I drop constraint %I', k->>'schema', k->>'table', k->>'name') from jsonb_array_elements(:'living'::jsonb) k
\gexec
select format('alter table %I.%I set schema %I', x->>'schema', x->>'table', :'kept') from jsonb_array_elements(:'tables'::jsonb) x
 where to_regclass(format('%I.%I', x->>'schema', x->>'table')) is not null
\gexec
select format('create schema %I', s) from (select distinct x->>'schema' from jsonb_array_elements(:'tables'::jsonb) x) y(s)
 where not exists (select 1 from pg_namespace where nspname = s)
\gexec
select format('alter table %I.%I set schema %I', :'hold', x->>'table', x->>'schema') from jsonb_array_elements(:'tables'::jsonb) x
\gexec
select statement from pg_temp.turned
\gexec
drop schema :"hold";
EOS
    die "$E_FAILED" "the restored tables could not take their place, everything is as it was: $(head -c 600 -- "$OPS_TMP/replace-errors" | tr '\n' ' ')" \
      "Restore them beside (without --replace) and move the rows over with SQL."
  forget_cleanup
  # Not ours to keep when nothing was moved there
  sql "$INTO_DATABASE" -v kept="$KEPT" <<<'drop schema :"kept"' >/dev/null 2>&1 && KEPT=''
  add_foreign_keys "$keys"
}
