#!/usr/bin/env bash
# An agent of one's own: record a run that went well, keep it, and hold the run after an update against it.
#
#   examples/refund-agent/run.sh [path of gait]
set -euo pipefail

example=$(cd "$(dirname "$0")" && pwd)
gait=${1:-$example/../../target/release/gait}
[ -x "$gait" ] || { echo "error: there is no program at $gait" >&2; echo "hint: run \`make build\`" >&2; exit 1; }
PATH=$(cd "$(dirname "$gait")" && pwd):$PATH
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_CONFIG_HOME=$folder/config

# step EXIT WORDS…: shows the command, runs it, and insists on its exit code.
step() {
  local expected=$1 code=0
  shift
  printf '\n$ %s\n' "$*"
  "$@" || code=$?
  if [ "$code" -ne "$expected" ]; then
    echo "error: exit code $code, expected $expected" >&2
    exit 1
  fi
  [ "$code" -eq 0 ] || echo "(exit code $code)"
}

cp "$example"/*.json .
step 0 gait keys init --out-dir keys --prefix refunds
step 0 gait run record refund.json --key-mode prod --private-key keys/refunds.key
step 0 gait verify run_refund_a1042 --profile strict --public-key keys/refunds.pub
step 0 gait regress init --from run_refund_a1042 --name refund

printf '\n# The same ticket after an update of the agent. Nothing changed that matters:\n'
step 0 gait run record refund.json --run-id run_refund_same
step 0 gait regress run --candidate run_refund_same

printf '\n# And after the next one:\n'
step 0 gait run record refund_after_update.json
step 5 gait regress run --candidate run_refund_a1042_v2
step 2 gait run diff run_refund_a1042 run_refund_a1042_v2
