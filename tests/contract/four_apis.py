"""A server that serves all four APIs, keys for those that have some, and a client that shows answers as they are."""

import json
import re

import requests
from harness import Server, code_in, phone
from sink import Sink

APPID = "your_app_id"
LINKS = "https://links.invalid"
CONFIGURATION = f"""
[airtexts]
resend_interval = "0s"

[optora]
enabled = true
base_url = "{LINKS}"
allow = ["127.0.0.0/8", "192.0.2.0/24"]
webhook_allow_private = true
"""


class FourApis:
    """Starts the server, which must not run yet: so it knows the keys at once."""

    def __init__(self, server: Server, sink: Sink):
        self.server, self.sink = server, sink
        for app in ("contract", "default"):  # the second one is Optora's, which has no keys
            server.command("app", "create", app)
        self.engagelab = server.key()
        self.mailpass, self.untouched = (server.key("--dialect", "mailpass", permissions="otp") for _ in range(2))
        self.airtexts = server.key("--dialect", "airtexts", "--appid", APPID, permissions="otp")
        server.start()
        server.template(self.engagelab, "otp")
        self.http = requests.Session()
        self.http.trust_env = False  # no proxy stands between us and this machine

    def call(
        self, method: str, path: str, body: dict | str | None = None, headers: dict | None = None
    ) -> requests.Response:
        """One request; a text is sent as it is, also when it is no JSON."""
        content = json.dumps(body) if isinstance(body, dict) else body
        kind = {} if content is None else {"Content-Type": "application/json"}
        return self.http.request(
            method, self.server.url + path, data=content, headers=kind | (headers or {}), timeout=30
        )

    def engagelab_sent(self) -> tuple[str, str]:
        """Id and code of a message to a number of its own."""
        body = {"to": phone(3), "template": {"id": "otp"}}
        sent = self.call("POST", "/v1/messages", body, {"Authorization": self.engagelab.authorization})
        assert sent.status_code == 200, sent.text
        message = sent.json()["message_id"]
        return message, code_in(self.sink.message(message)["text"])

    def code(self) -> str:
        """The six digits of the newest delivery; the other APIs answer when it was taken."""
        return re.search(r"(?<!\d)\d{6}(?!\d)", self.sink.newest()["text"])[0]

    def link(self) -> str:
        """Path and query of the newest mail's link."""
        return re.search(LINKS + r"(/api/otp/verify-link\?token=[\w-]{43})", self.sink.newest()["text"])[1]


def bearer(token: str) -> dict:
    return {"Authorization": f"Bearer {token}"}


def other_than(code: str) -> str:
    return "000000" if code != "000000" else "000001"
