from generated.optora import Client
from generated.optora.api.codes import generate_otp, verify_otp
from generated.optora.api.links import send_link
from generated.optora.api.status import get_status
from generated.optora.models import Generate, SendLink, Verify
from stage import RECIPIENT, SERVER, delivered, other


def refusal(answer) -> list:
    return [answer.status_code, answer.parsed.error]


def run() -> dict:
    client = Client(SERVER)

    def send(email: str):
        return generate_otp.sync_detailed(client=client, body=Generate(email=email))

    def verify(code: str):
        return verify_otp.sync_detailed(client=client, body=Verify(email=RECIPIENT, otp=code))

    sent = send(RECIPIENT).parsed
    code = delivered()
    wrong = refusal(verify(other(code)))
    resent = send(RECIPIENT).parsed
    right = verify(code).parsed.verified
    again = refusal(verify(code))
    known = get_status.sync(sent.request_id, client=client)
    unknown = get_status.sync("0" * 32, client=client)
    return {
        "send": sent.mode,
        "wrong code": wrong,
        "resend keeps the request": resent.request_id == sent.request_id,
        "right code": right,
        "again": again,
        "status": [known.found, known.verified],
        "unknown request": [unknown.found, unknown.expired],
        "link": send_link.sync(client=client, body=SendLink(email=f"link.{RECIPIENT}")).mode,
        "malformed address": refusal(send("nobody")),
    }
