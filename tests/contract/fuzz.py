"""schemathesis: thousands of right and wrong requests derived from the committed description, every check on."""

import json
import os
import re
import shutil
import sys
from pathlib import Path

from harness import DIRECT, OPENAPI, Report, Server, phone
from sink import Sink

HERE = Path(__file__).parent
LEAST_CASES = 2_000


def run(report: Report) -> None:
    sink = Sink()
    with Server(sink) as server:
        server.start()
        server.command("app", "create", "contract")
        key = server.key()
        server.until_known(key)
        server.template(key, "otp")
        body = {"to": phone(8), "template": {"id": "otp"}}
        _, sent = server.call(key, "POST", "/v1/messages", body)
        environment = {
            "VERIFYD_KEY": key.key,
            "VERIFYD_MESSAGE": sent["message_id"],
            "VERIFYD_SECRET": key.secret,
            "VERIFYD_TEMPLATE": "otp",
        }
        fuzz(report, server, OPENAPI, "schemathesis.toml", "fuzz_hooks.py", environment)
    sink.close()


def fuzz(
    report: Report,
    server: Server,
    description: Path,
    settings: str,
    hooks: str,
    environment: dict,
    *more: str,
    least: int = LEAST_CASES,
) -> None:
    """Every operation of a description, with settings and hooks of its own; `environment` is for both, `more` are
    options of the tool, and there must be `least` cases."""
    ours = {"NO_PROXY": "127.0.0.1", "PYTHONPATH": str(HERE), "VERIFYD_OPENAPI": str(description)}
    environment = os.environ | ours | environment
    shutil.copy(HERE / settings, server.directory / "schemathesis.toml")
    shutil.copy(HERE / hooks, server.directory)
    tool = [Path(sys.executable).with_name("st"), "--no-color", "run", description]
    options = ["--url", server.url, "--checks", "all", *more]
    output = report.command("0 failures", *tool, *options, cwd=server.directory, env=environment)
    print("\n".join(output.splitlines()[-25:]))
    with report.case(f"at least {least} cases"):
        cases = int(re.search(r"([\d,]+) generated", output)[1].replace(",", ""))
        assert cases >= least, f"{cases} cases"
    with DIRECT.open(f"{server.url}/metrics") as metrics:
        successes = re.findall(r'_requests_total\{operation="(\w+)",status="2\d\d"} (\d+)', metrics.read().decode())
    print("succeeded:", ", ".join(f"{operation} {count}" for operation, count in sorted(successes)))
    with report.case("every operation also succeeded"):
        items = json.loads(description.read_text())["paths"].values()
        wanted = {operation["operationId"] for item in items for operation in item.values()}
        assert wanted <= dict(successes).keys(), wanted - dict(successes).keys()
