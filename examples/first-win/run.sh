#!/usr/bin/env bash
# The first win, from nothing to a regression that catches a drift. Works in a fresh folder that it leaves behind for
# you to look at; your own keys and runpacks stay out of it. Ends with 0 only if every command behaved as it should.
#
#   examples/first-win/run.sh [path of gait]
set -euo pipefail

example=$(cd "$(dirname "$0")" && pwd)
gait=${1:-$example/../../target/release/gait}
[ -x "$gait" ] || { echo "error: there is no program at $gait" >&2; echo "hint: run \`make build\`" >&2; exit 1; }
PATH=$(cd "$(dirname "$gait")" && pwd):$PATH
folder=$(mktemp -d)
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

echo "Everything below happens in $folder"
step 0 gait demo
step 0 gait verify run_demo
step 0 gait regress init --from run_demo
step 0 gait regress run

printf '\n# The same task, recorded again: this time the agent fetches something else.\n'
cp "$example/drifted.json" .
step 0 gait run record drifted.json
step 5 gait regress run --candidate run_demo_drifted --junit gait-out/junit.xml
step 0 cat gait-out/junit.xml
grep -q '<failure message="unexpected_diff"' gait-out/junit.xml

cat <<TEXT

The regression passed, and failed with exit code 5 once the agent drifted. Look around in
  $folder
and try next:
  cd $folder
  gait run diff run_demo run_demo_drifted    # which calls changed
  gait run replay run_demo                   # the run again, without running anything
  gait keys show                             # (there: XDG_CONFIG_HOME=config) the key that signed
TEXT
