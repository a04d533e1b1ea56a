"""The description that is fuzzed, as hooks and checks look at it."""

import json
import os
from pathlib import Path

import jsonschema_rs
from schemathesis.generation import GenerationMode

DESCRIPTION = json.loads(Path(os.environ["VERIFYD_OPENAPI"]).read_text())


def fits_schema(case) -> bool:
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


def described(case) -> dict:
    """The operation; a request with a method that is not described borrows one."""
    return DESCRIPTION["paths"][case.operation.path][case.operation.method.lower()]


def body_schema(case) -> dict:
    return described(case)["requestBody"]["content"]["application/json"]["schema"]


def fields(case) -> dict[str, dict]:
    """The schema of everything that has a name: fields of the body, parameters of path and query."""
    operation = described(case)
    properties = resolved(body_schema(case))["properties"] if "requestBody" in operation else {}
    return properties | {parameter["name"]: parameter["schema"] for parameter in operation.get("parameters", [])}


def validator(schema: dict) -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(schema | {"components": DESCRIPTION["components"]})


def resolved(schema: dict) -> dict:
    for reference in [schema, *schema.get("allOf", [])]:
        if name := reference.get("$ref", "").rpartition("/")[2]:
            return DESCRIPTION["components"]["schemas"][name]
    return schema
