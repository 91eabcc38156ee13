#!/bin/sh
# Installs the Debian packages that only tests need, if possible. Never fails: tests without their package
# are skipped and listed.
set -eu

missing=''
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing="$missing postgresql-15"
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
command -v curl >/dev/null || missing="$missing curl"
command -v ffmpeg >/dev/null || missing="$missing ffmpeg"
for store in account container object proxy; do
  [ -x "/usr/bin/swift-$store-server" ] || missing="$missing swift-$store"
done
# The same search as in test/e2e/chromium.ts.
command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null ||
  command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
  missing="$missing chromium-headless-shell"
command -v memcached >/dev/null || missing="$missing memcached"
[ -n "$missing" ] || exit 0

leaveOut() {
  echo "Skipping the tests that need these packages, because $1:$missing"
  exit 0
}

[ "$(id -u)" = 0 ] || leaveOut 'only root can install'
command -v apt-get >/dev/null || leaveOut 'this is no Debian, whose packages would serve'

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# RUNLEVEL=1 prevents the start of services, because tests start their own.
install() {
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 timeout 300 apt-get install -y -q \
    --no-install-recommends -o DPkg::Lock::Timeout=60 $missing >"$log" 2>&1
}
echo "Installing for the tests:$missing"
install || { timeout 60 apt-get update -q >"$log" 2>&1 && install; } ||
  leaveOut "apt-get could not install it ($(tail -n 1 "$log"))"
