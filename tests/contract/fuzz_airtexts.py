"""What AirTexts' API overlooks, what it may refuse although it fits the description, and what the answers have made."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from fuzz_description import fields
from fuzz_wire import delivered, loose

# The first name of several counts.
ALIASES = [
    ("appid", "app_id", "appId"),
    ("recipient", "phone", "to"),
    ("from", "sender", "sender_id"),
    ("otp_code", "code"),
    ("templateId", "template_id"),
]
MOST = {"limit": (1, 500), "offset": (0, 2**32 - 1)}  # more or less is as much as there may be
APPID, TEMPLATE, TODAY = "fuzz", 7, str(datetime.now(UTC).date())
NAME = re.compile("[!-~]{1,64}")
SENDER = re.compile("[0-9A-Za-z]{1,11}")
OURS = re.compile("[+]6594[0-9]{6}")  # numbers that can be called; numbering plans are beyond a schema
CODE = re.compile("(?:code is|é) ([0-9]{4,8})")
GUESSES, RESENDS = 5, 3


@dataclass
class Otp:
    appid: str
    recipient: str
    code: str
    misses: int = 0
    resends: int = 0
    verified: bool = False

    def has(self, asked: dict, names: tuple[str, ...] = ("appid", "recipient")) -> bool:
        return all(asked.get(name, getattr(self, name)) == getattr(self, name) for name in names)


_otps: dict[str, Otp] = {}


def read(given: dict, kinds: dict) -> dict:
    taken = {}
    for name, value in given.items():
        value = loose(value, kinds[name])
        if isinstance(value, str) or (value is not None and kinds[name] != "string"):
            taken[name] = value
    for names in ALIASES:
        values = [taken.pop(name) for name in names if name in taken]
        taken.update(zip(names[:1], values, strict=False))
    if "recipient" in taken:
        taken["recipient"] = "+" + re.sub(r"^[+]|[-\s()\[\]]", "", taken["recipient"])
    if "channel" in taken:
        taken["channel"] = taken["channel"].lower()
    counts = {name: value for name, value in taken.items() if name in MOST and isinstance(value, int) and value >= 0}
    return taken | {name: min(max(value, MOST[name][0]), MOST[name][1]) for name, value in counts.items()}


def mend(operation: str, case, asked: dict, turn: int) -> None:
    given = case.query if case.method == "GET" else case.body
    right = {"appid": APPID, "from": "ACME", "templateId": TEMPLATE, "start_date": TODAY, "end_date": TODAY}
    if operation == "sendOtp":
        given["recipient"] = f"+6594{turn:06d}"  # nobody had it before
    elif _otps:
        otp_id, otp = [*_otps.items()][turn % len(_otps)]
        right |= {"appid": otp.appid, "recipient": otp.recipient, "verification_id": otp_id}
        if operation == "getStatusById":
            given = case.path_parameters
        elif operation in ("verifyOtp", "resendOtp", "getStatus", "listAttempts"):
            wanted = ["appid", "recipient"] if turn % 3 else ["verification_id"]
            given |= {name: right[name] for name in wanted}
        if operation == "verifyOtp" and turn % 2:
            given["otp_code"] = otp.code
    given |= {name: right[name] for name in right.keys() & asked.keys() & fields(case).keys()}


def note(operation: str, asked: dict, response) -> None:
    otp = sought(asked)
    if response.status_code == 200:
        match operation:
            case "sendOtp":
                data = response.json()["data"]
                code = CODE.search(delivered(data["recipient"]))[1]
                _otps[data["verification_id"]] = Otp(data["appid"], data["recipient"], code)
            case "resendOtp" if otp:
                otp.code = CODE.search(delivered(otp.recipient))[1]
                otp.resends += 1
                otp_id = response.json()["data"]["verification_id"]
                _otps[otp_id] = _otps.pop(otp_id)  # the newest again
            case "verifyOtp" if otp:
                otp.verified = True
    elif operation == "verifyOtp" and otp and words(response).startswith("400 INVALID_OTP:"):
        otp.misses += 1


def words(response) -> str:
    answer = response.json()
    assert answer.keys() >= {"success", "error", "code"} and answer["success"] is False, answer
    return f"{response.status_code} {answer['code']}: {answer['error']}"


def sought(asked: dict) -> Otp | None:
    """The OTP that a request is about."""
    if "verification_id" in asked:
        otp = _otps.get(str(asked["verification_id"]))
    else:
        otp = newest(str(asked.get("appid")), str(asked.get("recipient")))
    return otp if otp and otp.has(asked) else None


def newest(appid: str, recipient: str) -> Otp | None:
    whose = {"appid": appid, "recipient": recipient}
    return next((otp for otp in reversed(_otps.values()) if otp.has(whose)), None)


def superseded(asked: dict) -> bool:
    otp = sought(asked)
    return otp and newest(otp.appid, otp.recipient) is not otp


def is_wrong(asked: dict) -> bool:
    """A code that came as a number has lost the zeros that it began with."""
    otp = sought(asked)
    return otp and asked["otp_code"].zfill(len(otp.code)) != otp.code


def resent(asked: dict) -> int:
    return sought(asked).resends if sought(asked) else 0


def no_name(asked: dict) -> bool:
    return "from" in asked and not SENDER.fullmatch(asked["from"])


def missing(name: str, *others: str) -> tuple:
    words = f"400 MISSING_PARAMETER: Missing required parameter: {name}"
    return words, lambda asked: not {name, *others} & asked.keys()


def invalid(name: str) -> tuple:
    words = f"400 MISSING_PARAMETER: Invalid parameter: {name}"
    return words, lambda asked: any(asked.get(date, TODAY) != TODAY for date in ("start_date", "end_date"))


FOREIGN = (
    "403 INVALID_APPID: App ID is not authorized for this account",
    lambda asked: not NAME.fullmatch(asked.get("appid", APPID)),
)
PHONE = (
    "400 INVALID_PHONE: Phone number format is invalid",
    lambda asked: "recipient" in asked and not OURS.fullmatch(asked["recipient"]),
)
UNKNOWN = ("404 OTP_NOT_FOUND: OTP not found", lambda asked: not sought(asked))
SENDER_ID = ("403 SENDER_ID_NOT_APPROVED: Sender ID is not authorized", no_name)
USED = (
    "400 OTP_ALREADY_VERIFIED: OTP has already been verified",
    lambda asked: sought(asked) and sought(asked).verified,
)
GUESSED = (
    "400 MAX_ATTEMPTS_EXCEEDED: Maximum verification attempts exceeded",
    lambda asked: sought(asked) and sought(asked).misses >= GUESSES,
)
ONE = [missing("appid"), missing("verification_id", "recipient"), PHONE, FOREIGN, UNKNOWN]
MANY = [PHONE, FOREIGN, invalid("start_date"), invalid("end_date")]
RULES = {
    "sendOtp": [
        missing("appid"),
        missing("recipient"),
        FOREIGN,
        PHONE,
        SENDER_ID,
        ("404 TEMPLATE_NOT_FOUND: Template not found", lambda asked: asked.get("templateId", TEMPLATE) != TEMPLATE),
    ],
    "verifyOtp": [
        *ONE,
        missing("otp_code"),
        USED,
        GUESSED,
        ("400 INVALID_OTP: Invalid OTP code", is_wrong),
        ("400 OTP_EXPIRED: OTP has expired", superseded),
    ],
    "resendOtp": [
        *ONE,
        SENDER_ID,
        USED,
        GUESSED,
        ("429 RATE_LIMIT_EXCEEDED: Rate limit exceeded", lambda asked: resent(asked) >= RESENDS),
    ],
    "getStatus": ONE,
    "getStatusById": [UNKNOWN],
    "listOtps": MANY,
    "listLogs": MANY,
    "getRateLimits": [PHONE, FOREIGN, missing("appid")],
    "listAttempts": [*ONE, *MANY],
    "getReports": MANY,
}
