#!/bin/sh
# Makes the secrets of compose.yaml once, in a folder for each service below the given one. Later starts keep them.
# SECRET in the environment is taken over, which a restore into a new installation needs.
set -eu
cd "$1"
mkdir -p postgres store server

fail() {
  echo "$1" >&2
  exit 1
}
# 64 hexadecimal digits, which need no escaping anywhere.
make() {
  made=$(od -An -vtx1 -N32 /dev/urandom | tr -d ' \n')
  # A shell ignores the failure of the first program of a pipe.
  [ "${#made}" -eq 64 ] || fail 'The secrets were not made, because /dev/urandom cannot be read.'
  printf %s "$made"
}
# Written atomically, so an interrupted start leaves no empty secret.
keep() {
  (
    umask 077
    rm -f "$1.new"
    printf %s "$3" >"$1.new"
  )
  chown "$2" "$1.new"
  mv "$1.new" "$1"
}
makeOnce() {
  [ -f "$1" ] && return
  value=$(make)
  keep "$1" "$2" "$value"
}

user=1000:1000 # of the image
root=0:0       # PostgreSQL and the store read their secrets before they drop privileges
given=${SECRET:-}
if [ -n "$given" ]; then
  [ "${#given}" -ge 32 ] || fail 'SECRET is too short; give the 32 characters or more of the earlier installation.'
  if [ -f server/secret ] && [ "$given" != "$(cat server/secret)" ]; then
    fail 'This installation has another secret already; unset SECRET, or restore into empty volumes.'
  fi
  [ -f server/secret ] || keep server/secret "$user" "$given"
fi
makeOnce server/secret "$user"
makeOnce postgres/password "$root"
makeOnce store/secret-key "$root"
keep server/database-url "$user" "postgres://colloquy:$(cat postgres/password)@postgres:5432/colloquy"
keep server/aws-credentials "$user" "[default]
aws_access_key_id = colloquy
aws_secret_access_key = $(cat store/secret-key)
"
chmod 755 postgres store server
