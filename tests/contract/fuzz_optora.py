"""What Optora's API overlooks, what it may refuse although it fits the description, and what the answers have made."""

import itertools
import os
import re
import time
from dataclasses import dataclass

import schemathesis
from fuzz_wire import BLANKS, delivered
from schemathesis.generation.meta import CoverageScenario, coverage_scenario

PLAIN = re.compile("[a-z0-9]+(-[a-z0-9]+)*@example[.]com")
CODE = re.compile("^[0-9A-Za-z]{6}$", re.MULTILINE)
TOKEN = re.compile(r"/api/otp/verify-link\?token=([\w-]{43})")
SENDS, GUESSES, SECONDS = 4, 5, 10 * 60


@dataclass
class Request:
    email: str
    ends: float
    code: str | None = None
    token: str | None = None
    sends: int = 0
    misses: int = 0
    verified: bool = False

    def lives(self) -> bool:
        return not self.verified and self.misses < GUESSES and time.monotonic() < self.ends


_requests: dict[str, Request] = {}
_urls = itertools.count(1)


def read(given: dict, kinds: dict) -> dict:
    """A field of another kind than it should have is not there, and nobody looks at the kind of a code that exists."""
    taken = {name: value for name, value in given.items() if kinds[name] != "string" or isinstance(value, str)}
    if "email" in taken:
        taken["email"] = taken["email"].strip(BLANKS).lower()
    if taken.get("type") == "" or living(taken):
        taken.pop("type", None)
    return taken


def living(asked: dict) -> Request | None:
    """The request of an address that is not over yet."""
    newest = next((it for it in reversed(_requests.values()) if it.email == asked.get("email")), None)
    return newest if newest and newest.lives() else None


def tokens() -> list[str]:
    """Those of links that can still be followed."""
    return [it.token for it in _requests.values() if it.token and it.lives()]


def mend(operation: str, case, asked: dict, turn: int) -> None:
    request_id, known = [*_requests.items()][turn % len(_requests)] if _requests else (None, None)
    match operation:
        case "generateOtp" | "sendLink":
            case.body["email"] = known.email if known and turn % 3 == 0 else f"fuzz-{turn}@example.com"
        case "verifyOtp" if known:
            case.body["email"] = known.email
            if turn % 2 and known.code:
                case.body["otp"] = known.code
        case "verifyLink" | "confirmLink" if tokens():
            case.query["token"] = tokens()[-1]
        case "getStatus" if known:
            case.path_parameters["request_id"] = request_id


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Whatever is told when a link has been followed is told to us."""
    if isinstance(case.body, dict) and str(case.body.get("webhookUrl")).strip(BLANKS).lower().startswith("http"):
        case.body["webhookUrl"] = f"{os.environ['VERIFYD_RECEIVER']}/{next(_urls)}"


def note(operation: str, asked: dict, response) -> None:
    request = living(asked)
    if response.status_code == 200:
        match operation:
            case "generateOtp" | "sendLink":
                sent(operation, asked["email"], response.json()["requestId"])
            case "verifyOtp" if request:
                request.verified = True
            case "confirmLink":
                for it in _requests.values():
                    it.verified = it.verified or it.token == asked["token"]
    elif operation == "verifyOtp" and request and str(asked.get("otp")) != request.code:
        request.misses += 1


def sent(operation: str, email: str, request_id: str) -> None:
    request = _requests.setdefault(request_id, Request(email, time.monotonic() + SECONDS))
    request.sends += 1
    if not PLAIN.fullmatch(email):
        return
    if operation == "generateOtp":
        request.code = CODE.search(delivered(email))[0]
    else:
        request.token = TOKEN.search(delivered(email))[1]


def words(response) -> str:
    if response.headers["content-type"][0].startswith("text/html"):
        return f"{response.status_code} page"
    answer = response.json()
    assert answer.keys() <= {"error", "retryAfterSeconds"}, answer
    return f"{response.status_code} {answer['error']}"


@schemathesis.check
def other_methods_are_not_found(ctx, response, case) -> None:
    """What the contract says in the place of 405; any path may be asked for its OPTIONS."""
    if coverage_scenario(case) == CoverageScenario.UNSPECIFIED_HTTP_METHOD and case.method != "OPTIONS":
        assert words(response) == "404 API endpoint not found", response.text


def used_up(asked: dict) -> bool:
    request = living(asked)
    return request and request.sends >= SENDS


def is_wrong(asked: dict) -> bool:
    request = living(asked)
    return not request or str(asked["otp"]) != request.code


ADDRESS = ("400 Invalid email", lambda asked: not PLAIN.fullmatch(asked["email"]))
USED_UP = ("400 Maximum attempts reached. Try again later.", used_up)
USELESS = ("400 page", lambda asked: asked.get("token") not in tokens())
RULES = {
    "generateOtp": [ADDRESS, USED_UP],
    "sendLink": [ADDRESS, USED_UP],
    "verifyOtp": [ADDRESS, ("400 Invalid OTP", is_wrong)],
    "verifyLink": [USELESS],
    "confirmLink": [USELESS],
}
