#!/bin/sh
# Installs what the provider tests talk to, beside Debian's postfix: aiosmtpd, into target/peers-venv. Safe to run again.
set -eu
cd "$(dirname "$0")/../.."

venv=target/peers-venv
if ! cmp -s tests/peers/requirements.txt "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r tests/peers/requirements.txt
    cp tests/peers/requirements.txt "$venv/requirements.txt"
fi
