#!/bin/sh
# Becomes the server with exec, so it gets all signals: `sh scripts/serve.sh all`, or another command of
# main.ts. Needs installed dependencies and a built console. Containers and services start this way.
set -eu
cd "$(dirname "$0")/.."

# The Node version of package.json, even if another one is first in the PATH. A production install has none.
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
. scripts/compile-cache.sh
# Large transcripts need large buffers, and each new page costs a page fault. With huge pages (glibc on
# Linux; other systems ignore the setting), a turn of the event loop takes a third of the time.
GLIBC_TUNABLES="${GLIBC_TUNABLES:+$GLIBC_TUNABLES:}glibc.malloc.hugetlb=1"
export GLIBC_TUNABLES
# V8 would infer from the objects of the start that rows of the database live long too, and keep each
# transcript until the next full collection, which costs memory and a sixth of the CPU time.
# A slightly smaller young generation than the default: a larger one saves little time and costs memory.
# One thread for garbage collection per core besides the event loop's: four threads on two cores wait for
# each other and double the pauses.
exec node --no-allocation-site-pretenuring --max-semi-space-size=12 --v8-pool-size=0 packages/server/src/main.ts "$@"
