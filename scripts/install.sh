#!/bin/sh
# Installs the dependencies, unless node_modules is already what package-lock.json says. Works by
# itself (`sh scripts/install.sh`) and read by another script of this folder (`. scripts/install.sh`).
set -eu
cd "$(dirname "$0")/.."

stamp=node_modules/.colloquy-installed

# Other machines need other binaries, so a copied node_modules counts only on the same kind.
state() {
  if [ -f package-lock.json ]; then cksum package-lock.json; else cksum package.json; fi
  uname -sm
}

if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$(state)" ]; then
  echo 'Installing dependencies (once, about half a minute)…'
  rm -f "$stamp"
  # The development ones hold the Node that runs the server, whatever NODE_ENV says.
  if [ -f package-lock.json ]; then
    npm ci --include=dev --loglevel=error &
  else
    npm install --include=dev --loglevel=error &
  fi
  installer=$!
  # A shell that waits for its child in the foreground passes no signal on.
  trap 'kill -TERM "$installer" 2>/dev/null; wait "$installer" || :; exit 130' INT
  trap 'kill -TERM "$installer" 2>/dev/null; wait "$installer" || :; exit 143' TERM
  trap 'kill -TERM "$installer" 2>/dev/null; wait "$installer" || :; exit 129' HUP
  if wait "$installer"; then :; else
    status=$?
    echo 'The dependencies could not be installed; the lines above say why.' >&2
    exit "$status"
  fi
  trap - INT TERM HUP
  # Written last and in one step: an install that was interrupted leaves none.
  state >"$stamp.new"
  mv "$stamp.new" "$stamp"
fi
