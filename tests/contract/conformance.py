"""The shortest conformance checks of the four APIs, line by line, all on one port of the built binary: on SQLite and on
PostgreSQL."""

import base64
import itertools
import json
import re
import secrets
import threading
import time
from dataclasses import dataclass

import requests
from clocks import DatabaseClock, MachineClock, advance
from four_apis import APPID, CONFIGURATION, FourApis, bearer, other_than
from harness import Report, Server
from printed import request, uncommented
from receiver import Listener
from sink import Sink

HTML = "text/html; charset=utf-8"
CLOCK_SECONDS = 30
# Optora's limiter counts by client: lines of the list come from clients of their own, through a proxy.
PROXY = {"VERIFYD__HTTP__TRUSTED_PROXIES": '["127.0.0.1"]'}


@dataclass
class Story:
    """One server on one database."""

    report: Report
    database: str
    apis: FourApis
    clock: dict
    receiver: Listener

    def case(self, name: str):
        return self.report.case(f"{self.database}: {name}")


def run(report: Report) -> None:
    for database in ("sqlite", "postgres"):
        sink, receiver = Sink(), Listener()
        clock = MachineClock() if database == "sqlite" else None
        environment = PROXY | (clock.environment if clock else {})
        try:
            with Server(sink, database, CONFIGURATION, environment) as server:
                where = (clock or DatabaseClock(server.postgres)).where
                story = Story(report, database, FourApis(server, sink), where, receiver)
                for part in (mailpass, airtexts, optora, engagelab, one_port):
                    part(story)
        finally:
            receiver.close()
            sink.close()


def mailpass(story: Story) -> None:
    apis = story.apis
    key = bearer(apis.mailpass.api_key)

    def call(path: str, **body: object) -> requests.Response:
        return apis.call("POST", f"/api/v1/otp/{path}", body, key)

    def status(session: str) -> dict:
        return apis.call("GET", f"/api/v1/otp/status/{session}", headers=key).json()["data"]

    def refused(answer: requests.Response, code: int, word: str) -> None:
        body = answer.json()
        assert (answer.status_code, set(body), body["success"]) == (code, {"success", "error"}, False), answer.text
        assert (set(body["error"]), body["error"]["code"]) == ({"code", "message"}, word), answer.text

    with story.case("MailPass: send, 200 with three data keys"):
        sent = call("send", email="jane@example.com")
        first = sent.json()["data"]
        assert (sent.status_code, set(first)) == (200, {"session_id", "email", "expires_at"}), sent.text
        session, code = first["session_id"], apis.code()
    with story.case("MailPass: verify 000000 five times, INVALID_CODE and status expired, attempts 5"):
        for _ in range(5):
            refused(call("verify", session_id=session, code=other_than(code)), 400, "INVALID_CODE")
        now = status(session)
        assert (now["status"], now["attempts"]) == ("expired", 5), now
    with story.case("MailPass: resend, the same id and a later expires_at"):
        alive = call("send", email="joe@example.com", expires_in=60).json()["data"]["session_id"]
        minute_passes(story, lambda: status(alive)["status"] == "expired")
        again = call("resend", session_id=session).json()["data"]
        assert again["session_id"] == session and again["expires_at"] > first["expires_at"], (first, again)
    with story.case("MailPass: the right code, verified true"):
        code = apis.code()
        verified = call("verify", session_id=session, code=code)
        assert (verified.status_code, verified.json()["data"]["verified"]) == (200, True), verified.text
    with story.case("MailPass: again, INVALID_CODE"):
        refused(call("verify", session_id=session, code=code), 400, "INVALID_CODE")
    with story.case("MailPass: no key, the envelope with 401"):
        refused(apis.call("POST", "/api/v1/otp/send", {"email": "jane@example.com"}), 401, "UNAUTHORIZED")
    with story.case("MailPass: the 61st call in a minute, 429 with Retry-After, and for this key alone"):
        *before, last = [
            apis.call("GET", f"/api/v1/otp/status/{session}", headers=bearer(apis.untouched.api_key)) for _ in range(61)
        ]
        assert {answer.status_code for answer in before} == {200}
        refused(last, 429, "RATE_LIMIT_EXCEEDED")
        assert 0 < int(last.headers["Retry-After"]) <= 60, last.headers
        assert status(session)["status"] == "verified"


def minute_passes(story: Story, is_over) -> None:
    """Moves the clock on and waits until the server knows: it looks at its database's now and then."""
    advance(story.clock, 61)
    deadline = time.monotonic() + CLOCK_SECONDS
    while not is_over():
        assert time.monotonic() < deadline, "the server's clock does not move"
        threading.Event().wait(1)  # seldom enough for the key's rate


def airtexts(story: Story) -> None:
    apis = story.apis
    key, secret = apis.airtexts.key, apis.airtexts.secret
    headers = {"X-API-Key": key, "X-API-Secret": secret}
    ways = {
        "X-API headers": headers,
        "Basic": {"Authorization": apis.airtexts.authorization},
        "Bearer": bearer(base64.b64encode(f"{key}:{secret}".encode()).decode()),
    }
    for name, way in ways.items():
        with story.case(f"AirTexts: the two JSON examples run, without their comment, with {name}"):
            method, path, body = request("airtexts/send.http")
            sent = apis.call(method, path, body, way)
            assert sent.status_code == 200, sent.text
            own = {"otp_67890abcdef12345": sent.json()["verification_id"], "123456": apis.code()}
            method, path, body = request("airtexts/verify.http", own)
            verified = apis.call(method, path, uncommented(body), way)
            assert (verified.status_code, verified.json()["verified"]) == (200, True), verified.text
    with story.case("AirTexts: the aliases phone, to, sender and code give the same answers"):
        plain, *others = [
            settled(apis, headers, names)
            for names in ({}, {"recipient": "phone", "otp_code": "code"}, {"recipient": "to"}, {"from": "sender"})
        ]
        assert [status for status, _ in plain] == [200, 200], plain
        for other in others:
            assert other == plain, (other, plain)
    with story.case("AirTexts: otp_length 9, 400"):
        long = apis.call("POST", "/otp/send", {"appid": APPID, "recipient": "+258845888196", "otp_length": 9}, headers)
        assert (long.status_code, long.json()["code"]) == (400, "INVALID_OTP_LENGTH"), long.text


def settled(apis: FourApis, headers: dict, names: dict) -> list[tuple[int, str]]:
    """The answers to a send and to its verification, under other names of fields, without ids and times."""

    def post(path: str, body: dict) -> requests.Response:
        return apis.call("POST", path, {names.get(name, name): value for name, value in body.items()}, headers)

    whom = {"appid": APPID, "recipient": "+258845888195"}
    sent = post("/otp/send", whom | {"from": "YourApp"})
    own = {"verification_id": sent.json()["verification_id"], "otp_code": apis.code()}
    answers = [sent, post("/otp/verify", whom | own)]
    own_values = r'"(verification_id|\w+_at)":"[^"]*"'
    return [(answer.status_code, re.sub(own_values, r'"\1":""', answer.text)) for answer in answers]


def optora(story: Story) -> None:
    apis = story.apis
    clients = (f"192.0.2.{number}" for number in itertools.count(1))

    def call(client: str, path: str, **body: object) -> requests.Response:
        return apis.call("POST", f"/api/otp/{path}", body, {"X-Forwarded-For": client})

    with story.case("Optora: six quick generates, 200 four times, 400, 429 with Retry-After"):
        client = next(clients)
        six = [call(client, "generate", email="jane@example.com") for _ in range(6)]
        assert [answer.status_code for answer in six] == [200] * 4 + [400, 429], [answer.text for answer in six]
        seconds = six[5].json()["retryAfterSeconds"]
        assert six[5].headers["Retry-After"] == str(seconds) and 0 < seconds <= 15 * 60, six[5].text
    with story.case("Optora: otp as a number works"):
        code = "0"
        while code.startswith("0"):  # which a number loses
            client = next(clients)
            email = f"{client}@example.com"
            call(client, "generate", email=email)
            code = apis.code()
        verified = call(client, "verify", email=email, otp=int(code))
        assert (verified.status_code, verified.json()["verified"]) == (200, True), verified.text
    with story.case("Optora: the click on a link, 200 HTML, then 400 HTML"):
        sent = call(next(clients), "send-link", email="joe@example.com", webhookUrl=story.receiver.url).json()
        link = apis.link()
        clicks = [apis.call("GET", link) for _ in range(2)]
        seen = [(click.status_code, click.headers["Content-Type"]) for click in clicks]
        assert seen == [(200, HTML), (400, HTML)], seen
    with story.case("Optora: the status of a random id, 200 found false and expired true"):
        status = apis.call("GET", f"/api/otp/status/{secrets.token_hex(16)}")
        expected = {"found": False, "verified": False, "expired": True}
        assert (status.status_code, status.json()) == (200, expected), status.text
    with story.case("Optora: the webhook's body has exactly four keys"):
        told = json.loads(story.receiver.told.get(timeout=20))
        assert set(told) == {"event", "email", "requestId", "verifiedAt"}, told
        assert told["requestId"] == sent["requestId"], told
    with story.case("Optora: type alpha is accepted, and beta is not"):
        for word, expected in (("alpha", 200), ("beta", 400)):
            answer = call(next(clients), "generate", email=f"{word}@example.com", type=word)
            assert answer.status_code == expected, answer.text
    with story.case("Optora: a preflight, 204"):
        asked = {"Origin": "https://app.example", "Access-Control-Request-Headers": "content-type"}
        answer = apis.call("OPTIONS", "/api/otp/generate", headers=asked)
        allowed = [answer.headers[f"Access-Control-Allow-{name}"] for name in ("Origin", "Methods", "Headers")]
        assert (answer.status_code, answer.text) == (204, ""), answer.text
        assert allowed == ["*", "GET,HEAD,PUT,PATCH,POST,DELETE", "content-type"], allowed


def engagelab(story: Story) -> None:
    apis = story.apis
    message, code = apis.engagelab_sent()

    def verify(guess: str, headers: dict) -> tuple[int, dict]:
        answer = apis.call("POST", "/v1/verifications", {"message_id": message, "verify_code": guess}, headers)
        return answer.status_code, answer.json()

    basic = {"Authorization": apis.engagelab.authorization}
    with story.case("EngageLab: a wrong code, 200 verified false"):
        status, body = verify(other_than(code), basic)
        assert (status, body["verified"]) == (200, False)
    with story.case("EngageLab: the second use of the right one, 400 code 3003"):
        status, body = verify(code, basic)
        assert (status, body["verified"]) == (200, True)
        status, body = verify(code, basic)
        assert (status, body["code"]) == (400, 3003), (status, body)
    with story.case("EngageLab: no Basic, 401 code 2001"):
        status, body = verify(code, {})
        assert (status, body["code"]) == (401, 2001), (status, body)


def one_port(story: Story) -> None:
    shapes = {
        "/otp/nothing": {"success": bool, "error": str, "code": str},
        "/api/v1/nothing": {"success": bool, "error": {"code": str, "message": str}},
        "/api/nothing": {"error": str},
        "/v1/nothing": {"code": int, "message": str},
    }
    for path, expected in shapes.items():
        with story.case(f"All on one port: {path}, a 404 of its own shape"):
            answer = story.apis.call("GET", path)
            assert (answer.status_code, shape(answer.json())) == (404, expected), answer.text


def shape(value: object) -> object:
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else type(value)
