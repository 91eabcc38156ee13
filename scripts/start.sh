#!/bin/sh
# Installs and builds if necessary, then becomes the server with exec, so signals reach it in both phases.
set -eu
. "$(dirname "$0")/install.sh"
. scripts/build.sh
exec sh scripts/serve.sh all
