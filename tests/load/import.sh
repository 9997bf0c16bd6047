#!/usr/bin/env bash
# Imports 5,000 official forms as one operation on a Postgres of its own: forms per second and peak memory; then again
# with kill -9 in the midst of writing, and checks that none is lost and none is there twice. Arguments go to run.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec tests/load/run.sh --only import --projects 5000 "$@"
