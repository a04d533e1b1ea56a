"""Every example that the vendors' pages print: requests, curl and fetch run, and answers look as printed."""

import copy
import http.client
import json
import os
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from clocks import MachineClock, advance
from four_apis import APPID, CONFIGURATION, FourApis, bearer
from harness import Report, Server
from printed import differences, filled, request, uncommented
from receiver import Listener
from sink import Sink

Answer = tuple[int, dict]
# curl prints the status behind the body, and goes through no proxy, whatever the environment says.
CURL = 'silent\nshow-error\nnoproxy = "*"\nwrite-out = "\\n%{http_code}"\n'
OTP_LIFE = 600


@dataclass
class Page:
    """What one page prints, in a folder of its own."""

    report: Report
    apis: FourApis
    name: str

    def case(self, name: str):
        return self.report.case(f"{self.name}: {name}")

    def text(self, name: str, own: dict[str, str] | None = None) -> str:
        return filled(f"{self.name}/{name}", own)

    def like(self, answer: Answer, status: int, name: str, own: dict[str, str] | None = None, more=()) -> dict:
        """The body of an answer that must have this status and look as printed."""
        found, body = answer
        odd = differences(body, json.loads(uncommented(self.text(name, own))), frozenset(more))
        assert (found, odd) == (status, []), (found, odd)
        return body

    def post(self, path: str, text: str, headers: dict) -> Answer:
        answer = self.apis.call("POST", path, text, headers)
        return answer.status_code, answer.json()

    def get(self, path: str, headers: dict | None = None) -> Answer:
        answer = self.apis.call("GET", path, headers=headers)
        return answer.status_code, answer.json()

    def curl(self, name: str, own: dict[str, str], mended: Callable[[str], str] = str) -> Answer:
        environment = os.environ | {"CURL_HOME": str(self.apis.server.directory)}
        body, _, status = ran(["bash", "-c", mended(self.text(name, own))], env=environment).rpartition("\n")
        return int(status), json.loads(body)

    def fetch(self, name: str, own: dict[str, str]) -> Answer:
        shown = "\nconsole.log(JSON.stringify([response.status, data]));"
        return tuple(json.loads(ran(["node", "--input-type=module", "-"], input=self.text(name, own) + shown)))


def run(report: Report) -> None:
    comparison(report)
    sink, receiver, clock = Sink(), Listener(), MachineClock()
    try:
        with Server(sink, extra=CONFIGURATION, environment=clock.environment) as server:
            apis = FourApis(server, sink)
            (server.directory / ".curlrc").write_text(CURL)
            for host in ("www", "dev"):
                mailpass(Page(report, apis, f"mailpass/{host}"), f"https://{host}.mailpass.im")
            airtexts(Page(report, apis, "airtexts"))
            optora(Page(report, apis, "optora"), receiver)
            engagelab(Page(report, apis, "engagelab"), clock)
    finally:
        receiver.close()
        sink.close()


def comparison(report: Report) -> None:
    """The negative control: an answer that looks otherwise is told apart."""
    printed = json.loads(uncommented(filled("mailpass/www/status.response.json")))
    good = copy.deepcopy(printed)
    good["data"] |= {"session_id": "0123456789abcdef" * 2, "expires_at": "2030-12-31T23:59:59Z"}
    with report.case("an answer with another id and another time looks as printed"):
        assert differences(good, printed) == []
    for name, other in {
        "attempts": 3,
        "email": "joe@example.com",
        "expires_at": "2030-12-31T23:59:59.000Z",
        "max_attempts": "5",
        "more": None,
        "session_id": 7,
        "status": None,
    }.items():
        with report.case(f"an answer with another {name} does not"):
            assert len(differences(good | {"data": good["data"] | {name: other}}, printed)) == 1
    with report.case("an answer that lacks something does not"):
        assert len(differences({"success": True}, printed)) == 1


def mailpass(page: Page, origin: str) -> None:
    token = page.apis.mailpass.api_key
    key, own = bearer(token), {origin: page.apis.server.url, "YOUR_API_KEY": token}

    def guess(session: str, code: str) -> Answer:
        body = page.text("verify.request.json", {"abc123...": session, "123456": code})
        return page.post("/api/v1/otp/verify", body, key)

    body = page.text("send.request.json")
    with page.case("with its comments a body is no JSON"):
        status, answer = page.post("/api/v1/otp/send", body, key)
        assert (status, answer["error"]["message"]) == (400, "The request body must be valid JSON."), answer
    with page.case("send"):
        sent = page.post("/api/v1/otp/send", uncommented(body), key)
        session = page.like(sent, 200, "send.response.json")["data"]["session_id"]
    with page.case("verify, with the wrong code that is printed"):
        for _ in range(2):
            page.like(guess(session, "123456"), 400, "verify.failed.json")
    with page.case("status"):
        page.like(page.get(f"/api/v1/otp/status/{session}", key), 200, "status.response.json", {"abc123...": session})
    with page.case("resend"):
        again = page.post("/api/v1/otp/resend", page.text("resend.request.json", {"abc123...": session}), key)
        page.like(again, 200, "resend.response.json", {"abc123...": session})
    with page.case("verify"):
        page.like(guess(session, page.apis.code()), 200, "verify.response.json")
    with page.case("curl sends and verifies"):
        session = page.like(page.curl("1-send.sh", own), 200, "send.response.json")["data"]["session_id"]
        verified = page.curl("2-verify.sh", own | {"abc123...": session, "123456": page.apis.code()})
        page.like(verified, 200, "verify.response.json")
    with page.case("fetch sends"):
        session = page.like(page.fetch("send.mjs", own), 200, "send.response.json")["data"]["session_id"]
        page.like(guess(session, page.apis.code()), 200, "verify.response.json")


def airtexts(page: Page) -> None:
    """No answer is printed: the specification's own are compared elsewhere."""
    key = page.apis.airtexts
    headers = {"X-API-Key": key.key, "X-API-Secret": key.secret}
    with page.case("send"):
        method, path, body = request("airtexts/send.http")
        assert (method, json.loads(body)["appid"]) == ("POST", APPID)
        status, sent = page.post(path, body, headers)
        assert (status, sent["success"]) == (200, True), sent
        own = {"otp_67890abcdef12345": sent["verification_id"], "123456": page.apis.code()}
    method, path, body = request("airtexts/verify.http", own)
    with page.case("with its comment a body is no JSON"):
        status, answer = page.post(path, body, headers)
        assert (status, answer["code"]) == (400, "INVALID_JSON"), answer
    with page.case("verify"):
        status, verified = page.post(path, uncommented(body), headers)
        assert (method, status, verified["verified"]) == ("POST", 200, True), verified


def optora(page: Page, receiver: Listener) -> None:
    origin = {"https://your-app.vercel.app": page.apis.server.url}

    def curl(name: str, own: dict[str, str]) -> Answer:
        return page.curl(
            name,
            origin | own,
            lambda script: script.replace(
                " \ -",
                " \
 -",
            ),
        )

    def status(name: str, request_id: str) -> None:
        found = page.get(f"/api/otp/status/{request_id}")
        page.like(found, 200, name, {"b7e3a2f1c4d8e9a0": request_id}, more=("found", "expired"))

    with page.case("generate"):
        sent = page.like(curl("generate.sh", {}), 200, "generate.response.json", more=("success",))
    with page.case("verify, with the wrong code that is printed"):
        page.like(curl("verify.sh", {}), 400, "error.json", {"message": "Invalid OTP"})
    with page.case("verify, and the status then"):
        answered, verified = curl("verify.sh", {"482910": page.apis.code()})
        assert (answered, verified["verified"]) == (200, True), verified
        status("status.response.json", sent["requestId"])
    with page.case("send-link"):
        hook = {"https://your-server.com": receiver.url}
        sent = page.like(curl("send-link.sh", hook), 200, "send-link.response.json", more=("success",))
    with page.case("the webhook, and the status then"):
        assert page.apis.call("GET", page.apis.link()).status_code == 200
        told = json.loads(receiver.told.get(timeout=20))
        page.like((200, told), 200, "webhook.request.json", {"b7e3a2f1...": sent["requestId"]})
        status("status.response.json", sent["requestId"])


def engagelab(page: Page, clock: MachineClock) -> None:
    named, theirs = page.apis.engagelab.authorization, "Authorization: Basic amlndWFuZ2RldjpkZXZfc2VjcmV0"
    line = page.text("authorization.txt", {"${base64_auth_string}": named.removeprefix("Basic ")}).strip()
    head = page.text("verify.http", {theirs: line})

    def verify(message: str, code: str, name: str = "verify.request.json", head: str = head) -> Answer:
        own = {"1725407449772531712": message, "667090": code}
        return raw(page.apis.server.port, head, page.text(name, own))

    message, code = page.apis.engagelab_sent()
    with page.case("verify, with the key that is printed"):
        status, answer = verify(message, code, head=page.text("verify.http"))
        assert (status, answer["code"]) == (401, 2001), answer
    with page.case("verify"):
        own = {"1725407449772531712": message, "667090": code}
        page.like(verify(message, code), 200, "verify.response.json", own)
    with page.case("verify too late"):
        message, code = page.apis.engagelab_sent()
        advance(clock.where, OTP_LIFE)
        page.like(verify(message, code), 400, "verify.failed.json")


def raw(port: int, head: str, body: str) -> Answer:
    """A printed head with the lines that every client adds, and a body, over a socket."""
    lines = [*head.splitlines(), "Host: 127.0.0.1", f"Content-Length: {len(body)}", "Connection: close", "", body]
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall("\r\n".join(lines).encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, json.loads(answer.read())


def ran(command: list[str], **options) -> str:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout
