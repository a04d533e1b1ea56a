"""Verifies a signed mail on standard input as its receiver would: `dkim_verify.py NAME RECORD`.

The DNS holds one record: the TXT `RECORD` of `NAME`. Prints `good` or `bad`.
"""

import sys

import dkim

name, record = sys.argv[1], sys.argv[2].encode()


def txt(asked, timeout=5):
    return record if asked.rstrip(b".").decode() == name else None


print("good" if dkim.verify(sys.stdin.buffer.read(), dnsfunc=txt) else "bad")
