#!/usr/bin/env bash
# Profiles the suite's process while it does one part: tests/load/profile.sh reads|submit|payments [arguments of run.sh].
# Leaves the record in tests/out/profile.data and prints where the time went.
set -euo pipefail
cd "$(dirname "$0")/../.."
part=${1:?reads, submit or payments}
shift
command -v perf >/dev/null || { echo "please install: linux-perf" >&2; exit 1; }
mkdir -p tests/out
record=$PWD/tests/out/profile.data
tests/load/run.sh --only "$part" --rounds 1 --perf "$record" "$@"
perf report --input "$record" --no-children --call-graph none --percent-limit 0.5 --stdio 2>/dev/null | grep -v '^#' | head -60 || true
echo "callers: perf report --input tests/out/profile.data --children"
