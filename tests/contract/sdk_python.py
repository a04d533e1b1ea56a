"""The official Python SDK, unmodified, against us.

Over http by its class attribute, on SQLite; and over TLS under its own host name by nothing but environment variables,
on PostgreSQL. The cases are in sdk_cases.py, which runs as a child.
"""

import json
import subprocess
import sys
from pathlib import Path

from clocks import DatabaseClock, MachineClock, in_minutes
from harness import Report, Server
from pki import ConnectProxy, write_certificates
from sink import Sink

HOST = "otp.api.engagelab.cc"
BLOCKED = "+6588880000"
TLS = """
[http.tls]
certificate = "{certificate}"
key = "{key}"
"""


def run(report: Report) -> None:
    for way in (over_http, over_tls):
        sink = Sink()
        try:
            way(report, sink)
        finally:
            sink.close()


def over_http(report: Report, sink: Sink) -> None:
    clock = MachineClock()
    with Server(sink, "sqlite", environment=clock.environment) as server:
        fixture = prepare(server, sink, clock.where, block=0)
        gone = {"sqlite": str(server.data / "verifyd.db")}
        cases(report, server, fixture | {"name": "http", "base_url": server.url + "/v1", "gone": gone}, {})


def over_tls(report: Report, sink: Sink) -> None:
    with Server(sink, "postgres") as server:
        clock = DatabaseClock(server.postgres)
        ca, certificate, key = write_certificates(server.directory, HOST)
        fixture = prepare(server, sink, clock.where, block=1)  # before TLS is on: its own requests know no CA
        server.stop()
        server.url = ""
        server.config.write_text(server.config.read_text() + TLS.format(certificate=certificate, key=key))
        server.start()
        proxy = ConnectProxy(HOST, server.port)
        try:
            environment = {"HTTPS_PROXY": proxy.url, "NO_PROXY": "127.0.0.1", "SSL_CERT_FILE": str(ca)}
            gone = {"postgres": server.postgres.name}
            cases(report, server, fixture | {"name": "tls", "base_url": None, "gone": gone}, environment)
            with report.case("tls: every request went through the proxy"):
                assert proxy.tunnels > 20, proxy.tunnels
        finally:
            proxy.close()


def prepare(server: Server, sink: Sink, clock: dict, block: int) -> dict:
    """Applications, keys and templates; the server runs afterwards. What the child needs to know of them."""
    server.start()
    server.command("app", "create", "contract")
    server.command("app", "create", "neighbour")
    keys = {
        "full": server.key(),
        "send_only": server.key(permissions="send"),
        "verify_only": server.key(permissions="verify"),
        "elsewhere": server.key("--allow-ip", "192.0.2.0/24"),
        "neighbour": server.key(app="neighbour"),
        "expiring": server.key("--expires-at", in_minutes(60)),
        "disabled": server.key(),
    }
    server.command("key", "disable", keys["disabled"].key)
    server.command("recipient", "block", BLOCKED)
    server.until_known(server.key())  # made last: the server reads all it knows of keys and blocks at once
    server.template(keys["full"], "otp")
    server.template(keys["full"], "short", verify_code_config=code_config(1))
    server.template(keys["full"], "voice", send_channel_strategy="voice", voice_config=DEFAULT_TEXT)
    server.template(keys["full"], "mail", send_channel_strategy="email", email_config=MAIL)
    notice = {"custom_sub_type": "utility", "custom_content": "Dear {{name}}, it is ready"}
    server.template(
        keys["full"], "notice", verify_code_config=None, sms_config=CUSTOM | {"template_custom_config": notice}
    )
    return {
        "keys": {name: [key.key, key.secret] for name, key in keys.items()},
        "sink": sink.url,
        "clock": clock,
        "blocked": BLOCKED,
        "block": block,
    }


def cases(report: Report, server: Server, fixture: dict, environment: dict) -> None:
    """Runs sdk_cases.py with the SDK's environment in `environment`."""
    file = server.directory / "fixture.json"
    file.write_text(json.dumps(fixture))
    child = subprocess.run(
        [sys.executable, Path(__file__).with_name("sdk_cases.py"), file],
        env=server.environment | environment | {"LD_PRELOAD": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    report.children(child.stdout)
    report.add(f"{fixture['name']}: all cases ran", None if child.returncode == 0 else f"exit {child.returncode}")


def code_config(minutes: int) -> dict:
    return {"verify_code_type": 1, "verify_code_len": 6, "verify_code_ttl": minutes}


CUSTOM = {"template_type": 2}
DEFAULT_TEXT = {"template_type": 1, "template_default_config": {"contain_security": False, "contain_expire": False}}
MAIL = {
    "template_name": "mail",
    "template_custom_configs": [
        {
            "language": "default",
            "pre_from_mail": "noreply@example.com",
            "pre_subject": "Your code",
            "template_content": "<p>Hi {{name}}: &lt;{{code}}&gt;</p>",
        }
    ],
}
