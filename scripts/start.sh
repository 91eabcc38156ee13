#!/bin/sh
# Installs and builds what is missing and becomes the server: a signal to this process reaches it in both.
set -eu
. "$(dirname "$0")/install.sh"
. scripts/build.sh

# The Node that package.json pins, also where npm has not put it first.
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
. scripts/compile-cache.sh
# Large transcripts take large buffers, of which each page costs a fault when it is first written: with
# huge pages (glibc on Linux; others ignore it) a turn of the event loop is a third as long.
GLIBC_TUNABLES="${GLIBC_TUNABLES:+$GLIBC_TUNABLES:}glibc.malloc.hugetlb=1"
export GLIBC_TUNABLES
# V8 would learn from what is made at the start and stays that all rows of the database stay, and
# would then keep each transcript until its next full collection: memory, and a sixth of all time.
# New generations a little smaller than usual: larger ones save little time and cost memory.
# As many threads that collect garbage as there are cores beside the event loop; four on two cores wait for
# each other, and double the pauses.
exec node --no-allocation-site-pretenuring --max-semi-space-size=12 --v8-pool-size=0 packages/server/src/main.ts all
