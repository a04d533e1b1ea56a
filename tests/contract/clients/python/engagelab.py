import base64

from generated.engagelab import AuthenticatedClient
from generated.engagelab.api.messages import send_custom_message, send_message
from generated.engagelab.api.templates import list_templates
from generated.engagelab.api.verifications import verify_code
from generated.engagelab.models import (
    CustomTemplateRef,
    CustomTemplateRefParams,
    SendCustomMessage,
    SendMessage,
    TemplateRef,
    TemplateRefParams,
    VerifyCode,
)
from stage import KEY, RECIPIENT, SECRET, SERVER, delivered, other


def connect(secret: str) -> AuthenticatedClient:
    token = base64.b64encode(f"{KEY}:{secret}".encode()).decode()
    return AuthenticatedClient(SERVER, token=token, prefix="Basic")


def refusal(answer) -> list:
    return [answer.status_code, answer.parsed.code]


def run() -> dict:
    client = connect(SECRET)

    def send(to: str, template: str, by: AuthenticatedClient = client):
        named = TemplateRef(id=template, params=TemplateRefParams.from_dict({"name": "Ada"}))
        return send_message.sync_detailed(client=by, body=SendMessage(to=to, template=named))

    def verify(code: str):
        return verify_code.sync_detailed(client=client, body=VerifyCode(message_id=sent.message_id, verify_code=code))

    def send_custom(to: list[str]):
        params = CustomTemplateRefParams.from_dict({"name": "Ada", "code": "398210"})
        body = SendCustomMessage(to=to, template=CustomTemplateRef(id="otp", params=params))
        return send_custom_message.sync_detailed(client=client, body=body)

    sent = send(RECIPIENT, "otp").parsed
    code = delivered(sent.message_id)
    return {
        "send": sent.send_channel,
        "wrong code": verify(other(code)).parsed.verified,
        "right code": verify(code).parsed.verified,
        "again": refusal(verify(code)),
        "targets in a list": send_custom([RECIPIENT]).parsed.send_channel,
        "templates": [template.template_id for template in list_templates.sync(client=client)],
        "malformed number": refusal(send("12345", "otp")),
        "unknown template": refusal(send(RECIPIENT, "nothing")),
        "wrong secret": refusal(send(RECIPIENT, "otp", connect("wrong"))),
    }
