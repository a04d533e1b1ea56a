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
        environment = os.environ | {
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": str(HERE),
            "VERIFYD_KEY": key.key,
            "VERIFYD_MESSAGE": sent["message_id"],
            "VERIFYD_OPENAPI": str(OPENAPI),
            "VERIFYD_SECRET": key.secret,
            "VERIFYD_TEMPLATE": "otp",
        }
        for name in ("schemathesis.toml", "fuzz_hooks.py"):
            shutil.copy(HERE / name, server.directory)
        tool = [Path(sys.executable).with_name("st"), "--no-color", "run", OPENAPI]
        options = ["--url", server.url, "--checks", "all"]
        output = report.command("0 failures", *tool, *options, cwd=server.directory, env=environment)
        print("\n".join(output.splitlines()[-25:]))
        with report.case(f"at least {LEAST_CASES} cases"):
            cases = int(re.search(r"([\d,]+) generated", output)[1].replace(",", ""))
            assert cases >= LEAST_CASES, f"{cases} cases"
        with DIRECT.open(f"{server.url}/metrics") as metrics:
            successes = re.findall(r'_requests_total\{operation="(\w+)",status="200"\} (\d+)', metrics.read().decode())
        print("answered with 200:", ", ".join(f"{operation} {count}" for operation, count in sorted(successes)))
        with report.case("every operation also succeeded"):
            wanted = {
                operation["operationId"]
                for item in json.loads(OPENAPI.read_text())["paths"].values()
                for operation in item.values()
            }
            assert wanted <= dict(successes).keys(), wanted - dict(successes).keys()
    sink.close()
