"""Hooks and checks of our own for schemathesis over the APIs whose clients are used to a server that is lenient: what
each of them overlooks, and what it may refuse, stands in its own file."""

import importlib
import itertools
import os

import schemathesis
from fuzz_description import body_schema, described, fields, fits_schema, validator
from fuzz_wire import FORM, names_twice, said
from schemathesis.core.parameters import ParameterLocation

dialect = importlib.import_module(f"fuzz_{os.environ['VERIFYD_DIALECT']}")

TAKES_FORMS = {"airtexts"}

_numbers = itertools.count(1)


@schemathesis.hook
def before_load_schema(context, raw_schema: dict) -> None:
    """Adds forms where they are taken: the description tells of JSON alone, for generators trip over two."""
    if os.environ["VERIFYD_DIALECT"] in TAKES_FORMS:
        for path in raw_schema["paths"].values():
            for body in (operation["requestBody"] for operation in path.values() if "requestBody" in operation):
                body["content"][FORM] = body["content"]["application/json"]


@schemathesis.hook
def filter_case(context, case) -> bool:
    """Leaves out requests whose only faults are ones that the contract overlooks, and forms that give a field twice:
    they are refused, and no description can say so."""
    return not names_twice(case) and (fits_schema(case) or not only_overlooked(case))


def only_overlooked(case) -> bool:
    asked = read(case)
    if case.meta.is_negative_at(ParameterLocation.BODY):
        return isinstance(case.body, dict) and validator(body_schema(case)).is_valid(asked)
    schemas = fields(case)
    return case.meta.is_negative_at(ParameterLocation.QUERY) and all(
        validator(schemas[name]).is_valid(asked[name]) for name in schemas.keys() & asked.keys()
    )


def read(case) -> dict:
    """What a request says in the fields that are known, as the contract takes it."""
    kinds = {name: schema.get("type") for name, schema in fields(case).items()}
    return dialect.read({name: value for name, value in said(case).items() if name in kinds}, kinds)


def operation(case) -> str:
    return described(case)["operationId"]


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Lets three of four well-formed requests get far: nearly all of them would else end at an unknown id, a wrong code
    or nobody's address, and hide what lies behind."""
    if fits_schema(case) and (turn := next(_numbers)) % 4:
        dialect.mend(operation(case), case, read(case), turn)


@schemathesis.hook
def after_call(context, case, response) -> None:
    dialect.note(operation(case), read(case), response)


@schemathesis.check
def failures_are_worded_by_the_contract(ctx, response, case) -> None:
    """Every failure has the shape that clients of the API look into, also one that the description does not list."""
    if response.status_code >= 400 and case.method != "HEAD":
        assert dialect.words(response), response.text


@schemathesis.check
def what_fits_the_schema_breaks_only_a_rule_beyond_it(ctx, response, case) -> None:
    """A refusal stands in `RULES` with its words and what must be true of the request; any other is a fault."""
    if fits_schema(case) and response.status_code != 200:
        words, asked = dialect.words(response), read(case)
        rules = dialect.RULES.get(operation(case), [])
        assert any(words == refusal and broken(asked) for refusal, broken in rules), (words, asked)
