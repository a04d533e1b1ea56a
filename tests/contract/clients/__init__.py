"""Clients that generators of other makes write from the committed descriptions: four APIs, each in four languages.

One server speaks all four. A program for each language and API sends, reads the code where the message arrived, sends a
wrong one and the right one back, and prints what it saw as one JSON object; every language must see the same.
"""

import json
import os
import subprocess

from harness import Key, Report, Server, phone
from sink import Sink

from .expected import EXPECTED
from .languages import LANGUAGES, generate

PROGRAM_SECONDS = 60
CONFIGURATION = """
[mailpass]
rate_per_minute = 0

[airtexts]
resend_interval = "0s"

[optora]
enabled = true
base_url = "https://links.invalid"
max_requests = 100
"""


def run(report: Report) -> None:
    generate(report)
    programs = {language: build(report) for language, build in LANGUAGES.items()}
    sink = Sink()
    with Server(sink, extra=CONFIGURATION) as server:
        server.start()
        server.command("app", "create", "contract")
        shared = os.environ | {"NO_PROXY": "127.0.0.1", "SINK": sink.url, "VERIFYD_URL": server.url}
        keys = credentials(server)
        for language, program in programs.items():
            for dialect in EXPECTED:
                told = {"RECIPIENT": phone() if dialect in ("engagelab", "airtexts") else f"{language}@example.com"}
                visit(report, f"{language}, {dialect}", [*program, dialect], shared | keys[dialect] | told)
    sink.close()


def credentials(server: Server) -> dict[str, dict[str, str]]:
    """What a program of each API is told of its key; Optora has none. EngageLab's comes last: when the server knows it,
    it knows them all."""

    def made(dialect: str, *options: str) -> dict[str, str]:
        return server.command("key", "create", "--app", "contract", "--dialect", dialect, *options)

    mailpass, airtexts = made("mailpass"), made("airtexts", "--appid", "contract")
    engagelab = Key(made("engagelab"))
    server.until_known(engagelab)
    server.template(engagelab, "otp")
    return {
        "engagelab": {"VERIFYD_KEY": engagelab.key, "VERIFYD_SECRET": engagelab.secret},
        "mailpass": {"VERIFYD_KEY": mailpass["api_key"]},
        "airtexts": {"VERIFYD_KEY": airtexts["api_key"], "VERIFYD_SECRET": airtexts["api_secret"]},
        "optora": {},
    }


def visit(report: Report, name: str, command: list, environment: dict[str, str]) -> None:
    """Runs one program and compares what it saw with what must be seen."""
    saw = None
    with report.case(f"{name}: runs"):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PROGRAM_SECONDS)
        assert done.returncode == 0, done.stderr
        saw = json.loads(done.stdout)
    if saw is None:
        return
    wanted = EXPECTED[command[-1]]
    for what in wanted | saw:
        with report.case(f"{name}: {what}"):
            assert saw.get(what) == wanted.get(what), f"{saw.get(what)!r}, not {wanted.get(what)!r}"
