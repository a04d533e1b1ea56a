"""Hooks and checks of our own for schemathesis over the management API."""

import itertools
import os
import re

import schemathesis
from fuzz_description import fits_schema

REAL = {
    "app_id": os.environ["VERIFYD_APP"],
    "callback_id": os.environ["VERIFYD_CALLBACK"],
    "dev_key": os.environ["VERIFYD_KEY"],
    "message_id": os.environ["VERIFYD_MESSAGE"],
    "template_id": os.environ["VERIFYD_TEMPLATE"],
}
# What a request that fits the schema may still be refused for, by operation: the code and the words.
NO_APP = "no_such_application: there is no such application"
NETWORKS = "invalid_value: allowed_ips may only have networks such as 10.0.0.0/8, and addresses"
TIME = "invalid_value: expires_at must be a time such as 2027-01-31T00:00:00Z"
FROM, TO = (f"invalid_value: {field} must be a time such as 2027-01-31T00:00:00Z" for field in ("from", "to"))
NO_CALLBACK = "no_such_callback: there is no such callback"
HIDDEN = "invalid_value: the description may have 255 printable characters"
NO_KEY = "no_such_key: there is no such key"
NO_TEMPLATE = "no_such_template: there is no such template"
# What a key may have depends on its API, which a schema does not say.
OF_API = [
    *(f"invalid_value: appids of a key of {api} must be empty" for api in ("engagelab", "mailpass")),
    "invalid_value: appids of a key of airtexts must not be empty; `*` is any",
    "invalid_value: permissions of a key of engagelab may only be: send, verify",
    *(f"invalid_value: permissions of a key of {api} may only be: otp" for api in ("mailpass", "airtexts")),
]
RECIPIENT = "invalid_value: recipient must be a phone number such as +6591234567, or an email address"
REFUSALS = {
    "createApplication": ["name_taken: there is an application of that name already"],
    "getApplication": [NO_APP],
    "updateApplication": [NO_APP],
    "listKeys": [NO_APP],
    "createKey": [NO_APP, NETWORKS, TIME, *OF_API],
    "getKey": [NO_APP, NO_KEY],
    "updateKey": [NO_APP, NO_KEY, NETWORKS, TIME, *OF_API],
    "rotateKey": [NO_APP, NO_KEY],
    "deleteKey": [NO_APP],
    "listAppTemplates": [NO_APP],
    "getAppTemplate": [NO_APP, NO_TEMPLATE],
    "approveTemplate": [NO_APP, NO_TEMPLATE],
    "rejectTemplate": [NO_APP, NO_TEMPLATE],
    "deleteAppTemplate": [NO_APP],
    "listCallbacks": [NO_APP],
    "createCallback": [NO_APP, HIDDEN],
    "getCallback": [NO_APP, NO_CALLBACK],
    "updateCallback": [NO_APP, NO_CALLBACK, HIDDEN],
    "refreshCallback": [NO_APP, NO_CALLBACK],
    "rotateCallbackSecret": [NO_APP, NO_CALLBACK],
    "replayCallback": [NO_APP, NO_CALLBACK, FROM, TO],
    "deleteCallback": [NO_APP],
    "blockRecipient": [RECIPIENT],
    "unlockRecipient": [NO_APP, RECIPIENT],
    "listBlockedRecipients": ["invalid_parameter: a parameter of the path or query has a wrong value"],
    "getMessage": ["no_such_message: there is no such message", "no_such_message: message not exist"],
}

_numbers, _urls = itertools.count(1), itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Lets three of four well-formed requests name things that are there; deletes take what they find. What is called
    back is our own receiver."""
    if isinstance(case.body, dict) and str(case.body.get("url")).startswith("http"):
        case.body["url"] = f"{os.environ['VERIFYD_RECEIVER']}/{next(_urls)}"
    if not fits_schema(case) or not (turn := next(_numbers)) % 4:
        return
    for name in REAL.keys() & (case.path_parameters or {}).keys():
        if case.method != "DELETE" or name == "app_id":
            case.path_parameters[name] = REAL[name]
    if case.path.endswith(("/blocked-recipients", "/unlocks")) and case.method == "POST":
        case.body["recipient"] = f"+6593{turn:06d}"
    if case.path.endswith("/replay"):
        case.body |= {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}


@schemathesis.check
def errors_have_a_code_and_a_message(ctx, response, case) -> None:
    """Every failure is one object with a word for programs and a sentence for people."""
    if response.status_code >= 400 and case.method != "HEAD":
        error = response.json()["error"]
        assert error.keys() == {"code", "message"}, error
        assert re.fullmatch("[a-z_]+", error["code"]) and error["message"], error


@schemathesis.check
def what_fits_the_schema_is_refused_for_what_it_cannot_say(ctx, response, case) -> None:
    """See REFUSALS."""
    if fits_schema(case) and response.status_code >= 400:
        error = response.json()["error"]
        allowed = REFUSALS.get(case.operation.definition.raw["operationId"], [])
        assert f"{error['code']}: {error['message']}" in allowed, error
