#!/bin/sh
# Installs what is missing, then types, lint and all tests. Arguments go to vitest.
set -eu
. "$(dirname "$0")/install.sh"

sh scripts/test-packages.sh
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
npm run --silent check
exec vitest run "$@"
