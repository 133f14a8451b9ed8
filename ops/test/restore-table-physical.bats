#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Needs: /usr/lib/postgresql/15/bin/initdb=postgresql-15 jq=jq pgbackrest=pgbackrest

setup_file() {
  load lib/cluster
  load lib/physical
  physical_begin pgbackrest
  cluster_sql main postgres 'create database app'
  random_table main app accounts 3000
  cluster_sql main app 'create index on accounts (md5(body)); create table ledger (id int primary key, account bigint references accounts);
    insert into ledger select g, g from generate_series(1, 100) g'
  ops setup-wal-archiving --restart
  ops backup-physical --full
}

setup() {
  load lib/cluster
  load lib/physical
}

teardown_file() {
  load lib/cluster
  clusters_end
}

@test "a dropped table comes back from the archive as it was just before, in place, with the keys to it" {
  cluster_sql main app "insert into accounts (body) values ('after the backup')"
  local before when
  before=$(table_hash main app accounts)
  when=$(cluster_sql main app 'select clock_timestamp()')
  cluster_sql main app 'drop table accounts cascade'
  # The change at the recovery target and one after it have to be in the archive
  cluster_sql main app 'select pg_switch_wal()'
  wait_until 60 wal_is_archived
  run ops restore-table --database app --physical --time "$when" --replace --yes accounts
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(table_hash main app accounts)" = "$before" ]
  [ "$(cluster_sql main app "select count(*) from pg_indexes where tablename = 'accounts'")" -eq 2 ]
  [ "$(cluster_sql main app "select convalidated from pg_constraint where conrelid = 'ledger'::regclass and contype = 'f'")" = t ]
  # A recovered sequence may be ahead, by the 32 values that the server logs in advance
  [ "$(cluster_sql main app "insert into accounts (body) values ('next') returning id")" -ge 3002 ]
  [ -z "$(ls -A "$CLUSTER_BASE/scratch")" ]
}

wal_is_archived() {
  cluster_sql main postgres "select last_archived_wal >= (select pg_walfile_name(pg_current_wal_lsn() - 16777216)) from pg_stat_archiver" | grep -q t
}

@test "with a service name for the living server, the scratch cluster is still what is read: the living table stays" {
  local before
  before=$(table_hash main app accounts)
  cluster_sql main app 'select pg_switch_wal()'
  wait_until 60 wal_is_archived
  as_pg tee "$CLUSTER_BASE/services" >/dev/null <<<"[live]
host=$CLUSTER_BASE/s
port=$(cluster_port main)
user=postgres"
  configure PGSERVICE=live "PGSERVICEFILE=$CLUSTER_BASE/services"
  run ops restore-table --database app --physical accounts
  configure PGSERVICE= PGSERVICEFILE=
  echo "$output"
  [ "$(cluster_sql main app "select to_regclass('public.accounts') is not null")" = t ]
  [ "$(table_hash main app accounts)" = "$before" ]
  [ "$(cluster_sql main app "select count(*) from pg_constraint where conrelid = 'ledger'::regclass and contype = 'f'")" -eq 1 ]
  [ "$status" -eq 0 ]
}

@test "list-backups and verify-backups know physical backups, too; one flipped byte in the repository is found" {
  run ops list-backups
  [ "$status" -eq 0 ]
  [[ "$output" == *full*whole* ]]
  run ops verify-backups --physical
  [ "$status" -eq 0 ]
  local file
  file=$(find "$CLUSTER_BASE/repo/backup" -path '*/pg_data/base/*' -type f -size +8k | head -n 1)
  printf 'X' | dd of="$file" bs=1 seek=2000 conv=notrunc status=none
  run ops verify-backups --physical
  [ "$status" -eq 65 ]
  run ops list-backups
  [[ "$output" == *damaged* ]]
}
