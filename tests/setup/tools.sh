#!/bin/bash
# Installs the pinned Python tools (Node among them) into target/contract/venv and the pinned npm tools beside the tests.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv=target/contract/venv
wanted=tests/contract/requirements.txt
if ! cmp -s "$wanted" "$venv/installed.txt"; then
  echo "setup: Python tools" >&2
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
  cp "$wanted" "$venv/installed.txt"
fi

modules=tests/contract/node_modules
lock=tests/contract/package-lock.json
if ! cmp -s "$lock" "$modules/installed.json"; then
  echo "setup: npm tools" >&2
  (cd tests/contract && PATH="$OLDPWD/$venv/bin:$PATH" npm ci --silent)
  cp "$lock" "$modules/installed.json"
fi
