#!/usr/bin/env bash
# (Re)creates the database that sqlx checks our SQL against at compile time: every service's schema with all migrations.
# DATABASE_URL names it; the server must be running (tests/run.sh starts one).
set -euo pipefail
cd "$(dirname "$0")/.."
: "${DATABASE_URL:?names the compile-time database}"
database=${DATABASE_URL##*/}
server=${DATABASE_URL%/*}/postgres
quiet=(-q -v ON_ERROR_STOP=1 --no-psqlrc)
export PGOPTIONS='-c client_min_messages=warning'

psql "$server" "${quiet[@]}" -c "drop database if exists $database with (force)" -c "create database $database"
schemas=(registry targets monitoring evaluation disclosure)
psql "$server" "${quiet[@]}" -c "alter database $database set search_path = $(IFS=,; echo "${schemas[*]}")"
for schema in "${schemas[@]}"; do
  for role in "wenxiao_$schema" "wenxiao_${schema}_across"; do
    psql "$server" "${quiet[@]}" -c "do \$\$ begin create role $role login; exception when duplicate_object then null; end \$\$"
  done
  {
    echo "create schema $schema; set search_path = $schema;"
    cat services/platform/migrations/*.sql
    cat "services/$schema"/migrations/*.sql 2>/dev/null || true
  } | psql "$DATABASE_URL" "${quiet[@]}" --single-transaction -o /dev/null || echo "schema $schema: its migrations do not apply" >&2
done
