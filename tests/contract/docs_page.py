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
        look(report, f"{server.url}/docs", "/v1/messages", "/v1/verifications", "Management API")
        look(report, f"{server.url}/docs/mailpass", "/api/v1/otp/send", "Send a code by email.", "EngageLab OTP API")
        look(report, f"{server.url}/docs/airtexts", "/otp/send", "Send an OTP.", "EngageLab OTP API")
        look(report, f"{server.url}/docs/admin", "/admin/v1/apps", "Make an application.", "EngageLab OTP API")
    sink.close()


def look(report: Report, page: str, *texts: str) -> None:
    """The page shows these texts, the first of which says that it is ready."""
    where = page.rpartition("/")[2]
    environment = os.environ | {"PAGE": page, "READY": texts[0], "CHROMIUM": shutil.which("chromium") or ""}
    done = subprocess.run(["node", SCRIPT], env=environment, capture_output=True, text=True)
    with report.case(f"{where}: the browser runs"):
        assert done.returncode == 0, done.stderr
    saw = json.loads(done.stdout or "{}")
    with report.case(f"{where}: operations and the way to the other description are visible"):
        for text in texts:
            assert text in saw["text"], f"{text} is not in {saw['text'][:300]!r}"
    with report.case(f"{where}: 0 requests to anyone else, and some to us"):
        assert saw["outside"] == [], saw["outside"]
        assert saw["inside"] > 0
    with report.case(f"{where}: 0 errors on the page"):
        assert saw["errors"] == [], saw["errors"]
