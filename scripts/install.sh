#!/bin/sh
# Installs the dependencies, unless node_modules is already what package-lock.json says. Works by
# itself (`sh scripts/install.sh`) and read by another script of this folder (`. scripts/install.sh`).
set -eu
cd "$(dirname "$0")/.."

lock=package-lock.json
[ -f "$lock" ] || lock=package.json
stamp=node_modules/.colloquy-installed

# Other machines need other binaries, so a copied node_modules counts only on the same kind.
state() {
  cksum "$lock"
  uname -sm
}

# By the stamp, or by the file with which npm itself ends an install that somebody ran by hand.
isInstalled() {
  [ -x node_modules/.bin/node ] || return 1
  if [ -f "$stamp" ]; then
    [ "$(cat "$stamp")" = "$(state)" ]
  else
    [ -f node_modules/.package-lock.json ] && ! [ "$lock" -nt node_modules/.package-lock.json ]
  fi
}

# Written in one step and last: an install that was interrupted leaves none.
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
  # From nothing, as `npm ci` does, which however refuses a package-lock.json without the binaries
  # of every other platform. The development ones hold the Node that runs the server, whatever
  # NODE_ENV says.
  rm -rf node_modules
  npm install --no-save --include=dev --loglevel=error &
  installer=$!
  # A shell that waits for a child in the foreground passes no signal on.
  trap 'stopInstall 129' HUP
  trap 'stopInstall 130' INT
  trap 'stopInstall 143' TERM
  wait "$installer" || {
    status=$?
    echo 'The dependencies could not be installed; the lines above say why.' >&2
    exit "$status"
  }
  trap - HUP INT TERM
  writeStamp
fi
