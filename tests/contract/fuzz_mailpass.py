"""What MailPass' API overlooks, what it may refuse although it fits the description, and what the answers have made."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from fuzz_wire import delivered, loose

# Addresses that are some; what is a host name is beyond a schema.
PLAIN = re.compile("[a-z0-9]+(-[a-z0-9]+)*@example[.]com")
CODE = re.compile("^[0-9]{4,8}$", re.MULTILINE)
GUESSES, RESENDS = 5, 5


@dataclass
class Session:
    email: str
    code: str | None  # of an address that is not ours
    ends: datetime
    misses: int = 0
    resends: int = 0
    verified: bool = False

    def takes(self, code: str) -> bool:
        alive = not self.verified and self.misses < GUESSES and datetime.now(UTC) < self.ends
        return alive and code == self.code


_sessions: dict[str, Session] = {}


def read(given: dict, kinds: dict) -> dict:
    taken = {name: loose(value, kinds[name]) for name, value in given.items()}
    return {name: value for name, value in taken.items() if value is not None}


def mend(operation: str, case, asked: dict, turn: int) -> None:
    if operation == "sendOtp":
        case.body["email"] = f"fuzz-{turn}@example.com"
    elif _sessions:
        session_id = [*_sessions][turn % len(_sessions)]
        (case.path_parameters if operation == "getOtpStatus" else case.body)["session_id"] = session_id
        if operation == "verifyOtp" and turn % 2 and _sessions[session_id].code:
            case.body["code"] = _sessions[session_id].code


def note(operation: str, asked: dict, response) -> None:
    session = sought(asked)
    if response.status_code == 200:
        data = response.json()["data"]
        match operation:
            case "sendOtp":
                _sessions[data["session_id"]] = Session(data["email"], code_for(data["email"]), ends(data))
            case "resendOtp" if session:
                session.code, session.ends, session.misses = code_for(session.email), ends(data), 0
                session.resends += 1
            case "verifyOtp" if session:
                session.verified = True
    elif operation == "verifyOtp" and session and asked.get("code") != session.code:
        session.misses += 1


def code_for(email: str) -> str | None:
    return CODE.search(delivered(email))[0] if PLAIN.fullmatch(email) else None


def ends(data: dict) -> datetime:
    return datetime.fromisoformat(data["expires_at"])


def words(response) -> str:
    answer = response.json()
    assert answer.keys() == {"success", "error"} and answer["success"] is False, answer
    assert answer["error"].keys() == {"code", "message"}, answer
    return f"{response.status_code} {answer['error']['code']}: {answer['error']['message']}"


def sought(asked: dict) -> Session | None:
    return _sessions.get(str(asked.get("session_id")))  # an id may be anything in a request that is wrong


UNKNOWN = ("404 NOT_FOUND: The OTP session was not found.", lambda asked: not sought(asked))
RULES = {
    "sendOtp": [
        (
            "400 VALIDATION_ERROR: The email field must contain a valid email address.",
            lambda asked: not PLAIN.fullmatch(asked["email"]),
        )
    ],
    "verifyOtp": [
        ("400 VALIDATION_ERROR: The session_id field is required.", lambda asked: "session_id" not in asked),
        (
            "400 INVALID_CODE: The verification code is invalid or expired.",
            lambda asked: not sought(asked) or not sought(asked).takes(asked["code"]),
        ),
    ],
    "resendOtp": [
        UNKNOWN,
        (
            "409 ALREADY_VERIFIED: The OTP session is already verified.",
            lambda asked: sought(asked) and sought(asked).verified,
        ),
        (
            "429 RATE_LIMIT_EXCEEDED: Too many requests. Please try again later.",
            lambda asked: sought(asked) and sought(asked).resends >= RESENDS,
        ),
    ],
    "getOtpStatus": [UNKNOWN],
}
