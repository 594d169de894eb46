#!/usr/bin/env bash
# Sees to it that the tests have a Chromium: takes one that is there, or installs Debian's package.
set -euo pipefail
cd "$(dirname "$0")"

if found=$(node find_chromium.mjs 2>/dev/null); then
  echo "chromium: $found"
  exit 0
fi

if [ -n "${GAIT_CHROMIUM:-}" ]; then
  node find_chromium.mjs
  exit 1
fi

if ! command -v apt-get >/dev/null; then
  echo "error: no Chromium was found, and there is no apt-get to install one" >&2
  echo "hint: install Chromium or Chrome, or set GAIT_CHROMIUM to the program" >&2
  exit 1
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "error: installing Chromium needs root; run: apt-get install chromium" >&2; exit 1; }
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
# A font as well: without any, a page has no text to look at.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
echo "chromium: $(node find_chromium.mjs)"
