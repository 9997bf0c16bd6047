#!/usr/bin/env bash
# Plays Haicang District's year 2020 on this machine, from nothing: installs what is missing, builds, starts the suite
# on the embedded default in a temporary folder, plays the year through the public gRPC API, prints the annual summary
# and every published figure beside the computed one, and leaves the suite running.
#
#   deploy/demo.sh                 leave the suite running until Ctrl-C
#   deploy/demo.sh --once          stop at the end; exit 1 unless every figure is as published
#   deploy/demo.sh --report DIR    also write summary.json and summary.md there
#   deploy/demo.sh --data DIR      play other files than tests/data/haicang-2020
#   deploy/demo.sh --in-flight N   rows that are worked on at once (16)
set -euo pipefail

# The demonstration runs on the embedded default, whatever else is configured here.
unset "${!WENXIAO_@}" DATABASE_URL REDIS_URL

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
data=$root/tests/data/haicang-2020
district=350205000
once=
play=()

usage() { sed -n '2,10s/^# \{0,1\}//p' "$0"; }
fail() { echo "demo: $*" >&2; exit 1; }

while (($#)); do
  case $1 in
    --once) once=1; play+=(--once) ;;
    --report) play+=(--report "$(realpath -m "${2:?--report needs a folder}")"); shift ;;
    --data) data=$(realpath "${2:?--data needs a folder}"); shift ;;
    --in-flight) play+=(--in-flight "${2:?--in-flight needs a number}"); shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
  shift
done

# --- what has to be there ------------------------------------------------------------------------------------------

postgres_there() { command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }

missing=()
postgres_there || missing+=(postgresql)
command -v protoc >/dev/null || missing+=(protobuf-compiler)
command -v cc >/dev/null || missing+=(build-essential)
if ((${#missing[@]})); then
  command -v apt-get >/dev/null || fail "please install: ${missing[*]}"
  as_root=()
  if ((EUID != 0)); then
    as_root=(sudo)
    if [[ -z ${CI:-} ]]; then
      read -r -p "Install ${missing[*]} with apt-get? [y/N] " answer
      [[ $answer == [yY]* ]] || fail "please install: ${missing[*]}"
    fi
  fi
  "${as_root[@]}" apt-get update -q
  # A cluster of Debian's own is of no use here: only the programs are.
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
fi
command -v cargo >/dev/null || fail "please install Rust (https://rustup.rs); rust-toolchain.toml names the version"

# --- build ---------------------------------------------------------------------------------------------------------

cd "$root"
SQLX_OFFLINE=true cargo build --locked -p wenxiao -p wenxiao-year
target=$(cargo metadata --format-version 1 --no-deps --locked | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
bin=$target/debug

# --- run -----------------------------------------------------------------------------------------------------------

work=$(mktemp -d "${TMPDIR:-/tmp}/wenxiao-demo.XXXXXX")
# The embedded Postgres runs as another user when we are root: it must reach its folder.
chmod 755 "$work"
suite=

finish() {
  local code=$?
  trap - EXIT INT TERM
  if [[ -n $suite ]] && kill -0 "$suite" 2>/dev/null; then
    kill -TERM "$suite" 2>/dev/null || true
    wait "$suite" 2>/dev/null || true
  fi
  if ((code != 0)) && [[ -f $work/suite.log ]]; then
    echo "demo: the suite's last words (all of them: $work/suite.log)" >&2
    tail -n 20 "$work/suite.log" >&2
  else
    rm -rf "$work"
  fi
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$bin/wenxiao" serve --data-dir "$work/data" --listen 127.0.0.1:0 --http 127.0.0.1:0 \
  >"$work/suite.out" 2>"$work/suite.log" &
suite=$!

# The greeting names the addresses that were taken; it comes once the suite answers.
address() { grep -oE "$1[^0-9]*127\.0\.0\.1:[0-9]+" "$work/suite.out" | grep -oE '127\.0\.0\.1:[0-9]+' | head -n 1; }
for _ in $(seq 1 600); do
  grpc=$(address 'gRPC' || true)
  http=$(address '(http|HTTP|[Pp]ortal|[Oo]ps)' || true)
  [[ -n $grpc && -n $http ]] && break
  kill -0 "$suite" 2>/dev/null || fail "the suite did not start"
  sleep 0.1
done
[[ -n $grpc ]] || fail "the suite named no address"
echo "suite: gRPC $grpc, portal http://$http, data $work/data"

"$bin/wenxiao-year" --address "http://$grpc" --data-dir "$work/data" --wenxiao "$bin/wenxiao" --data "$data" \
  --district "$district" "${play[@]}"

"$bin/wenxiao" audit verify --data-dir "$work/data"

if [[ -n $once ]]; then exit 0; fi

cat <<END

The suite keeps running: gRPC $grpc, portal http://$http (Ctrl-C ends it)

  token=\$($bin/wenxiao token --data-dir $work/data --role finance_head --district $district)
  grpcurl -plaintext -H "authorization: Bearer \$token" -d '{"name": "districts/$district/annualSummaries/2020"}' \\
    $grpc wenxiao.disclosure.v1.SummaryService/GetAnnualSummary
  grpcurl -plaintext -H "authorization: Bearer \$token" \\
    -d '{"parent": "districts/$district", "fiscal_year": 2020, "month": 6, "below_schedule_only": true}' \\
    $grpc wenxiao.monitoring.v1.MonitoringService/ListDepartmentProgress
  grpcurl -plaintext -d '{"parent": "districts/$district"}' \\
    $grpc wenxiao.disclosure.v1.CatalogService/ListCatalogDocuments
  xdg-open http://$http
END
# Whoever ends a suite that was left running ends the demonstration, and nothing failed; a suite that ends by itself has.
trap 'exit 0' INT TERM
wait "$suite"
