#!/usr/bin/env python3
"""Fails when a crate we link has a licence outside the list in deny.toml. Needs no network and nothing but cargo."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def allows(expression: str, allowed: set[str]) -> bool:
    """Whether an SPDX expression can be met: `OR` by one side, `AND` by both, `WITH` by the whole phrase."""
    words = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    terms = []
    for word in words:
        if word == "WITH":
            terms.append(terms.pop() + " WITH")
        elif terms and terms[-1].endswith(" WITH"):
            terms.append(f"{terms.pop()} {word}")
        else:
            terms.append(word)
    python = [{"OR": "or", "AND": "and", "(": "(", ")": ")"}.get(term, str(term in allowed)) for term in terms]
    return bool(eval(" ".join(python), {"__builtins__": {}}))  # only True, False, and, or and brackets


def main() -> int:
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    allowed = set(rules["licenses"]["allow"])
    banned = {ban["crate"] for ban in rules["bans"]["deny"]}
    command = [
        "cargo",
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        "x86_64-unknown-linux-gnu",
    ]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    excepted = {rule["crate"]: set(rule["allow"]) for rule in rules["licenses"]["exceptions"]}
    linked = {node["id"] for node in metadata["resolve"]["nodes"]}
    bad = []
    for package in metadata["packages"]:
        if package["id"] not in linked:
            continue
        if not allows(package["license"] or "none", allowed | excepted.get(package["name"], set())):
            bad.append(f"{package['name']} {package['version']}: licence {package['license']}")
        if package["name"] in banned:
            bad.append(f"{package['name']} {package['version']}: banned")
    for line in bad:
        print(line, file=sys.stderr)
    print(f"licences: {len(linked)} crates, {len(bad)} refused")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
