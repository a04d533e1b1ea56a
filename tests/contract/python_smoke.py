"""Sends and verifies with the generated Python client; prints what it saw as one JSON object.

The client's functions are found by method and path, so that a new operation id or tag needs no change here.
"""

import base64
import importlib
import inspect
import json
import os
import pkgutil
from typing import get_args, get_type_hints

import httpx
import python_client.api
from harness import DIRECT, code_in
from python_client import AuthenticatedClient

URL = os.environ["VERIFYD_URL"]


class Api:
    """The generated functions, called by method and path with plain JSON values."""

    def __init__(self, secret: str):
        token = base64.b64encode(f"{os.environ['VERIFYD_KEY']}:{secret}".encode()).decode()
        options = {"transport": httpx.HTTPTransport()}  # straight there, whatever proxy the environment names
        self.client = AuthenticatedClient(URL, token=token, prefix="Basic", httpx_args=options)
        self.modules = {}
        for found in pkgutil.walk_packages(python_client.api.__path__, "python_client.api."):
            module = importlib.import_module(found.name)
            if hasattr(module, "sync_detailed"):
                source = inspect.getsource(module._get_kwargs)
                self.modules[tuple(source.split(f'"{name}": "')[1].split('"')[0] for name in ("method", "url"))] = (
                    module
                )

    def call(self, method: str, path: str, body: dict | None = None):
        """The generated function's answer: status code and typed content."""
        module = self.modules[method, path]
        if body is None:
            return module.sync_detailed(client=self.client)
        hint = get_type_hints(module.sync_detailed)["body"]
        model = next(kind for kind in (get_args(hint) or (hint,)) if hasattr(kind, "from_dict"))
        return module.sync_detailed(client=self.client, body=model.from_dict(body))

    def send(self, to: str, template: str):
        return self.call("post", "/v1/messages", {"to": to, "template": {"id": template, "params": {"name": "Ada"}}})

    def verify(self, message_id: str, code: str):
        return self.call("post", "/v1/verifications", {"message_id": message_id, "verify_code": code})


def refusal(answer) -> list[int]:
    return [int(answer.status_code), answer.parsed.code]


api = Api(os.environ["VERIFYD_SECRET"])
sent = api.send("+6593000001", "otp").parsed
with DIRECT.open(f"{os.environ['SINK']}/message/{sent.message_id}") as delivery:
    code = code_in(json.loads(delivery.read())["text"])
print(
    json.dumps(
        {
            "send": str(getattr(sent.send_channel, "value", sent.send_channel)),
            "wrong code": api.verify(sent.message_id, "wrong0").parsed.verified,
            "right code": api.verify(sent.message_id, code).parsed.verified,
            "again": refusal(api.verify(sent.message_id, code)),
            "malformed number": refusal(api.send("12345", "otp")),
            "unknown template": refusal(api.send("+6593000002", "nothing")),
            "templates": [template.template_id for template in api.call("get", "/v1/template-configs").parsed],
            "wrong secret": refusal(Api("wrong").send("+6593000003", "otp")),
        }
    )
)
