"""Requests as the server sees them, and messages as the gateway saw them."""

import json
import os
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

import requests
from harness import DIRECT

FORM = "application/x-www-form-urlencoded"
# White space by Unicode; Python takes four separators for it as well.
BLANKS = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace() and sign not in "\x1c\x1d\x1e\x1f")


def said(case) -> dict:
    """All that a request says by a name: in its path, its query and its body."""
    body = first_of_each(form(case)) if is_form(case) else case.body
    return case.path_parameters | first_of_each(query(case)) | (body if isinstance(body, dict) else {})


def names_twice(case) -> bool:
    names = [name for name, _ in form(case)] if is_form(case) else []
    return len(names) > len(set(names))


def is_form(case) -> bool:
    return case.media_type == FORM and isinstance(case.body, dict)


def form(case) -> list[tuple[str, str]]:
    """The fields of a form: whatever was generated is text by then."""
    return pairs(requests.Request("POST", "http://localhost", data=prepared(case)["data"]).prepare().body)


def query(case) -> list[tuple[str, str]]:
    request = requests.Request("GET", "http://localhost", params=prepared(case)["params"])
    return pairs(urlsplit(request.prepare().url).query)


def prepared(case) -> dict:
    return case.as_transport_kwargs(base_url="http://localhost")


def pairs(text: str | None) -> list[tuple[str, str]]:
    return parse_qsl(text or "", keep_blank_values=True)


def first_of_each(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    return dict(reversed(list(named)))


def loose(value: object, kind: str | None) -> object:
    """A field as lenient servers take it: without blanks around it, None where that leaves nothing, a whole number that
    was written as text, and the text of what was written as a number."""
    if isinstance(value, str):
        value = value.strip(BLANKS)
        return int(value) if kind == "integer" and re.fullmatch("[+-]?[0-9]+", value) else value or None
    return json.dumps(value) if kind == "string" and type(value) in (int, float) else value


def delivered(to: str) -> str:
    """The text of the newest message, which is for `to`: sends are answered when they have been handed over."""
    with DIRECT.open(f"{os.environ['VERIFYD_SINK']}/message/newest") as answer:
        message = json.loads(answer.read())
    assert message["to"] == to, message
    return message["text"]
