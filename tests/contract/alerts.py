"""What applications are told of their money and of their codes, as the official SDK reads it."""

import threading

from engagelab_otp import NotificationEvent
from harness import code_in, phone


def notified(story, name: str) -> dict:
    """The data of the one notification of that name, waited for."""

    def of_name() -> list[dict]:
        notifications = [event for event in list(story.receiver.events) if isinstance(event, NotificationEvent)]
        return [event.data for event in notifications if event.event == name]

    story.receiver.until(lambda: of_name() != [])
    (data,) = of_name()
    return data


def until_send_answers(story, wanted: int) -> dict:
    """Sends until the running server has heard of a change of the command line, which takes it a second or two."""
    key, heard = story.server.key(), threading.Event()
    story.server.until_known(key)
    for _ in range(100):
        body = {"to": phone(2), "template": {"id": "otp"}, "custom_args": {}}
        status, answer = story.server.call(key, "POST", "/v1/messages", body)
        if status == wanted:
            return answer
        heard.wait(0.05)
    raise AssertionError(f"{status} {answer}")


def balance(story) -> None:
    """The one message so far has cost 0.032."""
    server = story.server
    with story.case("a low balance is parsed as a notification"):
        server.command("app", "set", "contract", "--spend-limit", "0.027", "--balance-alert", "2")
        data = notified(story, "insufficient_balance")
        business = data.pop("business_id")
        assert data == {"remain_balance": -0.005, "balance_threshold": 2}, data
        assert business in {app["id"] for app in server.command("app", "list")}
    with story.case("without balance sends are refused, and without a limit they are not"):
        assert until_send_answers(story, 400) == {"code": 3003, "message": "insufficient balance"}
        server.command("app", "set", "contract", "--spend-limit", "none")
        assert "code" not in until_send_answers(story, 200)
        assert server.command("app", "spend", "contract")["spend_limit"] is None


def rate(story) -> None:
    """Twenty codes, of which five come back; then as if their lives had ended."""
    server, receiver = story.server, story.receiver
    server.command("app", "set", "contract", "--verification-rate-alert", "40")
    key = server.key()
    server.until_known(key)
    before = receiver.count("verified")
    for number in range(20):
        _, sent = server.call(key, "POST", "/v1/messages", {"to": phone(2), "template": {"id": "otp"}})
        code = code_in(story.sink.message(sent["message_id"])["text"])
        if number < 5:
            guess = {"message_id": sent["message_id"], "verify_code": code}
            assert server.call(key, "POST", "/v1/verifications", guess)[1]["verified"] is True
    receiver.until(lambda: receiver.count("verified") == before + 5)
    server.stop()
    of_those = "id IN (SELECT id FROM message ORDER BY id DESC LIMIT 20)"
    server.sql(f"UPDATE message SET expires_at = created_at + 1 WHERE {of_those}")
    server.url = ""
    server.start()
    with story.case("a low verification rate is parsed as a notification"):
        assert notified(story, "insufficient_verification_rate") == {"rate": 25, "threshold": 40}
