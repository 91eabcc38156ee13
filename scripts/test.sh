#!/bin/sh
# Installs missing dependencies, then checks types and lint and runs all tests. Arguments go to vitest.
set -eu
# Beside the installation and the check, because it waits for downloads most of the time.
sh "$(dirname "$0")/test-packages.sh" &
packages=$!
. "$(dirname "$0")/install.sh"

PATH="$PWD/node_modules/.bin:$PATH"
export PATH
. scripts/compile-cache.sh
# The tests also run after a failed check, so one run shows all problems.
checked=0
npm run --silent check || checked=$?
wait "$packages"
vitest run "$@"
[ "$checked" = 0 ] || echo 'The tests passed, but the check of types or lint failed; see the first lines.'
exit "$checked"
