# SPDX-License-Identifier: Apache-2.0
#
# A write load that survives a failover: sessions that insert one row after the other, note every row
# that the server acknowledged, and connect again, to whichever host accepts writes, when theirs is lost.
#
#   load_start DIR CONNINFO TABLE [WRITERS]   TABLE has a column id bigint; CONNINFO may name several hosts
#   load_stop DIR
#   load_count DIR                rows acknowledged so far
#   load_flows DIR MORE           at least MORE further rows are acknowledged within 60 s
#   load_outage DIR SINCE         longest time without an acknowledged row after SINCE (epoch), in seconds
#   load_lost DIR CONNINFO TABLE  acknowledged rows that are not there
#
# A session that gets no answer for LOAD_PATIENCE seconds (2; the first answer, for which several hosts may have to
# be tried, has 10) is given up, as its server may be frozen. It is
# killed and sends no cancel request: one would make the server report a commit that was not replicated.
# What was sent and not acknowledged may be there or not; its id is never used again.

_load_session() { # DIR CONNINFO TABLE WRITER FIRST-ID: one connection; prints the next id when it ends
  local id=$5 answer in out pid patience=10
  coproc PSQL { exec "$PG_BIN/psql" -XqAt -v ON_ERROR_STOP=1 "$2" 2>>"$1/errors.$4" 3>&-; }
  in=${PSQL[0]:-} out=${PSQL[1]:-} pid=${PSQL_PID:-}
  if [[ -n $in && -n $out ]]; then
    while [[ ! -e $1/stop ]]; do
      ((id += 1))
      printf 'insert into %s (id) values (%d) returning id;\n' "$3" "$id" 1>&"$out" 2>/dev/null || break
      IFS= read -r -t "$patience" -u "$in" answer 2>/dev/null || break
      [[ $answer == "$id" ]] || break
      patience=${LOAD_PATIENCE:-2}
      echo "$EPOCHREALTIME $id" >>"$1/acknowledged.$4"
      read -r -t 0.01 -u "$pause" || true
    done
  fi
  if [[ -n $pid ]]; then
    kill -KILL "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  fi
  next_id=$id
}

_load_writer() { # DIR CONNINFO TABLE WRITER
  local next_id=$(($4 * 100000000)) pause
  # A writer lives on errors; bats would end it at the first one.
  set +eET
  trap - ERR DEBUG
  trap '' PIPE
  # Nothing is ever written to it: reading from it with a time limit waits without a process.
  exec {pause}<>"$1/pause"
  while [[ ! -e $1/stop ]]; do
    _load_session "$1" "$2" "$3" "$4" "$next_id"
    read -r -t 0.05 -u "$pause" || true
  done
}

load_start() {
  local writer
  mkdir -p "$1"
  mkfifo "$1/pause"
  for ((writer = 1; writer <= ${4:-4}; writer++)); do
    : >"$1/acknowledged.$writer"
    _load_writer "$1" "$2" "$3" "$writer" >/dev/null 2>>"$1/errors.$writer" 3>&- &
    echo $! >>"$1/pids"
  done
  load_flows "$1" 50
}

load_stop() {
  local pid
  [[ -f $1/pids ]] || return 0
  touch "$1/stop"
  while read -r pid; do
    wait_until 30 _load_writer_is_gone "$pid" || kill -KILL "$pid"
  done <"$1/pids"
}

_load_writer_is_gone() { ! kill -0 "$1" 2>/dev/null; }

load_count() { cat "$1"/acknowledged.* | wc -l; }

_load_has() { (($(load_count "$1") >= $2)); }

load_flows() {
  wait_until 60 _load_has "$1" $(($(load_count "$1") + $2)) || {
    tail -n 3 "$1"/errors.* >&2
    return 1
  }
}

load_outage() {
  sort -n "$1"/acknowledged.* | awk -v since="$2" '
    $1 > since { gap = $1 - (last > since ? last : since); if (gap > longest) longest = gap }
    { last = $1 }
    END { printf "%.1f\n", longest }'
}

load_lost() {
  comm -23 <(cat "$1"/acknowledged.* | cut -d' ' -f2 | sort) \
    <("$PG_BIN/psql" -XqAt -v ON_ERROR_STOP=1 "$2" -c "select id from $3" | sort) | wc -l
}
