"""What the vendors' pages print, byte for byte in `samples/`, and how an answer is compared with a printed one."""

import re
from pathlib import Path

SAMPLES = Path(__file__).with_name("samples")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z")
# Ids that only the answer tells, and what ours look like.
OURS = r"[0-9a-f]{32}"
IDS = {"abc123...": OURS, "b7e3a2f1c4d8e9a0b1c2d3e4": OURS, "c9f4b3e2d5a6b7c8d9e0f1a2": OURS}


def filled(name: str, places: dict[str, str] | None = None) -> str:
    """A sample with a reader's own values in their places, each of which must be there."""
    text = (SAMPLES / name).read_text()
    if not places:
        return text
    missing = [printed for printed in places if printed not in text]
    assert not missing, f"{name} does not say {missing}"
    return re.sub("|".join(map(re.escape, places)), lambda printed: places[printed[0]], text)


def uncommented(text: str) -> str:
    return re.sub(r"[ \t]*// .*", "", text)


def request(name: str, places: dict[str, str] | None = None) -> tuple[str, str, str]:
    """Method, path and body of a sample that begins with a line such as `POST /otp/send`."""
    line, _, body = filled(name, places).partition("\n")
    method, path = line.split()
    return method, path, body


def differences(found: object, printed: object, more: frozenset = frozenset(), at: str = "it") -> list[str]:
    """How an answer differs from a printed one: in keys, but for those of `more`; in types; and in values, but for ids,
    and for times, which are only written alike."""
    if type(found) is not type(printed):
        return [f"{at} is a {type(found).__name__}, not a {type(printed).__name__}"]
    if isinstance(printed, dict):
        odd = [f"{at}.{key} is on one side only" for key in sorted((found.keys() - more) ^ printed.keys())]
        both = [key for key in printed if key in found]
        return odd + [line for key in both for line in differences(found[key], printed[key], more, f"{at}.{key}")]
    if isinstance(printed, str) and (form := IDS.get(printed) or written(printed)):
        return [] if re.fullmatch(form, found) else [f"{at} is not written as {printed}"]
    return [] if found == printed else [f"{at} is not {printed!r}"]


def written(text: str) -> str | None:
    """The form of a time, digit by digit."""
    return re.sub(r"\d", r"\\d", re.escape(text)) if TIME.fullmatch(text) else None
