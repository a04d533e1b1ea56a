"""The same for the other APIs that are spoken: a suite for each, by the name of its description."""

from fuzz import fuzz
from harness import ROOT, Report, Server
from receiver import Listener
from sink import Sink

LEAST_CASES = 1_000
# Thousands of requests come from one key and one address; limits that hold for one code or one session stay.
NO_LIMITS = """
[limits]
accept_risk = true
guesses_per_day = 0
guesses_per_month = 0
guesses_since_success = 0
sends_per_day = 0
"""
CONFIGURATIONS = {
    "mailpass": """
[mailpass]
default_ttl = "1h"
rate_per_minute = 0
pace.per_hour = 0
""",
    "airtexts": """
[airtexts]
ttl = "24h"
resend_interval = "0s"
rate_per_minute = 1000000
recipient_per_hour = 0

[airtexts.templates.7]
en = "{from}: your code is {code}."
""",
    "optora": """
[optora]
enabled = true
app = "contract"
base_url = "https://links.invalid"
link = "button"
validity_minutes = 10
max_requests = 1000000
webhook_allow_private = true
""",
}
# Optora's has no keys.
KEYS = {"mailpass": [], "airtexts": ["--appid", "*"]}
# Its contract answers 404, and not 405, to methods that a path does not know; a check of ours sees to that.
EXCLUDED = {"optora": ["--exclude-checks=unsupported_method"]}


def run(report: Report) -> None:
    dialect = report.suite
    sink, receiver = Sink(), Listener()
    with Server(sink, extra=NO_LIMITS + CONFIGURATIONS[dialect]) as server:
        server.command("app", "create", "contract")
        key = {}
        if dialect in KEYS:
            key = server.command("key", "create", "--app", "contract", "--dialect", dialect, *KEYS[dialect])
        server.start()
        environment = {
            "VERIFYD_BEARER": key.get("api_key", ""),
            "VERIFYD_DIALECT": dialect,
            "VERIFYD_KEY": key.get("dev_key", ""),
            "VERIFYD_RECEIVER": receiver.url,
            "VERIFYD_SECRET": key.get("dev_secret", ""),
            "VERIFYD_SINK": sink.url,
        }
        files = ("schemathesis_dialects.toml", "fuzz_dialect_hooks.py")
        description = ROOT / "openapi" / f"{dialect}.json"
        fuzz(report, server, description, *files, environment, *EXCLUDED.get(dialect, []), least=LEAST_CASES)
    receiver.close()
    sink.close()
