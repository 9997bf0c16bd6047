#!/usr/bin/env bash
# A year's payments on a Postgres of its own: a million for 5,000 projects against COPY, then how long execution and the
# funding gate take to answer, and the same again with ten million. Arguments go to run.sh.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec tests/load/run.sh --only year --projects 5000 "$@"
