#!/bin/sh
# Builds the console, unless the existing build is up to date. Can be run directly
# (`sh scripts/build.sh`) or sourced by another script of this folder after install.sh.
set -eu
cd "$(dirname "$0")/.."

built=packages/console/dist
console_stamp="$built/.sources"

sources() {
  find scripts/build.sh packages/console packages/csv packages/phone-numbers packages/sdk packages/wire/src package-lock.json \
    \( -name node_modules -o -name dist -o -name test \) -prune -o -type f ! -name '*.test.ts' -print |
    LC_ALL=C sort | xargs cksum
}

if ! [ -f "$console_stamp" ] || [ "$(cat "$console_stamp")" != "$(sources)" ]; then
  echo 'Building the console (a few seconds)…'
  made=$(sources)
  fresh="$built.new.$$"
  # Any other value of the environment would make a development build.
  NODE_ENV=production node_modules/.bin/node node_modules/vite/bin/vite.js build packages/console \
    --outDir "$PWD/$fresh" --logLevel warn &
  builder=$!
  # A shell does not pass signals on to a child in the foreground.
  trap 'kill -TERM "$builder" 2>/dev/null || :; rm -rf "$fresh"; exit 143' TERM HUP
  trap 'kill -TERM "$builder" 2>/dev/null || :; rm -rf "$fresh"; exit 130' INT
  wait "$builder" || {
    status=$?
    rm -rf "$fresh"
    echo 'Building the console failed; see the lines above.' >&2
    exit "$status"
  }
  trap - HUP INT TERM
  printf '%s\n' "$made" >"$fresh/.sources"
  # An interruption between these commands leads to a new build.
  rm -rf "$built"
  mv "$fresh" "$built"
fi
