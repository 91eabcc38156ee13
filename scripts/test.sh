#!/bin/sh
# Installs what is missing, then types, lint and all tests. Arguments go to vitest.
set -eu
. "$(dirname "$0")/install.sh"

sh scripts/test-packages.sh
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
. scripts/compile-cache.sh
# The tests run all the same, so that one run tells everything.
checked=0
npm run --silent check || checked=$?
vitest run "$@"
[ "$checked" = 0 ] || echo 'The tests passed, but types or lint did not; the first lines say where.'
exit "$checked"
