# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What a primary needs before a standby can follow it: settings, a role, lines in pg_hba.conf. Shown first, can be undone.

HBA_BEGIN='# begin db-resilience replication'
HBA_END='# end db-resilience replication'

undo_file() { printf '%s' "$OPS_STATE_DIR/setup-replication-$(ask <<<"select system_identifier from pg_control_system()").undo"; }

ask() { sql "$PGDATABASE" "$@"; }

# Wanted settings, one a line: name|value now|value wanted|yes when it needs a restart. Only what is weaker is changed.
# shellcheck disable=SC2120
wanted_settings() {
  ask -F '|' -v keep="$OPS_REPLICATION_WAL_KEEP_MB" -v slots="$OPS_REPLICATION_SLOT_LIMIT_MB" <<'SQL'
with now as (select name, setting, context = 'postmaster' as restart from pg_settings),
wanted(name, value, needed) as (
  select 'wal_level', 'replica', setting = 'minimal' from now where name = 'wal_level'
  union all select 'max_wal_senders', '10', setting::int < 5 from now where name = 'max_wal_senders'
  union all select 'max_replication_slots', '10', setting::int < 5 from now where name = 'max_replication_slots'
  union all select 'hot_standby', 'on', setting = 'off' from now where name = 'hot_standby'
  union all select 'full_page_writes', 'on', setting = 'off' from now where name = 'full_page_writes'
  -- pg_rewind needs one of the two, and checksums cannot be had by a setting
  union all select 'wal_log_hints', 'on', setting = 'off' and current_setting('data_checksums') = 'off' from now where name = 'wal_log_hints'
  union all select 'wal_keep_size', :'keep' || 'MB', setting::bigint < :'keep'::bigint from now where name = 'wal_keep_size'
  -- without a limit a standby that stays away fills the disk of the primary
  union all select 'max_slot_wal_keep_size', :'slots' || 'MB', setting::bigint < 0 from now where name = 'max_slot_wal_keep_size')
select w.name, current_setting(w.name), w.value, case when now.restart then 'yes' else 'no' end
  from wanted w join now using (name) where w.needed;
SQL
}

show_settings() {
  local name now wanted restart
  while IFS='|' read -r name now wanted restart; do
    [[ -n "$name" ]] || continue
    log "- $name = $now"
    log "+ $name = $wanted$(if [[ "$restart" == yes ]]; then printf ' (after a restart)'; fi)"
  done <<<"$1"
}

# set_setting NAME VALUE: keeps what was written before in the undo file, once
set_setting() {
  local undo
  undo=$(undo_file)
  if ! grep -qs "^setting $1 " "$undo"; then
    ask -v name="$1" <<'SQL' >>"$undo"
select format('setting %s %s', :'name', coalesce((select setting from pg_file_settings
  where name = :'name' and sourcefile like '%/postgresql.auto.conf' order by seqno desc limit 1), '(none)'));
SQL
  fi
  ask -v name="$1" -v value="$2" <<<"select format('alter system set %I = %L', :'name', :'value') \\gexec"
}

# hba_lines ADDRESS...: TLS wherever the other is not on this machine
hba_lines() {
  local address kind user database
  user=$OPS_REPLICATION_USER
  printf '%s\n' "$HBA_BEGIN"
  for address in "$@"; do
    kind=hostssl
    if [[ -n "$WITHOUT_TLS" || "$address" =~ ^(127\.|::1/|samehost$) ]]; then kind=host; fi
    for database in replication "$PGDATABASE"; do
      if [[ "$database" != replication ]]; then database="\"$database\""; fi
      printf '%-8s %-12s "%s" %s scram-sha-256\n' "$kind" "$database" "$user" "$address"
    done
  done
  printf '%s\n' "$HBA_END"
}

hba_file() { ask <<<'show hba_file'; }

hba_without_ours() { sed "/^$HBA_BEGIN\$/,/^$HBA_END\$/d" -- "$1"; }

# replace_hba FILE: standard input becomes it, provided that the server can read it; otherwise the old one comes back
replace_hba() {
  local file=$1 errors
  cat >"$OPS_TMP/hba.new"
  cp -p -- "$file" "$OPS_TMP/hba.old"
  if cmp -s -- "$OPS_TMP/hba.new" "$file"; then return 0; fi
  install_hba "$OPS_TMP/hba.new" "$file"
  errors=$(ask <<<"select string_agg(format('line %s: %s', line_number, error), '; ') from pg_hba_file_rules where error is not null")
  if [[ -n "$errors" ]]; then
    install_hba "$OPS_TMP/hba.old" "$file"
    die "$E_FAILED" "the server could not read the new $file, the old one is back: $errors"
  fi
}

install_hba() {
  local temporary
  temporary=$(mktemp -- "$2.XXXXXX") ||
    die "$E_REFUSED" "$2 cannot be changed by $(id -un)" "Run this on the primary's machine, as the user of the server."
  chmod --reference="$2" -- "$temporary"
  cat -- "$1" >"$temporary"
  sync -- "$temporary"
  mv -f -- "$temporary" "$2"
}

# The role, and what pg_rewind reads with it when it is no superuser. The password is made here and leaves by file only.
make_replication_role() {
  local role=$OPS_REPLICATION_USER passfile="$OPS_STATE_DIR/replication.pgpass" password
  if [[ "$(ask -v r="$role" <<<"select count(*) from pg_roles where rolname = :'r'")" == 0 ]]; then
    password=$(od -An -N 24 -tx1 /dev/urandom | tr -d ' \n')
    printf '*:*:*:%s:%s\n' "$role" "$password" >"$passfile.new"
    chmod 600 -- "$passfile.new"
    # By standard input: an argument can be read in the process list; and never into the server's log
    printf "set log_statement = 'none';\nset log_min_duration_statement = -1;\nset log_min_error_statement = 'panic';\nset password_encryption = 'scram-sha-256';\ncreate role \"%s\" login replication password '%s';\n" \
      "$role" "$password" | ask
    mv -f -- "$passfile.new" "$passfile"
    printf 'role %s\n' "$role" >>"$(undo_file)"
    log "made the role $role; its password is in $passfile: take that file to the standby (mode 600, owner $(id -un)) as OPS_REPLICATION_PASSFILE"
  else
    ask -v r="$role" <<<"select format('alter role %I replication login', :'r') where not (select rolreplication and rolcanlogin from pg_roles where rolname = :'r') \\gexec"
    log "the role $role is there already; its password stays"
  fi
  ask -v r="$role" <<'SQL'
set client_min_messages = warning;
-- who streams, and how: pg_stat_replication hides it from others
grant pg_read_all_stats to :"r";
select format('grant execute on function %s to %I', f, :'r')
  from unnest(array['pg_catalog.pg_ls_dir(text, boolean, boolean)', 'pg_catalog.pg_stat_file(text, boolean)',
                    'pg_catalog.pg_read_binary_file(text)', 'pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)']) f
\gexec
select format('grant pg_checkpoint to %I', :'r') where exists (select from pg_roles where rolname = 'pg_checkpoint')
\gexec
SQL
}

any_streaming() { # NAME...
  local name
  for name in "$@"; do
    if [[ "$(ask -v n="$name" <<<"select count(*) from pg_stat_replication where application_name = :'n' and state = 'streaming'")" != 0 ]]; then return 0; fi
  done
  return 1
}

# The server has read its files anew, and not just been asked to
reload_primary() {
  local before
  before=$(ask <<<'select pg_conf_load_time()')
  ask <<<'select pg_reload_conf()' >/dev/null
  wait_for 30 loaded_after "$before" || warn "the server did not read its configuration within 30 s"
}

loaded_after() { [[ "$(ask <<<'select pg_conf_load_time()')" != "$1" ]]; }

undo_one() { # KIND NAME VALUE
  case "$1" in
    setting)
      if [[ "$3" == '(none)' ]]; then
        ask -v name="$2" <<<"select format('alter system reset %I', :'name') \\gexec"
      else
        ask -v name="$2" -v value="$3" <<<"select format('alter system set %I = %L', :'name', :'value') \\gexec"
      fi
      ;;
    role)
      ask -v r="$2" <<<"select format('drop owned by %I', :'r'), format('drop role %I', :'r') where exists (select from pg_roles where rolname = :'r') \\gexec" ||
        warn "the role $2 is still used and stays"
      rm -f -- "$OPS_STATE_DIR/replication.pgpass"
      ;;
  esac
}
