"""A WhatsApp number at Meta, as far as it posts to us: somebody writes to it."""

import hmac
import json
import urllib.request

from harness import DIRECT

NUMBER, APP_SECRET, WEBHOOK_SECRET = "106540352242922", "secret of the app", "0123456789abcdefghijkl"
PROVIDER = f"""
[[provider]]
name = "meta"
kind = "whatsapp"
channels = ["whatsapp"]
phone_number_id = "{NUMBER}"
access_token = "token"
app_secret = "{APP_SECRET}"
verify_token = "first visit"
webhook_secret = "{WEBHOOK_SECRET}"
"""
MESSAGE = {"from": "6591234567", "id": "wamid.9", "timestamp": "1749416383", "type": "text", "text": {"body": "STOP"}}
VALUE = {
    "messaging_product": "whatsapp",
    "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
    "contacts": [{"wa_id": "6591234567", "profile": {"name": "Jane"}}],
    "messages": [MESSAGE],
}
NOTIFICATION = {
    "object": "whatsapp_business_account",
    "entry": [{"id": "1022", "changes": [{"field": "messages", "value": VALUE}]}],
}
# What callbacks are to be told of it.
TOLD = {"message_sid": "wamid.9", "account_sid": NUMBER, "from": "+6591234567", "to": "15550783881", "body": "STOP"}


def write_back(url: str) -> None:
    """Posts the notification, signed, to the server at `url`."""
    body = json.dumps(NOTIFICATION).encode()
    signature = hmac.new(APP_SECRET.encode(), body, "sha256").hexdigest()
    headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={signature}"}
    webhook = urllib.request.Request(f"{url}/providers/meta/{WEBHOOK_SECRET}", data=body, headers=headers)
    with DIRECT.open(webhook, timeout=30) as answer:
        assert answer.status == 200
