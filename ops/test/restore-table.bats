#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq

setup_file() {
  load lib/cluster
  load lib/ops
  ops_begin
  create_database app
  cluster_psql main app -q <<'EOS'
create schema "Sales; drop";
create type mood as enum ('good', 'bad');
create function touch() returns trigger language plpgsql as $$ begin new.note := coalesce(new.note, 'touched'); return new; end $$;
create table customers (id serial primary key, name text not null unique, feeling mood default 'good', note text,
                        twice int generated always as (id * 2) stored);
create index on customers (lower(name));
create trigger touch before insert on customers for each row execute function touch();
create table "Sales; drop"."or""ders %s" (id bigint generated always as identity primary key, customer int not null references customers,
                                         "to" text check ("to" <> ''), body text);
create table lines (id int primary key, sale bigint references "Sales; drop"."or""ders %s" on delete cascade);
create view customer_names with (security_barrier) as select id, name from customers;
create table parts (id int, at date) partition by range (at);
create table parts_2026 partition of parts for values from ('2026-01-01') to ('2027-01-01');
create table tagged (id int primary key);
create materialized view tag_count as select count(*) from tagged;
create role clerk;
grant select on customers to clerk;
insert into customers (name) select 'name ' || g from generate_series(1, 200) g;
insert into "Sales; drop"."or""ders %s" (customer, "to", body)
  select 1 + g % 200, E'COPY public.x (y) FROM stdin;\n\\.\t' || g, md5(g::text) from generate_series(1, 500) g;
insert into lines select g, g from generate_series(1, 100) g;
insert into parts select g, '2026-05-05' from generate_series(1, 10) g;
insert into tagged values (1);
EOS
  ops backup-database app
  cluster_psql main postgres -q -c 'create database pristine template app'
}

setup() {
  load lib/cluster
  load lib/ops
  ORDERS='"Sales; drop"."or""ders %s"'
  # Every test begins with the database as it was at the time of the backup
  cluster_sql main postgres 'drop database if exists app with (force)'
  cluster_sql main postgres 'create database app template pristine'
}

teardown_file() {
  load lib/cluster
  clusters_end
}

hash_of() { table_hash main "${2:-app}" "$1"; }

restored_schema() { cluster_sql main app "select quote_ident(nspname) from pg_namespace where nspname like 'restored\_%'"; }

# Definition of a table without its schema: columns, defaults, indexes, constraints, triggers, grants
definition() {
  as_pg "$PG_BIN/pg_dump" -s -d "$1" -t "$2" | grep -vE '^(--|\\(un)?restrict|SET|SELECT pg_catalog.set_config|$)' | sed 's/SET DEFAULT nextval.*//' | LC_ALL=C sort
}

@test "a dropped table comes back with rows, indexes, constraints, triggers, grants, sequence, and the foreign keys to it" {
  cluster_sql main app 'drop table customers cascade'
  run ops restore-table --database app --replace --yes customers
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(hash_of customers)" = "$(hash_of customers pristine)" ]
  diff <(definition app public.customers) <(definition pristine public.customers)
  [ "$(cluster_sql main app "insert into customers (name) values ('new') returning id || note")" = 201touched ]
  # The foreign key that went with the table
  run cluster_sql main app "insert into $ORDERS (customer, \"to\") values (9999, 'x')"
  [[ "$output" == *foreign\ key* ]]
  [[ "$(cluster_sql main app "select count(*) from pg_constraint where contype = 'f' and convalidated")" == 2 ]]
  [ -z "$(restored_schema)" ]
}

@test "beside the living one, which is not touched" {
  cluster_sql main app "update customers set note = 'wrong'; delete from lines"
  local before
  before=$(database_hash main app)
  run ops restore-table --database app customers
  [ "$status" -eq 0 ]
  [[ "$output" == *"restored beside: schema restored_"* ]]
  [ "$(hash_of "$(restored_schema).customers")" = "$(hash_of customers pristine)" ]
  [ "$(database_hash main app | grep -v '^restored_')" = "$before" ]
}

@test "two runs in the same second: neither takes away what the other has restored" {
  local first second code=0
  ops restore-table --database app customers >"$CLUSTER_BASE/first" 2>&1 3>&- &
  first=$!
  ops restore-table --database app tagged >"$CLUSTER_BASE/second" 2>&1 3>&- &
  second=$!
  wait "$first" || code=$?
  wait "$second" || code=$?
  cat "$CLUSTER_BASE/first" "$CLUSTER_BASE/second"
  [ "$code" -eq 0 ]
  [ "$(cluster_sql main app "select string_agg(tablename, ' ' order by tablename) from pg_tables where schemaname like 'restored\_%'")" = "customers tagged" ]
}

@test "several tables at once, hostile names, rows that look like COPY; foreign keys between them point to each other" {
  cluster_sql main app "update $ORDERS set body = 'wrong'"
  run ops restore-table --database app customers "$ORDERS"
  [ "$status" -eq 0 ]
  local s
  s=$(restored_schema)
  [ "$(hash_of "$s.\"or\"\"ders %s\"")" = "$(hash_of "$ORDERS" pristine)" ]
  [ "$(cluster_sql main app "select confrelid::regclass from pg_constraint where contype = 'f' and conrelid = '$s.\"or\"\"ders %s\"'::regclass")" = "$s.customers" ]
  [ "$(cluster_sql main app "select last_value from $s.customers_id_seq")" -eq 200 ]
}

@test "in place of the living one: views and foreign keys are turned to it, the old one is kept" {
  cluster_sql main app "update customers set name = 'wrong ' || id; insert into customers (name) values ('later')"
  run ops restore-table --database app --replace --yes public.customers
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(hash_of customers)" = "$(hash_of customers pristine)" ]
  [ "$(hash_of customer_names)" = "$(hash_of customer_names pristine)" ]
  [ "$(cluster_sql main app "select reloptions from pg_class where relname = 'customer_names'")" = '{security_barrier=true}' ]
  [ "$(cluster_sql main app "select confrelid::regclass || ' ' || convalidated from pg_constraint where conrelid = '$ORDERS'::regclass and contype = 'f'")" = "customers true" ]
  local kept
  kept=$(cluster_sql main app "select nspname from pg_namespace where nspname like 'replaced\_%'")
  [ "$(cluster_sql main app "select count(*) from $kept.customers where name = 'later'")" -eq 1 ]
  diff <(definition app public.customers) <(definition pristine public.customers)
}

@test "a foreign key that no longer holds is told, and holds for new rows" {
  cluster_sql main app "insert into customers (name) values ('later'); insert into $ORDERS (customer, \"to\") values (201, 'later')"
  run ops restore-table --database app --replace --yes customers
  [ "$status" -eq 0 ]
  [[ "$output" == *"holds for new rows only (NOT VALID)"* ]]
  run cluster_sql main app "insert into $ORDERS (customer, \"to\") values (9999, 'x')"
  [[ "$output" == *"violates foreign key"* ]]
}

@test "a foreign key to the living table that was dropped since the backup does not come back" {
  cluster_sql main app "alter table $ORDERS drop constraint \"or\"\"ders %s_customer_fkey\""
  run ops restore-table --database app --replace --yes customers
  [ "$status" -eq 0 ]
  [ "$(cluster_sql main app "select count(*) from pg_constraint where conrelid = '$ORDERS'::regclass and contype = 'f'")" -eq 0 ]
}

@test "refused without a confirmation, and where a materialized view or partitions hold on; nothing changes" {
  local before
  before=$(database_hash main app)
  run ops restore-table --database app --replace customers
  [ "$status" -eq 77 ]
  run ops restore-table --database app --replace --yes tagged
  [ "$status" -eq 77 ]
  [[ "$output" == *"materialized view tag_count"* ]]
  run ops restore-table --database app --replace --yes parts_2026
  [ "$status" -eq 77 ]
  run ops restore-table --database app parts
  [ "$status" -eq 77 ]
  run ops restore-table --database app customer_names
  [ "$status" -eq 77 ]
  [ "$(database_hash main app)" = "$before" ]
  [ -z "$(restored_schema)" ]
  no_remains
}

@test "a partition comes back as a table of its own" {
  run ops restore-table --database app parts_2026
  [ "$status" -eq 0 ]
  [ "$(hash_of "$(restored_schema).parts_2026")" = "$(hash_of parts_2026 pristine)" ]
}

@test "what the table needs is gone: told, nothing left behind" {
  cluster_sql main app 'drop table customers cascade; drop type mood'
  run ops restore-table --database app --replace --yes customers
  [ "$status" -eq 70 ]
  [[ "$output" == *'type "public.mood" does not exist'* ]]
  [ -z "$(restored_schema)" ]
  no_remains
}

@test "into another database" {
  create_database other
  run ops restore-table --database app --into other lines --no-owner
  [ "$status" -eq 0 ]
  [[ "$output" == *"could not be made"* ]] # its parent is not there
  local s
  s=$(cluster_sql main other "select nspname from pg_namespace where nspname like 'restored\_%'")
  [ "$(table_hash main other "$s.lines")" = "$(hash_of lines pristine)" ]
}

@test "no such table, two of one name, no SQL name" {
  run ops restore-table --database app nowhere
  [ "$status" -eq 66 ]
  run ops restore-table --database app 'a"b'
  [ "$status" -eq 64 ]
  run ops restore-table --database app lines public.lines
  [ "$status" -eq 64 ]
  run ops restore-table --database app
  [ "$status" -eq 64 ]
  no_remains
}

@test "rehearsed: the table with the most rows comes back beside, is compared and dropped; recorded as a drill" {
  run ops restore-table --database app --rehearse
  [ "$status" -eq 0 ]
  [[ "$output" == *"500 rows, as in the backup"* ]]
  [ "$(run_state drill app)" = ok ]
  [ -z "$(restored_schema)" ]
  no_remains
}

@test "dry-run changes nothing" {
  run ops restore-table --database app --replace --dry-run customers
  [ "$status" -eq 0 ]
  [[ "$output" == *"would be restored"* ]]
  [ -z "$(restored_schema)" ]
}
