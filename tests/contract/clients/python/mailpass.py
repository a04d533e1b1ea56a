from generated.mailpass import AuthenticatedClient
from generated.mailpass.api.otp import get_otp_status, resend_otp, send_otp, verify_otp
from generated.mailpass.models import ResendOtp, SendOtp, SendOtpTemplate, VerifyOtp
from stage import KEY, RECIPIENT, SERVER, delivered, other


def refusal(answer) -> list:
    return [answer.status_code, answer.parsed.error.code]


def run() -> dict:
    client = AuthenticatedClient(SERVER, token=KEY)

    def send(email: str, by: AuthenticatedClient = client):
        body = SendOtp(email=email, template=SendOtpTemplate.LOGIN)
        return send_otp.sync_detailed(client=by, body=body)

    def verify(code: str):
        return verify_otp.sync_detailed(client=client, body=VerifyOtp(session_id=session, code=code))

    def resend():
        return resend_otp.sync_detailed(client=client, body=ResendOtp(session_id=session))

    def status(session_id: str):
        return get_otp_status.sync_detailed(session_id, client=client)

    session = send(RECIPIENT).parsed.data.session_id
    wrong = refusal(verify(other(delivered())))
    before = status(session).parsed.data
    resent = resend().parsed.data
    code = delivered()
    return {
        "wrong code": wrong,
        "status": [before.status, before.attempts, before.max_attempts],
        "resend keeps the session": resent.session_id == session,
        "right code": verify(code).parsed.data.verified,
        "again": refusal(verify(code)),
        "status afterwards": status(session).parsed.data.status,
        "resend afterwards": refusal(resend()),
        "malformed address": refusal(send("nobody")),
        "unknown session": refusal(status("0" * 32)),
        "wrong key": refusal(send(RECIPIENT, AuthenticatedClient(SERVER, token="wrong"))),
    }
