#!/bin/sh
# Installs the Debian packages that only tests need, where that can be done. Never fails: a test
# whose counterpart is missing says so and is skipped.
set -eu

missing=''
[ -x /usr/lib/postgresql/15/bin/postgres ] || missing="$missing postgresql-15"
command -v pgbouncer >/dev/null || [ -x /usr/sbin/pgbouncer ] || missing="$missing pgbouncer"
command -v curl >/dev/null || missing="$missing curl"
command -v ffmpeg >/dev/null || missing="$missing ffmpeg"
for store in account container object proxy; do
  [ -x "/usr/bin/swift-$store-server" ] || missing="$missing swift-$store"
done
# As test/e2e/chromium.ts looks for it.
command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null ||
  command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
  missing="$missing chromium-headless-shell"
command -v memcached >/dev/null || missing="$missing memcached"
[ -n "$missing" ] || exit 0

leaveOut() {
  echo "Left out of the tests is all that takes these, because $1:$missing"
  exit 0
}

[ "$(id -u)" = 0 ] || leaveOut 'only root can install'
command -v apt-get >/dev/null || leaveOut 'this is no Debian, whose packages would serve'

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# RUNLEVEL=1: the services are not started; the tests start their own.
install() {
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 timeout 300 apt-get install -y -q \
    --no-install-recommends -o DPkg::Lock::Timeout=60 $missing >"$log" 2>&1
}
echo "Installing for the tests:$missing"
install || { timeout 60 apt-get update -q >"$log" 2>&1 && install; } ||
  leaveOut "apt-get could not install it ($(tail -n 1 "$log"))"
