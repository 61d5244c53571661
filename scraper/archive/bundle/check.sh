#!/bin/sh
# Checks this bundle with a POSIX shell, sha256sum and openssl. README.txt says what each step shows.
#   sh check.sh              believes the root certificate that is in the bundle
#   sh check.sh ROOT.pem     believes only ROOT.pem, which you got from the authority itself
set -u
LC_ALL=C
export LC_ALL

page='@PAGE@'
roots='@ROOTS@'
stamps='@STAMPS@'
files='@FILES@'

trusted=${1:-}
case $trusted in '' | /*) ;; *) trusted=$PWD/$trusted ;; esac
case $0 in */*) cd "${0%/*}" || exit 2 ;; esac

ok() { printf 'ok    %s\n' "$1"; }
note() { printf 'note  %s\n' "$1"; }
fail() {
  printf 'FAIL  %s\n' "$1"
  exit 1
}

# The SHA-256 of standard input, in hex.
hash() {
  sum=$(sha256sum) || return 1
  printf '%s' "${sum%% *}"
}

# The bytes that hex digits stand for.
raw() {
  rest=$1
  bytes=''
  while [ -n "$rest" ]; do
    next=${rest#??}
    byte=$((0x${rest%"$next"}))
    bytes="$bytes\\$((byte / 64))$((byte / 8 % 8))$((byte % 8))"
    rest=$next
  done
  # shellcheck disable=SC2059 # the bytes are the format: octal, as POSIX has it
  printf "$bytes"
}

# 1. Nothing in the bundle was changed on its way.
# shellcheck disable=SC2086 # a list of names without spaces
[ "$(sha256sum $files | hash)" = "$(hash <SHA256SUMS)" ] || fail 'SHA256SUMS: a file of the bundle was changed'
ok 'every file is the one SHA256SUMS names'

# 2. The record is one line, and names the page by its SHA-256.
IFS= read -r record <record.json || fail 'record.json is not a whole line'
[ "$(printf '%s\n' "$record" | hash)" = "$(hash <record.json)" ] || fail 'record.json is not one line'
if [ -n "$page" ]; then
  case $record in
    *",\"sha256\":\"$(hash <"$page")\""*) ok "record.json names the bytes of $page" ;;
    *) fail "record.json does not name the bytes of $page" ;;
  esac
fi

# 3. The record is a leaf of the day's Merkle tree (RFC 6962): the path leads from it to the root.
at=$({ printf '\000' && printf '%s\n' "$record"; } | hash)
while read -r side other; do
  case $other in *[!0-9a-f]*) fail 'path.txt holds something else than hashes' ;; esac
  [ ${#other} -eq 64 ] || fail 'path.txt holds something else than hashes'
  case $side in
    left) at=$({ printf '\001' && raw "$other" && raw "$at"; } | hash) ;;
    right) at=$({ printf '\001' && raw "$at" && raw "$other"; } | hash) ;;
    *) fail 'path.txt names a side that is none' ;;
  esac
done <path.txt
before=''
for root in $roots; do
  IFS= read -r header <"$root" || fail "$root has no header"
  if [ -z "$before" ]; then
    case $header in
      *",\"root\":\"$at\"}") ok "the record is under $root" ;;
      *) fail "the record is not under $root" ;;
    esac
  else
    # 4. Where the day has no timestamp of its own, each later root names the one before it.
    case $header in
      *",\"previous\":\"$before\","*) ok "$root names the root before it" ;;
      *) fail "$root does not name the root before it" ;;
    esac
  fi
  before=$(hash <"$root")
  last=$root
done

# 5. An authority signed that the last root was there at a time.
[ -n "$stamps" ] || note 'no authority has timestamped this day yet: nothing here shows when it was there'
for stamp in $stamps; do
  name=${stamp%%:*}
  believed=${trusted:-$name.pem}
  openssl ts -verify -data "$last" -in "$name.tsr" -CAfile "$believed" -untrusted "$name.pem" \
    -attime "${stamp##*:}" >/dev/null 2>&1 || fail "$name.tsr does not vouch for $last"
  [ -n "$trusted" ] || note "believed is the root certificate in $name.pem: compare it with the authority's own"
  openssl ts -reply -in "$name.tsr" -text 2>/dev/null | while IFS= read -r line; do
    case $line in 'Time stamp: '*) ok "$name: it was there at the latest on ${line#Time stamp: }" ;; esac
  done
done

url=${record##*,\"url\":\"}
seen=${record##*\"observed_at\":\"}
ok "recorded: ${url%%\"*} as seen ${seen%%\"*}"
