#!/bin/sh
# Builds the console, unless what is built is already made of these sources. Works by itself
# (`sh scripts/build.sh`) and read by another script of this folder after install.sh.
set -eu
cd "$(dirname "$0")/.."

built=packages/console/dist
console_stamp="$built/.sources"

sources() {
  find scripts/build.sh packages/console packages/csv packages/phone-numbers packages/sdk packages/wire/src package-lock.json \
    \( -name node_modules -o -name dist -o -name test \) -prune -o -type f -print |
    LC_ALL=C sort | xargs cksum
}

if ! [ -f "$console_stamp" ] || [ "$(cat "$console_stamp")" != "$(sources)" ]; then
  echo 'Building the console (a few seconds)…'
  made=$(sources)
  fresh="$built.new.$$"
  # Whatever it is outside: another one would build what is for developers.
  NODE_ENV=production node_modules/.bin/node node_modules/vite/bin/vite.js build packages/console \
    --outDir "$PWD/$fresh" --logLevel warn &
  builder=$!
  # A shell that waits for a child in the foreground passes no signal on.
  trap 'kill -TERM "$builder" 2>/dev/null || :; rm -rf "$fresh"; exit 143' TERM HUP
  trap 'kill -TERM "$builder" 2>/dev/null || :; rm -rf "$fresh"; exit 130' INT
  wait "$builder" || {
    status=$?
    rm -rf "$fresh"
    echo 'The console could not be built; the lines above say why.' >&2
    exit "$status"
  }
  trap - HUP INT TERM
  printf '%s\n' "$made" >"$fresh/.sources"
  # One that was interrupted here is built again.
  rm -rf "$built"
  mv "$fresh" "$built"
fi
