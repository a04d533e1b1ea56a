"""Hooks and checks of our own for schemathesis."""

import itertools
import os

import schemathesis
from schemathesis.generation import GenerationMode

MALFORMED = 3001
SUCCESS_WITH_CODE = {("POST", "/v1/template-configs"), ("DELETE", "/v1/template-configs/{template_id}")}
SENDS = {"/v1/messages", "/v1/codes", "/v1/custom-messages"}

_numbers = itertools.count(1)


@schemathesis.hook
def filter_case(context, case) -> bool:
    """We take an explicit null for an absent field, as official clients send it; the schema does not say so."""
    return not has_null(case.body)


def has_null(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(has_null, value.values()))
    if isinstance(value, list):
        return any(map(has_null, value))
    return value is None


def fits_schema(case) -> bool:
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Three of four well-formed sends go to a number nobody had before, by a template that exists: else nearly all of
    them would end at 4001 or 3004, and hide what lies behind."""
    if not fits_schema(case) or not isinstance(case.body, dict):
        return
    turn = next(_numbers)
    if case.path in SENDS and turn % 4 and isinstance(case.body.get("template"), dict):
        case.body["to"] = f"+6594{turn:06d}"
        case.body["template"]["id"] = os.environ["VERIFYD_TEMPLATE"]
    if case.path == "/v1/verifications" and turn % 4:
        case.body["message_id"] = os.environ["VERIFYD_MESSAGE"]


@schemathesis.check
def errors_are_code_and_message(ctx, response, case) -> None:
    """Every failure is an object with a numeric code and a message; no success of a send or verify has a `code`."""
    if case.method == "HEAD":
        return
    body = response.json()
    if response.status_code >= 400:
        assert isinstance(body, dict) and type(body.get("code")) is int and body["code"], body
        assert isinstance(body.get("message"), str) and body["message"], body
    elif (case.method, case.path) not in SUCCESS_WITH_CODE:
        assert "code" not in body, body


@schemathesis.check
def what_fits_the_schema_is_not_malformed(ctx, response, case) -> None:
    """3001 says that JSON or types are wrong: never so for a body that fits the schema."""
    if fits_schema(case) and response.status_code == 400:
        assert response.json().get("code") != MALFORMED, response.json()
