#!/bin/sh
# Installs what the provider tests talk to: aiosmtpd into target/peers-venv, postfix from Debian. Safe to run again.
set -eu
cd "$(dirname "$0")/../.."

venv=target/peers-venv
if ! cmp -s tests/peers/requirements.txt "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r tests/peers/requirements.txt
    cp tests/peers/requirements.txt "$venv/requirements.txt"
fi

if ! [ -x /usr/sbin/postfix ]; then
    # "No configuration": the package must not start a mail server of its own on port 25.
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends postfix
fi
