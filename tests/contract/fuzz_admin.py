"""The same for the management API."""

from fuzz import fuzz
from harness import ROOT, Report, Server, phone
from receiver import LOCAL, Listener
from sink import Sink

ADMIN = ROOT / "openapi" / "admin.json"


def run(report: Report) -> None:
    sink, receiver = Sink(), Listener()
    with Server(sink, extra=LOCAL) as server:
        token = server.command("admin-token", "create", "--name", "contract")["token"]
        app = server.command("app", "create", "contract")
        key = server.key()
        server.start()
        server.template(key, "otp")
        _, sent = server.call(key, "POST", "/v1/messages", {"to": phone(8), "template": {"id": "otp"}})
        callback = server.command("callback", "create", "--app", "contract", receiver.url)
        environment = {
            "VERIFYD_APP": app["id"],
            "VERIFYD_CALLBACK": callback["id"],
            "VERIFYD_KEY": key.key,
            "VERIFYD_MESSAGE": sent["message_id"],
            "VERIFYD_RECEIVER": receiver.url,
            "VERIFYD_TEMPLATE": "otp",
            "VERIFYD_TOKEN": token,
        }
        # This check takes every path below an application for a part of what made it: a new one has no template `otp`.
        but = "--exclude-checks=ensure_resource_availability"
        fuzz(report, server, ADMIN, "schemathesis_admin.toml", "fuzz_admin_hooks.py", environment, but)
    receiver.close()
    sink.close()
