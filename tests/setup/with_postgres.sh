#!/bin/bash
# Runs a command with TEST_POSTGRES_URL naming a PostgreSQL server: the one already named there, or a private one that
# lives as long as the command and flushes like a real one.
set -euo pipefail

if [ -n "${TEST_POSTGRES_URL:-}" ]; then exec "$@"; fi

bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1 || dirname "$(command -v initdb)")
cluster=$(mktemp -d)
as_owner=()
if [ "$(id -u)" -eq 0 ]; then # the server refuses to run as root
  chown postgres "$cluster"
  as_owner=(runuser -u postgres --)
fi

# shellcheck disable=SC2329 # called by the trap
end() {
  (cd / && "${as_owner[@]}" "$bin/pg_ctl" --pgdata "$cluster/data" --mode immediate --silent stop) || true
  rm -rf "$cluster"
}
trap end EXIT
trap 'exit 130' INT TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories=$cluster -c max_connections=200 -c fsync=on"
(
  cd /
  "${as_owner[@]}" "$bin/initdb" --pgdata "$cluster/data" --username postgres --auth trust --encoding UTF8 --locale C \
    >/dev/null
  "${as_owner[@]}" "$bin/pg_ctl" --pgdata "$cluster/data" --log "$cluster/log" --options "$options" --wait --silent start
) || { cat "$cluster/log" >&2; exit 1; }

export TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
"$@"
