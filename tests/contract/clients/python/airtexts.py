from generated.airtexts import AuthenticatedClient
from generated.airtexts.api.otp import resend_otp, send_otp, verify_otp
from generated.airtexts.api.reports import get_status, get_status_by_id, list_otps
from generated.airtexts.models import ResendOtp, SendOtp, VerifyOtp
from stage import KEY, RECIPIENT, SECRET, SERVER, delivered, other

APPID = "contract"


def connect(secret: str) -> AuthenticatedClient:
    headers = {"X-API-Key": KEY}
    return AuthenticatedClient(SERVER, token=secret, prefix="", auth_header_name="X-API-Secret", headers=headers)


def refusal(answer) -> list:
    return [answer.status_code, answer.parsed.code]


def run() -> dict:
    client = connect(SECRET)

    def send(recipient: str, by: AuthenticatedClient = client, appid: str = APPID):
        return send_otp.sync_detailed(client=by, body=SendOtp(appid=appid, recipient=recipient))

    def verify(code: str):
        body = VerifyOtp(appid=APPID, verification_id=sent.verification_id, otp_code=code)
        return verify_otp.sync_detailed(client=client, body=body)

    def status(verification_id: str):
        return get_status_by_id.sync_detailed(verification_id, client=client)

    sent = send(RECIPIENT).parsed
    wrong = refusal(verify(other(delivered())))
    before = status(sent.verification_id).parsed.data
    again = ResendOtp(appid=APPID, verification_id=sent.verification_id)
    resent = resend_otp.sync(client=client, body=again)
    code = delivered()
    return {
        "send": [sent.data.status, sent.data.delivery_status],
        "wrong code": wrong,
        "status": [before.status, before.attempts],
        "resends": resent.data.resend_count,
        "right code": verify(code).parsed.verified,
        "again": refusal(verify(code)),
        "newest of the recipient": get_status.sync(client=client, appid=APPID, recipient=RECIPIENT).status,
        "listed": list_otps.sync(client=client, appid=APPID, recipient=RECIPIENT).data.total,
        "malformed number": refusal(send("12345")),
        "foreign appid": refusal(send(RECIPIENT, appid="foreign")),
        "unknown OTP": refusal(status("otp_0000000000000000")),
        "wrong secret": refusal(send(RECIPIENT, connect("wrong"))),
    }
