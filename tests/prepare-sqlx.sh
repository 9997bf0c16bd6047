#!/usr/bin/env bash
# Renews .sqlx, the description of every statement of ours, against the compile-time database (DATABASE_URL).
# With --check it writes nothing and fails when the committed description is not what the statements need.
set -euo pipefail
cd "$(dirname "$0")/.."
tests/dev-db.sh
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
# The macros write a statement's description only when they run: touch every crate that has any.
touch services/*/src/lib.rs
find services/*/src -name '*.rs' -exec grep -lE 'query(_as|_scalar)?!' {} + | xargs touch
SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$fresh" cargo check --quiet --workspace --exclude wenxiao-year --exclude wenxiao-load --all-features
if [ "${1:-}" = --check ]; then
  diff -rq .sqlx "$fresh" || { echo ".sqlx is not current: run tests/prepare-sqlx.sh" >&2; exit 1; }
else
  rm -rf .sqlx && mkdir .sqlx && cp "$fresh"/*.json .sqlx/
fi
