"""The cases of the official Python SDK. Run by sdk_python.py with a fixture file; prints PASS and FAIL lines."""

import contextlib
import json
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from clocks import advance
from database_gone import gone
from engagelab_otp import EngagelabError, OTPClient
from harness import DIRECT, code_in, phone

FIXTURE = json.loads(Path(sys.argv[1]).read_text())
CLOCK_SECONDS = 30
EXPIRED = "verify code has expired"
if FIXTURE["base_url"]:
    OTPClient.BASE_URL = FIXTURE["base_url"]


@contextlib.contextmanager
def case(name: str) -> Iterator[None]:
    name = f"{FIXTURE['name']}: {name}"
    try:
        yield
    except Exception as error:
        why = str(error).replace("\n", " ")
        print(f"FAIL {name}: {type(error).__name__} {why}", flush=True)
    else:
        print(f"PASS {name}", flush=True)


def client(key: str = "full") -> OTPClient:
    return OTPClient(*FIXTURE["keys"][key])


def number() -> str:
    return phone(FIXTURE["block"])


def delivered(message_id: str) -> dict:
    with DIRECT.open(f"{FIXTURE['sink']}/message/{message_id}") as answer:
        return json.loads(answer.read())


def refused(call: Callable[[], dict], code: int, status: int, retryable: bool = False, says: str | None = None) -> None:
    """The call must raise the SDK's error with exactly these values."""
    try:
        answer = call()
    except EngagelabError as error:
        got = (error.code, error.http_status, error.retryable)
        assert type(error.code) is int, repr(error)
        assert got == (code, status, retryable), f"{error!r}, not {(code, status, retryable)}"
        assert says is None or str(error) == says, f"{str(error)!r}, not {says!r}"
    else:
        raise AssertionError(f"answered {answer}")


def send_and_verify() -> None:
    otp = client()
    with case("send, then the right code, then the same again"):
        sent = otp.send(number(), "otp", {"name": "Ada"})
        assert set(sent) == {"message_id", "send_channel"}, sent
        assert sent["send_channel"] == "sms" and sent["message_id"].isdecimal(), sent
        message = delivered(sent["message_id"])
        assert message["text"].startswith("Hi Ada: <"), "the text is another"
        code = code_in(message["text"])
        wrong = "1" * 6 if code != "1" * 6 else "2" * 6
        for guess, verified in ((wrong, False), (code, True)):
            answer = otp.verify(sent["message_id"], guess)
            assert answer == {"message_id": sent["message_id"], "verify_code": guess, "verified": verified}, answer
        for guess in (code, wrong):
            refused(lambda guess=guess: otp.verify(sent["message_id"], guess), 3003, 400)
    with case("a numeric code passed as an int verifies"):
        sent = otp.send(number(), "otp")
        assert otp.verify(sent["message_id"], int(code_in(delivered(sent["message_id"])["text"])))["verified"] is True
    with case("send to an email address, with a language"):
        sent = otp.send(f"ada{number()[1:]}@example.com", "mail", language="zh_CN")
        assert sent["send_channel"] == "email", sent
        assert otp.verify(sent["message_id"], code_in(delivered(sent["message_id"])["text"]))["verified"] is True
    with case("five wrong codes end it, the right one included"):
        sent = otp.send(number(), "otp")
        code = code_in(delivered(sent["message_id"])["text"])
        for _ in range(5):
            assert otp.verify(sent["message_id"], "wrong0")["verified"] is False
        refused(lambda: otp.verify(sent["message_id"], code), 3003, 400, says=EXPIRED)
    with case("what cannot be a code is 3002 and costs no guess"):
        sent = otp.send(number(), "otp")
        for guess in ("wrong!", " 123456", "\u0661\u0662\u0663\u0664\u0665\u0666", "1" * 33, "12\u00003456"):
            refused(lambda guess=guess: otp.verify(sent["message_id"], guess), 3002, 400)
        assert otp.verify(sent["message_id"], code_in(delivered(sent["message_id"])["text"]))["verified"] is True


def send_custom() -> None:
    otp = client()
    with case("send_custom to one number carries the caller's code"):
        sent = otp.send_custom(number(), "otp", {"code": "K7x9", "name": "Ada"})
        assert set(sent) == {"message_id", "send_channel"}, sent
        assert delivered(sent["message_id"])["text"] == "Hi Ada: <K7x9>"
    with case("send_custom to a list answers with one message id"):
        sent = otp.send_custom([number(), number()], "notice", {"name": "Ada"})
        assert sent["message_id"].isdecimal(), sent
        assert delivered(sent["message_id"])["text"] == "Dear Ada, it is ready"
    with case("a code template needs params.code"):
        refused(lambda: otp.send_custom(number(), "otp", {"name": "Ada"}), 3002, 400)
    with case("the id of a custom message does not verify"):
        sent = otp.send_custom(number(), "otp", {"code": "K7x9"})
        refused(lambda: otp.verify(sent["message_id"], "K7x9"), 4001, 400)


def refusals() -> None:
    otp = client()
    key, secret = FIXTURE["keys"]["full"]
    with case("2001 for a wrong secret and for an unknown key"):
        refused(lambda: OTPClient(key, secret + "x").send(number(), "otp"), 2001, 401)
        refused(lambda: OTPClient("nobody", secret).verify("1", "1"), 2001, 401)
    with case("2002 for a disabled key"):
        refused(lambda: client("disabled").send(number(), "otp"), 2002, 401)
    with case("2004 without the permission, and from another address"):
        refused(lambda: client("send_only").verify("1", "1"), 2004, 403)
        refused(lambda: client("verify_only").send(number(), "otp"), 2004, 403)
        refused(lambda: client("verify_only").send_custom(number(), "otp", {"code": "1234"}), 2004, 403)
        refused(lambda: client("elsewhere").send(number(), "otp"), 2004, 403)
    with case("3001 for a JSON number where a string belongs"):
        refused(lambda: otp.verify(1725407449772531712, "123456"), 3001, 400)
        refused(lambda: otp.send(6591234567, "otp"), 3001, 400)
        refused(lambda: otp.send([number()], "otp"), 3001, 400)
    with case("3002 for a malformed email address and a missing code"):
        refused(lambda: otp.send("ada@", "mail"), 3002, 400)
        refused(lambda: otp.send_custom(number(), "otp"), 3002, 400)
    with case("3003 for an address that the template's channels cannot reach"):
        refused(lambda: otp.send("ada@example.com", "otp"), 3003, 400)
    with case("3004 for the same template and target within the validity period"):
        to = number()
        otp.send(to, "otp")
        refused(lambda: otp.send(to, "otp"), 3004, 400)
        otp.send(to, "short")  # another template is another matter
    with case("4001 for an unknown template"):
        refused(lambda: otp.send(number(), "nothing"), 4001, 400, says="config not exist")
        refused(lambda: otp.send_custom(number(), "nothing"), 4001, 400, says="config not exist")
    with case("4001 for an unknown, malformed or foreign message"):
        refused(lambda: otp.verify("1725407449772531712", "123456"), 4001, 400)
        refused(lambda: otp.verify("not an id", "123456"), 4001, 400)
        sent = otp.send(number(), "otp")
        refused(lambda: client("neighbour").verify(sent["message_id"], "123456"), 4001, 400)
    with case("5001, retryable, when no provider serves the channel"):
        refused(lambda: otp.send(number(), "voice"), 5001, 400, retryable=True)
    with case("5011 for a malformed number"):
        refused(lambda: otp.send("+65 9123 4567", "otp"), 5011, 400)
        refused(lambda: otp.send("12345", "otp"), 5011, 400)
    with case("5013 for a blocked number"):
        refused(lambda: otp.send(FIXTURE["blocked"], "otp"), 5013, 400)
    with case("an unknown path is an error object too"):
        otp.BASE_URL = OTPClient.BASE_URL + "/nowhere"
        try:
            answer = otp.send(number(), "otp")
        except EngagelabError as error:
            assert error.http_status == 404 and type(error.code) is int and error.code, repr(error)
        else:
            raise AssertionError(f"answered {answer}")


def outage() -> None:
    otp = client()
    sent = otp.send(number(), "otp")
    with case("1000, retryable, while the database is gone; and all is well after"):
        with gone(FIXTURE["gone"]):
            refused(lambda: otp.send(number(), "otp"), 1000, 500, retryable=True)
            refused(lambda: otp.verify(sent["message_id"], "123456"), 1000, 500, retryable=True)
        assert otp.verify(sent["message_id"], code_in(delivered(sent["message_id"])["text"]))["verified"] is True


def move_clock(seconds: int) -> None:
    """Sets the clock so far ahead, and returns when the server shows that it knows."""
    otp, probe = client(), number()
    otp.send(probe, "short")
    advance(FIXTURE["clock"], seconds)
    deadline = time.monotonic() + CLOCK_SECONDS
    while True:
        try:
            otp.send(probe, "short")
        except EngagelabError as error:
            assert error.code == 3004, repr(error)
            assert time.monotonic() < deadline, "the server's clock does not move"
            threading.Event().wait(0.2)
        else:
            return


def time_passes() -> None:
    otp, to = client(), number()
    with case("an expired code answers 3003 and lets the next one out"):
        sent = otp.send(to, "short")
        code = code_in(delivered(sent["message_id"])["text"])
        move_clock(61)
        for guess in (code, "000000"):
            refused(lambda guess=guess: otp.verify(sent["message_id"], guess), 3003, 400, says=EXPIRED)
        otp.send(to, "short")
    with case("2002 for a key past its date"):
        client("expiring").send(number(), "otp")
        move_clock(61 * 60)
        refused(lambda: client("expiring").send(number(), "otp"), 2002, 401)


if __name__ == "__main__":
    if FIXTURE["base_url"] is None:  # the unmodified client, under its own host name
        assert OTPClient.BASE_URL == "https://otp.api.engagelab.cc/v1"
        assert "https" in urllib.request.getproxies()
    for group in (send_and_verify, send_custom, refusals, outage, time_passes):
        group()
