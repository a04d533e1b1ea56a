"""Signs as Twilio does, and holds documents against JSON Schemas.

One JSON object per line on standard input, one answer per line on standard output:
{"token", "url", "fields"} is answered with Twilio's signature, {"schema", "document"} with the first fault or null.
"""

import json
import sys

import jsonschema_rs
from twilio.request_validator import RequestValidator


def fault(schema: dict, document: object) -> str | None:
    errors = jsonschema_rs.validator_for(schema).iter_errors(document)
    return next((f"{error.message} at {error.instance_path}" for error in errors), None)


for line in sys.stdin:
    task = json.loads(line)
    if "token" in task:
        answer = RequestValidator(task["token"]).compute_signature(task["url"], task["fields"])
    else:
        answer = fault(task["schema"], task["document"])
    print(json.dumps(answer), flush=True)
