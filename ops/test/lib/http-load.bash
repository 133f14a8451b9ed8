# SPDX-License-Identifier: Apache-2.0
#
# A load of transfers through the sample application, as clients do it that want each of them exactly once: what is not answered with
# "done" (201, or 409: done already) is sent again with the same id.
#
#   http_load_start DIR URL [CLIENTS]   opens an account for each client, which pays the next one
#   http_load_stop DIR
#   http_load_count DIR              transfers that were confirmed
#   http_load_flows DIR MORE         at least MORE further transfers are confirmed within 90 s
#   http_load_refused DIR            answers that were neither 201 nor 409, by status (000: no answer) and kind of problem
#   http_load_outage DIR SINCE       longest time without a confirmed transfer after SINCE (epoch), in seconds
#   http_load_slowest DIR            the longest that a single confirmed request took, in seconds

_http_load_account() { printf 'aaaaaaaa-0000-4000-8000-%012x' "$1"; }

_http_load_client() { # DIR URL CLIENT CLIENTS
  local number=0 id status seconds from to
  from=$(_http_load_account "$3")
  to=$(_http_load_account $(($3 % $4 + 1)))
  set +eET
  trap - ERR DEBUG
  while [[ ! -e $1/stop ]]; do
    ((number += 1))
    printf -v id '%08x-0000-4000-8000-%012x' "$3" "$number"
    while true; do
      read -r status seconds < <(curl --silent --max-time 70 --output "$1/answer.$3" --write-out '%{http_code} %{time_total}\n' \
        --header 'Content-Type: application/json' --data "{\"id\":\"$id\",\"from\":\"$from\",\"to\":\"$to\",\"amount\":1}" "$2/api/transfers" 3>&-)
      if [[ $status == 201 || $status == 409 ]]; then
        echo "$EPOCHREALTIME $id $status $seconds" >>"$1/confirmed.$3"
        break
      fi
      echo "$EPOCHREALTIME $id $status:$(jq -r '.type // empty' "$1/answer.$3" 2>/dev/null | sed 's#.*[/:]##') $seconds" >>"$1/refused.$3"
      if [[ -e $1/stop ]]; then break; fi
      sleep 0.2 3>&-
    done
  done
}

http_load_start() {
  local client clients=${3:-4}
  mkdir -p "$1"
  for ((client = 1; client <= clients; client++)); do
    curl --silent --fail --show-error --max-time 70 --header 'Content-Type: application/json' --output /dev/null "$2/api/accounts" \
      --data "{\"id\":\"$(_http_load_account "$client")\",\"owner\":\"Client $client\",\"balance\":1000000}" || return 1
  done
  for ((client = 1; client <= clients; client++)); do
    : >"$1/confirmed.$client"
    : >"$1/refused.$client"
    _http_load_client "$1" "$2" "$client" "$clients" >/dev/null 2>&1 3>&- &
    echo $! >>"$1/pids"
  done
  http_load_flows "$1" 20
}

http_load_stop() {
  local pid
  [[ -f $1/pids ]] || return 0
  touch "$1/stop"
  while read -r pid; do
    wait_until 80 _http_load_client_is_gone "$pid" || kill -KILL "$pid"
  done <"$1/pids"
}

_http_load_client_is_gone() { ! kill -0 "$1" 2>/dev/null; }

http_load_count() { cat "$1"/confirmed.* | wc -l; }

_http_load_has() { (($(http_load_count "$1") >= $2)); }

http_load_flows() {
  wait_until 90 _http_load_has "$1" $(($(http_load_count "$1") + $2)) || {
    tail -n 3 "$1"/refused.* >&2
    return 1
  }
}

http_load_refused() { cat "$1"/refused.* | awk '{ count[$3]++ } END { for (status in count) printf "%s %d times ", status, count[status] }'; }

http_load_outage() {
  sort -n "$1"/confirmed.* | awk -v since="$2" '
    $1 > since { gap = $1 - (last > since ? last : since); if (gap > longest) longest = gap }
    { last = $1 }
    END { printf "%.1f\n", longest }'
}

http_load_slowest() { cat "$1"/confirmed.* | awk '$4 > slowest { slowest = $4 } END { printf "%.1f\n", slowest }'; }
