#!/bin/sh
# Installs what the provider tests talk to, beside Debian's postfix, kannel and libnet-smpp-perl: aiosmtpd, a verifier of
# DKIM and Twilio's library, into target/peers-venv, and npm's smpp, beside this file, with the Node of
# tests/setup/tools.sh. Safe to run again.
set -eu
cd "$(dirname "$0")/../.."

venv=target/peers-venv
if ! cmp -s tests/peers/requirements.txt "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r tests/peers/requirements.txt
    cp tests/peers/requirements.txt "$venv/requirements.txt"
fi

modules=tests/peers/node_modules
lock=tests/peers/package-lock.json
if ! cmp -s "$lock" "$modules/installed.json"; then
    node="$PWD/target/contract/venv/bin"
    (cd tests/peers && PATH="$node:$PATH" "$node/npm" ci --silent)
    cp "$lock" "$modules/installed.json"
fi
