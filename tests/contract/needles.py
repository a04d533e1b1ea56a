"""Looks for many short secrets in much data, in all the spellings that a program might give them."""

import base64
import subprocess
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote


def forms(secrets: Iterable[str]) -> list[bytes]:
    """Each secret as it is, in hexadecimal (both cases), for a URL, and in base64 (both alphabets) at any alignment."""
    found = set()
    for secret in secrets:
        raw = secret.encode()
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode(), quote(secret, safe="").encode()}
        for lead in range(3):
            encoded = base64.b64encode(b"\0" * lead + raw)
            # Only the characters that depend on the secret alone, wherever it stands.
            bits = 8 * (lead + len(raw))
            inner = encoded[-(-8 * lead // 6) : bits // 6]
            found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    return sorted(found)


def hits(directory: Path, wanted: list[bytes], content: bytes) -> set[bytes]:
    """Those of `wanted` that occur in `content`; files for grep go to `directory`."""
    needles, haystack = directory / "needles", directory / "haystack"
    needles.write_bytes(b"\n".join(wanted) + b"\n")
    haystack.write_bytes(content)
    command = ["grep", "--text", "--only-matching", "--fixed-strings", f"--file={needles}", haystack]
    done = subprocess.run(command, capture_output=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    if done.returncode > 1:
        raise RuntimeError(done.stderr.decode())
    return set(done.stdout.splitlines())
