-- SPDX-License-Identifier: Apache-2.0
-- Commit tokens of DB Resilience. Idempotent. Needs PostgreSQL 13 or later and CREATE on the database.
-- Applications need no grant beyond what is granted here. Whoever owns the functions must own the table.

create schema if not exists db_resilience;

create table if not exists db_resilience.commit_token (
  token uuid primary key,
  abandoned boolean not null,
  -- The clock of the insert: now() would be the start of a transaction that may have run for hours
  created_at timestamptz not null default pg_catalog.clock_timestamp(),
  resolved_at timestamptz
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.5);

create index if not exists commit_token_created_at on db_resilience.commit_token
  using brin (created_at) with (pages_per_range = 16, autosummarize = on);

-- Leaves the token of a transaction that is about to commit.
-- Fails if the token was abandoned: a COMMIT that arrives too late must not happen.
create or replace function db_resilience.mark(commit_token uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '2s'
as $body$
begin
  insert into db_resilience.commit_token (token, abandoned) values (commit_token, false);
  return true;
end
$body$;

-- Whether the transaction of a token is committed. If it is not, it never will be: the insert waits for a COMMIT
-- that is under way and makes a later one fail. The update makes the caller's own COMMIT wait for what the
-- transaction's COMMIT should have waited for. To be called in READ COMMITTED, where each statement sees the newest rows.
create or replace function db_resilience.resolve(commit_token uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $body$
declare
  committed boolean;
begin
  insert into db_resilience.commit_token (token, abandoned) values (commit_token, true) on conflict do nothing;
  select not t.abandoned into strict committed from db_resilience.commit_token t where t.token = commit_token;
  if committed then
    update db_resilience.commit_token t set resolved_at = clock_timestamp() where t.token = commit_token;
  end if;
  return committed;
end
$body$;

-- Sessions of the calling role that have left a token and then fell silent: a token and its COMMIT are sent as one
-- message, so the rest of the message was lost, and nobody is left to send it.
create or replace function db_resilience.stuck_sessions(silent interval) returns setof integer
language sql stable security invoker
set search_path = pg_catalog, pg_temp
as $body$
  select distinct a.pid from pg_locks l join pg_stat_activity a on a.pid = l.pid
  where l.locktype = 'relation' and l.relation = 'db_resilience.commit_token'::regclass and l.mode = 'RowExclusiveLock'
    and l.granted and l.database = (select oid from pg_database where datname = current_database())
    and (a.state in ('idle in transaction', 'idle in transaction (aborted)') or a.wait_event = 'ClientRead')
    and a.state_change < clock_timestamp() - silent
$body$;

-- Deletes tokens that are old enough, so many at most. Never one that is younger than ten minutes, whoever calls.
create or replace function db_resilience.purge(committed_age interval, abandoned_age interval, at_most integer)
returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '2s'
as $body$
declare
  deleted integer;
begin
  delete from db_resilience.commit_token where ctid = any (array(
    select t.ctid from db_resilience.commit_token t
    where t.created_at < clock_timestamp() - greatest(committed_age, interval '10 minutes')
      and (not t.abandoned or t.created_at < clock_timestamp() - greatest(abandoned_age, interval '10 minutes'))
    limit at_most for update skip locked));
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;

revoke all on db_resilience.commit_token from public;
grant usage on schema db_resilience to public;
grant execute on all functions in schema db_resilience to public;
