"""Optora's page and the pages of its links in a real browser, against a server whose mails go to the sink."""

import json
import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from harness import DIRECT, RUNS, Report, Server
from sink import Sink

SCRIPT = Path(__file__).with_name("playground.mjs")
EMAIL = "reader@example.com"
CONFIGURATION = """
[optora]
enabled = true
base_url = "https://links.invalid"
link = "{mode}"
"""


def run(report: Report) -> None:
    shots = RUNS / "playground"
    shots.mkdir(parents=True, exist_ok=True)
    tester(report, shots)
    for mode in ("get", "button", "auto"):
        links(report, shots, mode)


def tester(report: Report, shots: Path) -> None:
    """Every tab of the page. The browser learns the code from us, as a reader would from the mail."""
    sink = Sink()
    with Server(sink, extra=CONFIGURATION.format(mode="get")) as server:
        server.start()
        mail = f"{sink.url}/message/newest"
        saw = browse(report, "tester", JOB="tester", PAGE=f"{server.url}/optora", EMAIL=EMAIL, SHOTS=shots, MAIL=mail)
        check(report, "the page", saw)
        report.children(saw.get("cases", ""))
    sink.close()


def links(report: Report, shots: Path, mode: str) -> None:
    sink = Sink()
    with Server(sink, extra=CONFIGURATION.format(mode=mode)) as server:
        server.start()
        request = urllib.request.Request(
            f"{server.url}/api/otp/send-link",
            data=json.dumps({"email": EMAIL}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with DIRECT.open(request, timeout=30) as answer:
            request_id = json.loads(answer.read())["requestId"]
        link = re.search(r"https://links\.invalid(/api/otp/verify-link\?token=[\w-]{43})", sink.newest()["text"])[1]
        status = f"{server.url}/api/otp/status/{request_id}"
        saw = browse(report, mode, JOB=mode, PAGE=server.url + link, STATUS=status, SHOTS=shots)
        check(report, f"the link, {mode}", saw)
        report.children(saw.get("cases", ""))
    sink.close()


def browse(report: Report, name: str, **job: object) -> dict:
    """What the browser saw; its cases are lines."""
    environment = os.environ | {key: str(value) for key, value in job.items()}
    environment["CHROMIUM"] = shutil.which("chromium") or ""
    done = subprocess.run(["node", SCRIPT], env=environment, capture_output=True, text=True)
    with report.case(f"{name}: the browser runs"):
        assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "{}")


def check(report: Report, name: str, saw: dict) -> None:
    with report.case(f"{name}: 0 requests to anyone else, and some to us"):
        assert saw["outside"] == [], saw["outside"]
        assert saw["inside"] > 0
    with report.case(f"{name}: 0 errors, and nothing that its policy forbids"):
        assert saw["errors"] == [], saw["errors"]
