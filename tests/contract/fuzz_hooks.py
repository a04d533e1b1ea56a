"""Hooks and checks of our own for schemathesis."""

import itertools

import schemathesis
from fuzz_description import body_schema, fits_schema, resolved, validator
from fuzz_rules import CONFIGS, LASTING, SENDS, TEMPLATES, Known, may_be_refused

SUCCESS_WITH_CODE = {("POST", "/v1/template-configs"), ("DELETE", "/v1/template-configs/{template_id}")}
CUSTOM = "/v1/custom-messages"
SIX_DIGITS = {"verify_code_type": 1, "verify_code_len": 6, "verify_code_ttl": 5}
OWN_TEXT = {"template_type": 1, "template_default_config": {"contain_security": True, "contain_expire": True}}

_numbers = itertools.count(1)
_known = Known()


@schemathesis.hook
def filter_case(context, case) -> bool:
    """Leaves out bodies whose only faults are ones that the contract lets pass: an explicit null for an optional field,
    as official clients send it, a target without its list, and the configuration of a channel that is not in use."""
    return fits_schema(case) or case.method != "POST" or not isinstance(case.body, dict) or not only_overlooked(case)


def only_overlooked(case) -> bool:
    schema = body_schema(case)
    judged = what_is_judged(without_optional_nulls(case.body, schema), case.path)
    return judged != case.body and validator(schema).is_valid(judged)


def without_optional_nulls(value: object, schema: dict) -> object:
    schema = resolved(schema)
    if isinstance(value, list) and "items" in schema:
        return [without_optional_nulls(item, schema["items"]) for item in value]
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    optional = schema["properties"].keys() - schema.get("required", [])
    return {
        name: without_optional_nulls(inner, schema["properties"].get(name, {}))
        for name, inner in value.items()
        if inner is not None or name not in optional
    }


def what_is_judged(body: dict, path: str) -> dict:
    if path == CUSTOM and isinstance(body.get("to"), str):
        return body | {"to": [body["to"]]}
    strategy = body.get("send_channel_strategy")
    if path != TEMPLATES or not isinstance(strategy, str):
        return body
    unused = {config for channel, config in CONFIGS.items() if channel not in strategy.split("|")}
    return {name: value for name, value in body.items() if name not in unused}


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Lets three of four well-formed bodies get far: nearly all of them would else end at an unknown template or
    message, a code that is out, or a channel without its configuration, and hide what lies behind."""
    if fits_schema(case) and isinstance(case.body, dict) and (turn := next(_numbers)) % 4:
        mend(case.path, case.body, turn)


def mend(path: str, body: dict, turn: int) -> None:
    if path in SENDS:
        number = f"+6594{turn:06d}"  # nobody had it before
        body["to"] = [number] if path == CUSTOM else number
        body["template"]["id"] = LASTING
    if path == CUSTOM:
        body["template"].setdefault("params", {}).setdefault("code", "1234")
    if path == "/v1/verifications":
        body["message_id"] = _known.verifiable[turn % len(_known.verifiable)]
    if path == TEMPLATES:
        body["template_id"] = f"fuzz-{turn}"
        body.setdefault("verify_code_config", SIX_DIGITS)
        if not CONFIGS.values() & body.keys():
            body["sms_config"] = OWN_TEXT
        configured = [channel for channel, config in CONFIGS.items() if config in body]
        body["send_channel_strategy"] = "|".join(configured[:-1] if "email" in configured[1:] else configured)


@schemathesis.hook
def after_call(context, case, response) -> None:
    if response.status_code == 200:
        _known.note(case, response.json())


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
def what_fits_the_schema_breaks_only_a_rule_beyond_it(ctx, response, case) -> None:
    """See fuzz_rules.py."""
    if fits_schema(case) and response.status_code != 200:
        error = response.json()
        assert response.status_code == 400, error
        assert may_be_refused(case, error["code"], error["message"], _known), error
