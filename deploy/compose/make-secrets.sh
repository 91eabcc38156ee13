#!/bin/sh
# Makes the secrets of compose.yaml once, in the folder that is given. Later starts keep them. SECRET in the
# environment is taken over, which a restore into a new installation needs.
set -eu
cd "$1"

# 64 hexadecimal digits, which need no escaping anywhere.
make() {
  od -An -vtx1 -N32 /dev/urandom | tr -d ' \n'
}
# Written atomically, so an interrupted start leaves no empty secret.
keep() {
  umask 077
  cat >"$1.new"
  chown "$2" "$1.new"
  mv "$1.new" "$1"
}

server=1000:1000 # the user of the image
root=0:0         # PostgreSQL and the store read their secrets before they drop privileges
[ -f secret ] || printf %s "${SECRET:-$(make)}" | keep secret "$server"
[ -f postgres-password ] || make | keep postgres-password "$root"
[ -f s3-secret-key ] || make | keep s3-secret-key "$root"
printf 'postgres://colloquy:%s@postgres:5432/colloquy' "$(cat postgres-password)" |
  keep database-url "$server"
printf '[default]\naws_access_key_id = colloquy\naws_secret_access_key = %s\n' "$(cat s3-secret-key)" |
  keep aws-credentials "$server"
chmod 755 .
