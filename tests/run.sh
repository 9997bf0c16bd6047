#!/usr/bin/env bash
# Everything that must hold. tests/run.sh runs all of it; --fast leaves out the manifests and the whole year. Installs
# what a fresh Debian machine lacks, starts its own Postgres and Redis on free ports and stops them.
set -euo pipefail
cd "$(dirname "$0")/.."
fast=false
[ "${1:-}" = --fast ] && fast=true
step() { printf '\n== %s\n' "$*"; }

step "tools"
packages=()
pg_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
[ -n "$pg_bin" ] || packages+=(postgresql)
command -v psql >/dev/null || packages+=(postgresql-client)
command -v redis-server >/dev/null || packages+=(redis-server)
command -v protoc >/dev/null || packages+=(protobuf-compiler)
if [ ${#packages[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || { echo "please install: ${packages[*]}" >&2; exit 1; }
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}" >/dev/null
  pg_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
fi

step "Postgres and Redis"
work=$(mktemp -d)
chmod 755 "$work"
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
pg_port=$(free_port) redis_port=$(free_port)
as_postgres() { if [ "$(id -u)" = 0 ]; then su postgres -c "$*"; else bash -c "$*"; fi; }
redis_pid=
cleanup() {
  as_postgres "$pg_bin/pg_ctl -D $work/pg -m immediate stop" >/dev/null 2>&1 || true
  [ -z "$redis_pid" ] || kill "$redis_pid" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT
install -d -m 700 "$work/pg"
[ "$(id -u)" != 0 ] || chown postgres "$work/pg"
as_postgres "$pg_bin/initdb -D $work/pg -U postgres --auth=trust -E UTF8 --locale=C.UTF-8" >/dev/null
# Durability is not what these tests are about, and the data is thrown away: no fsync.
as_postgres "$pg_bin/pg_ctl -D $work/pg -w -l $work/pg/server.log -o '-p $pg_port -k $work/pg -c listen_addresses=127.0.0.1 -c max_connections=400 -c fsync=off -c synchronous_commit=off -c full_page_writes=off' start" >/dev/null
redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --dir "$work" --daemonize no >"$work/redis.log" 2>&1 &
redis_pid=$!
export WENXIAO_TEST_DATABASE_URL=postgres://postgres@127.0.0.1:$pg_port/postgres
export WENXIAO_TEST_REDIS_URL=redis://127.0.0.1:$redis_port
export DATABASE_URL=postgres://postgres@127.0.0.1:$pg_port/wenxiao_compile

step "format"
cargo fmt --all --check

step "contract: buf lint"
if [ ! -x tests/.tools/node_modules/.bin/buf ]; then
  npm install --silent --no-audit --no-fund --prefix tests/.tools @bufbuild/buf@1.75.0 2>&1 | grep -v 'npm warn' || true
fi
(cd proto && ../tests/.tools/node_modules/.bin/buf lint)

step "statements: .sqlx is what the code needs"
tests/prepare-sqlx.sh --check

step "lints"
cargo clippy --workspace --all-targets --all-features -- -D warnings

if command -v cargo-deny >/dev/null; then
  step "licences, bans, sources"
  cargo deny --offline check bans licenses sources
fi

step "tests"
cargo nextest run --workspace --exclude wenxiao-year --all-features
cargo test --quiet --doc -p wenxiao-kernel -p wenxiao-platform

if $fast; then exit 0; fi

step "manifests"
tests/kubernetes.sh

step "the whole year: changed inputs, kill -9 in the middle"
cargo build -p wenxiao
cargo nextest run -p wenxiao-year

step "the whole year: the demonstration, every figure"
CI=true deploy/demo.sh --once
