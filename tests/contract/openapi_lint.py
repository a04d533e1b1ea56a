"""The committed API descriptions, under two linters of other makes; and the served one is the committed one."""

import json
import os
from pathlib import Path

from harness import OPENAPI, ROOT, Report, Server
from sink import Sink

HERE = Path(__file__).parent
TOOLS = HERE / "node_modules" / ".bin"
QUIET = os.environ | {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def run(report: Report) -> None:
    descriptions = sorted((ROOT / "openapi").glob("*.json"))
    with report.case("there is a description"):
        assert OPENAPI in descriptions
    for file in descriptions:
        redocly = [TOOLS / "redocly", "lint", file, "--config", HERE / "redocly.yaml"]
        report.command(f"redocly: {file.name}", *redocly, env=QUIET)
        spectral = [TOOLS / "spectral", "lint", file, "--ruleset", HERE / "spectral.yaml", "--fail-severity", "error"]
        report.command(f"spectral: {file.name}", *spectral, env=QUIET)
    with report.case("eight operations, each with an id, basic auth and string ids"):
        operations_are_whole(json.loads(OPENAPI.read_text()))
    sink = Sink()
    with Server(sink, extra="[optora]\nenabled = true") as server:
        server.start()
        for file in descriptions:
            with report.case(f"the served {file.name} is the committed one"):
                status, served = server.call(None, "GET", f"/openapi/{file.name}")
                assert status == 200, status
                committed = json.loads(file.read_text())
                served.pop("servers", None), committed.pop("servers", None)
                assert served == committed
    sink.close()


def operations_are_whole(description: dict) -> None:
    methods = {"get", "post", "put", "delete", "patch"}
    operations = [
        (path, method, operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if method in methods
    ]
    assert len(operations) == 8, [operation[:2] for operation in operations]
    for path, method, operation in operations:
        where = f"{method} {path}"
        assert path.startswith("/v1/"), where
        assert operation.get("operationId"), where
        assert operation.get("security", description.get("security")), where
        assert {"200", "400", "401", "403", "500"} <= set(operation["responses"]), where
