#!/bin/sh
# Runs test files many times and stops at the first failure: `sh scripts/repeat.sh 20 test/commands/start.test.ts …`.
# Without arguments it runs the files that start, kill or poll processes.
set -eu
. "$(dirname "$0")/install.sh"

times=${1:-20}
[ "$#" = 0 ] || shift
if [ "$#" = 0 ]; then
  set -- $(grep -lE 'startServer|spawn\(|SIGKILL|runServer' $(git ls-files '*.test.ts'))
fi
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
. scripts/compile-cache.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for file in "$@"; do
  run=1
  while [ "$run" -le "$times" ]; do
    vitest run --project colloquy "$file" >"$log" 2>&1 || {
      cat "$log"
      echo "$file failed in run $run of $times." >&2
      exit 1
    }
    run=$((run + 1))
  done
  echo "$file passed $times times."
done
