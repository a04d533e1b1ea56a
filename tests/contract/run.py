#!/usr/bin/env python3
"""Runs the contract suites: all of them, or those named on the command line. Exit code 1 when a case failed."""

import importlib
import os
import shutil
import sys
import time
from pathlib import Path

from harness import BINARY, RUNS, Report

SUITES = {
    "sdk": "sdk_python",
    "conformance": "conformance",
    "samples": "samples",
    "ancestor": "ancestor",
    "callbacks": "callbacks",
    "lint": "openapi_lint",
    "clients": "clients",
    "docs": "docs_page",
    "playground": "playground",
    "canary": "canary",
    "traces": "traces",
    "schemathesis": "fuzz",
    "admin": "fuzz_admin",
    "mailpass": "fuzz_dialects",
    "airtexts": "fuzz_dialects",
    "optora": "fuzz_dialects",
}


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(SUITES)
    if unknown:
        print(f"no such suite: {', '.join(sorted(unknown))}; there are {', '.join(SUITES)}")
        return 2
    if not BINARY.exists():
        print(f"there is no {BINARY}: `cargo build` first, or name another in VERIFYD")
        return 2
    shutil.rmtree(RUNS, ignore_errors=True)
    # Node and the Python tools live beside the interpreter that runs this.
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    summaries, failed = [], 0
    for suite in wanted or SUITES:
        report, start = Report(suite), time.monotonic()
        with report.case("the suite runs to its end"):
            importlib.import_module(SUITES[suite]).run(report)
        summaries.append(f"{report.summary()} in {time.monotonic() - start:.0f} s")
        print(summaries[-1], flush=True)
        failed += report.failed
    print("\n" + "\n".join(summaries))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
