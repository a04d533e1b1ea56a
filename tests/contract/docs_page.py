"""The documentation page in a real browser: it shows the operations, and asks nobody but us."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from harness import Report, Server
from sink import Sink

SCRIPT = Path(__file__).with_name("docs.mjs")


def run(report: Report) -> None:
    sink = Sink()
    with Server(sink) as server:
        server.start()
        environment = os.environ | {"PAGE": f"{server.url}/docs", "CHROMIUM": shutil.which("chromium") or ""}
        done = subprocess.run(["node", SCRIPT], env=environment, capture_output=True, text=True)
        with report.case("the browser runs"):
            assert done.returncode == 0, done.stderr
        saw = json.loads(done.stdout or "{}")
        with report.case("operations are visible"):
            for text in ("/v1/messages", "/v1/verifications"):
                assert text in saw["text"], f"{text} is not in {saw['text'][:300]!r}"
        with report.case("0 requests to anyone else, and some to us"):
            assert saw["outside"] == [], saw["outside"]
            assert saw["inside"] > 0
        with report.case("0 errors on the page"):
            assert saw["errors"] == [], saw["errors"]
    sink.close()
