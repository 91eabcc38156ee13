#!/bin/sh
# Installs the dependencies, unless node_modules matches package-lock.json. Can be run directly
# (`sh scripts/install.sh`) or sourced by another script of this folder (`. scripts/install.sh`).
set -eu
cd "$(dirname "$0")/.."

lock=package-lock.json
[ -f "$lock" ] || lock=package.json
stamp=node_modules/.colloquy-installed

# A copied node_modules is valid only on the same platform, because of its binaries.
state() {
  cksum "$lock"
  uname -sm
}

# Checks the stamp, or the file that npm writes at the end of a manual install.
isInstalled() {
  [ -x node_modules/.bin/node ] || return 1
  if [ -f "$stamp" ]; then
    [ "$(cat "$stamp")" = "$(state)" ]
  else
    [ -f node_modules/.package-lock.json ] && ! [ "$lock" -nt node_modules/.package-lock.json ]
  fi
}

# Written atomically at the end, so an interrupted install leaves no stamp.
writeStamp() {
  state >"$stamp.new"
  mv "$stamp.new" "$stamp"
}

stopInstall() {
  kill -TERM "$installer" 2>/dev/null || :
  wait "$installer" || :
  exit "$1"
}

if isInstalled; then
  [ -f "$stamp" ] || writeStamp
else
  echo 'Installing dependencies (once, about half a minute)…'
  # A clean install like `npm ci`, which would refuse a package-lock.json without the binaries of every
  # other platform. Includes development dependencies regardless of NODE_ENV, because the Node of the
  # server is one of them.
  rm -rf node_modules
  npm install --no-save --include=dev --loglevel=error &
  installer=$!
  # A shell does not pass signals on to a child in the foreground.
  trap 'stopInstall 129' HUP
  trap 'stopInstall 130' INT
  trap 'stopInstall 143' TERM
  wait "$installer" || {
    status=$?
    echo 'Installing the dependencies failed; see the lines above.' >&2
    exit "$status"
  }
  trap - HUP INT TERM
  writeStamp
fi
