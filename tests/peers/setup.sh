#!/bin/sh
# Installs what the provider tests talk to, beside Debian's postfix, kannel and libnet-smpp-perl: aiosmtpd, a verifier of
# DKIM and Twilio's library, into target/peers-venv, the gateway Jasmin, which wants older libraries than they do, into
# target/jasmin-venv, and npm's smpp, beside this file, with the Node of tests/setup/tools.sh. Safe to run again.
set -eu
cd "$(dirname "$0")/../.."

# venv NAME LIST
venv() {
    if cmp -s "$2" "target/$1/requirements.txt"; then return; fi
    rm -rf "target/$1"
    python3 -m venv "target/$1"
    "target/$1/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$2"
    cp "$2" "target/$1/requirements.txt"
}
venv peers-venv tests/peers/requirements.txt
venv jasmin-venv tests/peers/jasmin_requirements.txt

modules=tests/peers/node_modules
lock=tests/peers/package-lock.json
if ! cmp -s "$lock" "$modules/installed.json"; then
    node="$PWD/target/contract/venv/bin"
    (cd tests/peers && PATH="$node:$PATH" "$node/npm" ci --silent)
    cp "$lock" "$modules/installed.json"
fi
