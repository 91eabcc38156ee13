#!/bin/sh
# Becomes the server with exec, so it gets all signals: `sh scripts/serve.sh all`, or another command of
# main.ts. Needs installed dependencies and a built console. Containers and services start this way.
set -eu
cd "$(dirname "$0")/.."
[ -d node_modules ] || {
  echo 'The dependencies are not installed; run: sh scripts/install.sh' >&2
  exit 1
}

# The Node version of package.json, even if another one is first in the PATH. A production install has none.
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
. scripts/compile-cache.sh
. scripts/server-flags.sh
exec node $SERVER_FLAGS packages/server/src/main.ts "$@"
