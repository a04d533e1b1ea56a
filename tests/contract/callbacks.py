"""Callbacks, as clients of other makers read them.

The official SDK's `WebhookVerifier` and its Flask view, and the Standard Webhooks reference library, all unmodified,
take what a server of ours sends: the probe, steps of messages and what they cost, notifications, what people write
back, and system events. On SQLite and on PostgreSQL.
"""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import alerts
import meta
from engagelab_otp import (
    MessageStatusEvent,
    NotificationEvent,
    SystemEvent,
    UplinkEvent,
    WebhookSignatureError,
    WebhookVerifier,
)
from harness import Report, Server, code_in, phone
from receiver import LOCAL, SECRET, USERNAME, Receiver
from sink import Sink
from standardwebhooks import Webhook, WebhookVerificationError

AUTHORIZATION = "Bearer of the shop"
PRICES = """
[billing.sms]
SG = "0.032"
"""
STATUSES = "plan,target_valid,sent,sent_failed,verified,verified_failed"
ALERTS = "insufficient_balance,insufficient_verification_rate"
EVENTS = f"{STATUSES},template_audit_result,uplink_message,template_manage,key_manage,api_call,account_login,{ALERTS}"


def run(report: Report) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    for database in ("sqlite", "postgres"):
        sink, receiver = Sink(), Receiver()
        try:
            with Server(sink, database, extra=LOCAL + PRICES + meta.PROVIDER) as server:
                tell(Story(report, database, server, sink, receiver))
        finally:
            receiver.close()
            sink.close()


@dataclass
class Story:
    """One server and one receiver."""

    report: Report
    database: str
    server: Server
    sink: Sink
    receiver: Receiver

    def case(self, name: str):
        return self.report.case(f"{self.database}: {name}")


def tell(story: Story) -> None:
    server, receiver = story.server, story.receiver
    story.token = server.command("admin-token", "create", "--name", "contract")["token"]
    server.start()
    server.command("app", "create", "contract")
    made = create(server, receiver)
    with story.case("the SDK's view takes the probe"):
        probe = receiver.requests.pop()
        assert (probe.status, probe.body) == (200, b"{}"), probe
        assert probe.headers["authorization"] == AUTHORIZATION
    refuses_a_wrong_secret(story)
    live(story)
    with story.case("every request was believed"):
        assert {request.status for request in receiver.requests} == {200}
    statuses(story)
    notices(story)
    alerts.balance(story)
    alerts.rate(story)
    signatures(story, made["webhook_secret"])
    manage(story, made)


def create(server: Server, receiver: Receiver, secret: str = SECRET) -> dict:
    """Adds the receiver as a callback; needs its answer to the probe."""
    files = []
    for option, content in (("--secret-file", secret), ("--authorization-file", AUTHORIZATION)):
        file = Path(server.directory / option.strip("-"))
        file.write_text(content)
        files += [option, str(file)]
    subscription = ["--username", USERNAME, "--events", EVENTS]
    return server.command("callback", "create", "--app", "contract", receiver.url, *subscription, *files)


def refuses_a_wrong_secret(story: Story) -> None:
    with story.case("a receiver that does not believe the probe is not added"):
        other = Receiver(secret="another secret")
        try:
            create(story.server, other)
        except RuntimeError as refused:
            assert "answered the probe with 401" in str(refused), refused
        else:
            raise AssertionError("it was added")
        finally:
            other.close()


def live(story: Story) -> None:
    """Something of every family happens, and is waited for."""
    server, receiver = story.server, story.receiver
    key = server.key()
    server.until_known(key)
    server.template(key, "otp")
    server.command("template", "reject", "--app", "contract", "otp", "--remark", "no")
    server.command("template", "approve", "--app", "contract", "otp")
    logins(story)
    for _ in range(2):  # a provider may tell the same twice
        meta.write_back(server.url)
    deadline = threading.Event()
    for _ in range(100):  # the running server hears of the command line's change within a second
        status, sent = server.call(
            key,
            "POST",
            "/v1/messages",
            {"to": phone(2), "template": {"id": "otp"}, "custom_args": {"order": "O1", "list": [1, None]}},
        )
        if status == 200:
            break
        deadline.wait(0.05)
    assert status == 200, sent
    code = code_in(story.sink.message(sent["message_id"])["text"])
    for guess in (code[::-1], code):
        server.call(key, "POST", "/v1/verifications", {"message_id": sent["message_id"], "verify_code": guess})
    words = {"plan", "target_valid", "sent", "verified_failed", "verified"}
    receiver.until(lambda: words <= {getattr(event, "status", "") for event in list(receiver.events)})
    receiver.until(
        lambda: {"notification", "system_event", "uplink"} <= {event.kind for event in list(receiver.events)}
    )
    receiver.until(lambda: len(told_logins(receiver)) == 2)
    story.message_id, story.code = sent["message_id"], code


def logins(story: Story) -> None:
    """Calls the management API, first with a wrong token."""
    for shown, expected in (("vda_wrong", 401), (story.token, 200)):
        bearer = SimpleNamespace(authorization=f"Bearer {shown}")
        status, said = story.server.call(bearer, "GET", "/admin/v1/status")
        assert status == expected, said


def told_logins(receiver: Receiver) -> list[dict]:
    events = [event for event in list(receiver.events) if getattr(event, "event", "") == "account_login"]
    return [event.data["account_login"] for event in events]


def statuses(story: Story) -> None:
    of_message = [event for event in story.receiver.events if isinstance(event, MessageStatusEvent)]
    with story.case("steps of a message are parsed as such"):
        words = {event.status for event in of_message if event.message_id == story.message_id}
        assert words == {"plan", "target_valid", "sent", "verified_failed", "verified"}, words
        for event in of_message:
            assert event.to.startswith("+659") and (event.server, event.channel) == ("otp", "sms"), event
            assert event.custom_args == {"order": "O1", "list": [1, None]}, event.custom_args
            assert (event.template_key, event.error_code, event.current_send_channel) == ("otp", 0, "sms"), event
            assert event.timestamp >= event.msg_time > 1_700_000_000
    with story.case("what a message cost is told with `sent`, and is a number"):
        billing = {event.status: event.billing for event in of_message}
        assert billing.pop("sent") == {"cost": 0.032, "currency": "USD"}, of_message
        assert not any(billing.values()), billing
    with story.case("no code is told"):
        assert not any(story.code.encode() in request.body for request in story.receiver.requests)


def notices(story: Story) -> None:
    events = story.receiver.events
    with story.case("reviews are parsed as notifications"):
        told = [event.data for event in events if isinstance(event, NotificationEvent)]
        assert {"template_id": "otp", "status": 3, "reason": "no"} in told, told
        assert {"template_id": "otp", "status": 2, "reason": ""} in told, told
    with story.case("what somebody wrote back is parsed as an uplink, and told once"):
        (uplink,) = [event for event in events if isinstance(event, UplinkEvent)]
        assert (uplink.event, uplink.server, uplink.message_id, uplink.business_id) == (
            "uplink_message",
            "otp",
            "0",
            "0",
        )
        assert uplink.data == meta.TOLD, uplink.data
    with story.case("keys, templates, calls and logins are parsed as system events"):
        told = {event.event: event.data for event in events if isinstance(event, SystemEvent)}
        assert set(told) == {"key_manage", "template_manage", "api_call", "account_login"}, told
        for name, data in told.items():
            assert {"business_id", "org_id", "operator", name} == set(data), data
        for name in ("api_call", "account_login"):
            assert told[name]["operator"]["ip_address"] == "127.0.0.1", told[name]
        failure = {"action": "login_failed", "fail_reason": "the token is wrong or has expired"}
        for login in (failure, {"action": "login_success"}):
            assert login in told_logins(story.receiver), told_logins(story.receiver)


def signatures(story: Story, webhook_secret: str) -> None:
    verifier, webhook = WebhookVerifier(USERNAME, SECRET), Webhook(webhook_secret)
    requests = story.receiver.requests
    with story.case("the Standard Webhooks library believes every request"):
        for request in requests:
            assert webhook.verify(request.body, request.headers) == json.loads(request.body)
    with story.case("a flipped byte anywhere in a body is found"):
        request = min(requests, key=lambda request: len(request.body))
        for place in range(len(request.body)):
            flipped = bytearray(request.body)
            flipped[place] ^= 1
            assert refused(lambda body=bytes(flipped): webhook.verify(body, request.headers)), place
    with story.case("a changed X-CALLBACK-ID is found"):
        header = requests[0].headers["x-callback-id"]
        assert verifier.verify(header)
        for place in range(len(header)):
            other = "0" if header[place] != "0" else "1"
            assert refused(lambda text=header[:place] + other + header[place + 1 :]: verifier.verify(text)), place
    with story.case("every request has its own nonce and its own id"):
        for name in ("x-callback-id", "webhook-id"):
            seen = [request.headers[name] for request in requests]
            assert len(set(seen)) == len(seen), name


def manage(story: Story, made: dict) -> None:
    server, receiver, callback = story.server, story.receiver, made["id"]

    def say(*words: str) -> dict | list:
        return server.command("callback", *words)

    with story.case("a list shows health and no secret"):
        (shown,) = say("list", "--app", "contract")
        assert (shown["id"], shown["url"], shown["healthy"]) == (callback, receiver.url, True), shown
        assert shown["delivered"] > 0 and shown["failed"] == 0, shown
        assert not {"secret", "webhook_secret", "authorization"} & set(shown), shown
    with story.case("a callback is changed, probed, switched off and on"):
        assert say("update", callback, "--description", "till")["description"] == "till"
        assert say("refresh", callback)["healthy"] is True
        say("disable", callback)
        assert say("show", callback)["enabled"] is False
        say("enable", callback)
        assert say("show", callback)["enabled"] is True
    with story.case("a receiver that has the old secret still believes us on the day of a rotation"):
        rotated = say("rotate-secret", callback)
        assert rotated["secret"] != SECRET and rotated["webhook_secret"] != made["webhook_secret"]
        assert say("refresh", callback)["healthy"] is True
        new, old = receiver.requests[-2:]
        assert (new.status, old.status) == (401, 200)
        WebhookVerifier(USERNAME, rotated["secret"]).verify(new.headers["x-callback-id"])
        for secret in (rotated["webhook_secret"], made["webhook_secret"]):
            Webhook(secret).verify(old.body, old.headers)
    with story.case("a replay tells once more what happened, under another id"):
        before = receiver.count("verified")
        day = ["--from", "2020-01-01T00:00:00Z", "--to", "2100-01-01T00:00:00Z"]
        assert say("replay", callback, *day)["rows"] >= 8
        receiver.until(lambda: receiver.count("verified") == 2 * before)
    with story.case("a deleted callback is gone"):
        say("delete", callback)
        assert say("list", "--app", "contract") == []


def refused(check: Callable[[], object]) -> bool:
    try:
        check()
    except (WebhookSignatureError, WebhookVerificationError, UnicodeDecodeError):
        return True
    return False
