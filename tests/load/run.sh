#!/usr/bin/env bash
# The benchmark: builds the suite as it is released, starts a Postgres of its own with everything as durable as by
# default, and measures. Arguments go to `wenxiao-load run`; see README.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
[ -n "$pg_bin" ] && [ -x "$(command -v pgbench)" ] || { echo "please install: postgresql" >&2; exit 1; }
SQLX_OFFLINE=true cargo build --quiet --release -p wenxiao -p wenxiao-load

work=$(mktemp -d)
chmod 755 "$work"
pg_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
as_postgres() { if [ "$(id -u)" = 0 ]; then su postgres -c "$*"; else bash -c "$*"; fi; }
cleanup() {
  as_postgres "$pg_bin/pg_ctl -D $work/pg -m fast stop" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap cleanup EXIT
install -d -m 700 "$work/pg"
install -d -m 755 "$work/run"   # the embedded default runs its Postgres as another user
[ "$(id -u)" != 0 ] || chown postgres "$work/pg"
as_postgres "$pg_bin/initdb -D $work/pg -U postgres --auth=trust -E UTF8 --locale=C.UTF-8" >/dev/null
# As MEASURED was: everything by default but shared_buffers. The statistics and the log are for the proof that pgbench
# runs the same statements; the log is only written for the one submission that is recorded.
cat >>"$work/pg/postgresql.conf" <<SETTINGS
port = $pg_port
listen_addresses = '127.0.0.1'
unix_socket_directories = '$work/pg'
max_connections = 300
shared_buffers = 512MB
shared_preload_libraries = 'pg_stat_statements'
logging_collector = on
log_destination = 'jsonlog'
log_directory = 'log'
log_rotation_size = 0
SETTINGS
as_postgres "$pg_bin/pg_ctl -D $work/pg -w start" >/dev/null

"$target/release/wenxiao-load" run --wenxiao "$target/release/wenxiao" \
  --database "postgres://postgres@127.0.0.1:$pg_port/postgres" --postgres-programs "$pg_bin" \
  --postgres-log "$work/pg/log" --folder "$work/run" --data tests/data/haicang-2020 "$@"
