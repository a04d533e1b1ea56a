"""Clients generated from the committed description, one in TypeScript and one in Python, send and verify."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from harness import OPENAPI, TARGET, Report, Server
from sink import Sink

HERE = Path(__file__).parent
TOOLS = HERE / "node_modules" / ".bin"
TYPESCRIPT = HERE / "typescript"
GENERATED = TYPESCRIPT / "generated"
PYTHON = TARGET / "contract" / "python_client"


def run(report: Report) -> None:
    sink = Sink()
    with Server(sink) as server:
        server.start()
        server.command("app", "create", "contract")
        key = server.key()
        server.until_known(key)
        server.template(key, "otp")
        environment = os.environ | {
            "NO_PROXY": "127.0.0.1",
            "SINK": sink.url,
            "VERIFYD_KEY": key.key,
            "VERIFYD_SECRET": key.secret,
            "VERIFYD_URL": server.url,
        }
        typescript(report, environment)
        python(report, environment)
    sink.close()


def typescript(report: Report, environment: dict) -> None:
    shutil.rmtree(GENERATED, ignore_errors=True)
    GENERATED.mkdir()
    schema = GENERATED / "schema.ts"
    report.command("typescript: generate", TOOLS / "openapi-typescript", OPENAPI, "--output", schema)
    report.command("typescript: types hold", TOOLS / "tsc", "--project", TYPESCRIPT)
    smoke(report, "typescript", ["node", GENERATED / "out" / "smoke.js"], environment)


def python(report: Report, environment: dict) -> None:
    tool = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--path", OPENAPI]
    options = ["--output-path", PYTHON, "--overwrite", "--meta", "none", "--fail-on-warning"]
    report.command("python: generate", *tool, *options)
    smoke(
        report, "python", [sys.executable, HERE / "python_smoke.py"], environment | {"PYTHONPATH": str(PYTHON.parent)}
    )


def smoke(report: Report, language: str, command: list, environment: dict) -> None:
    """Each client prints, as one JSON object, what it saw; both must have seen the same."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    with report.case(f"{language}: runs"):
        assert done.returncode == 0, done.stderr
    if done.returncode:
        return
    saw = json.loads(done.stdout)
    for name, expected in EXPECTED.items():
        with report.case(f"{language}: {name}"):
            assert saw.get(name) == expected, f"{saw.get(name)!r}, not {expected!r}"


EXPECTED = {
    "send": "sms",
    "wrong code": False,
    "right code": True,
    "again": [400, 3003],
    "malformed number": [400, 5011],
    "unknown template": [400, 4001],
    "templates": ["otp"],
    "wrong secret": [401, 2001],
}
