"""A mail server of another make for the provider tests.

Prints JSON lines: first {"port": N}, then one per mail: envelope, text, login, whether TLS was on, and every command
line of the connection so far as it came in. Recipients: "nobody@..." is refused for good, "busy@..." for now,
"spam@..." after the text; "slow@..." never gets an answer to its final dot; "hangup@..." loses the connection there.
"""

import argparse
import asyncio
import json
import logging
import ssl
import sys
import warnings

from aiosmtpd.smtp import SMTP, AuthResult

# It warns of logins without TLS and of its own old names, and tells of handshakes that fail; tests ask for all of them.
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def say(**fields):
    print(json.dumps(fields), flush=True)


class Recorder(SMTP):
    """Keeps the raw bytes of the connection, after TLS is taken off."""

    raw = b""

    def data_received(self, data):
        self.raw += data
        super().data_received(data)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "nobody":
            return f"550 5.1.1 <{address}> no such user here"
        if name == "busy":
            return f"451 4.7.1 <{address}> greylisted, come back"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        name = envelope.rcpt_tos[0].split("@")[0]
        say(
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            text=envelope.original_content.decode("latin-1"),
            raw=server.raw.decode("latin-1"),
            tls=server.transport.get_extra_info("ssl_object") is not None,
            login=(session.auth_data or b"").decode() or None,
        )
        server.raw = b""
        if name == "spam":
            quoted = envelope.original_content[-80:]
            return f"554 5.7.1 message for <{envelope.rcpt_tos[0]}> looks like spam: {quoted}"
        if name == "slow":
            await asyncio.Event().wait()
        if name == "hangup":
            server.transport.abort()
        return "250 2.0.0 taken"


async def main():
    options = argparse.ArgumentParser()
    options.add_argument("--cert")
    options.add_argument("--key")
    options.add_argument("--implicit", action="store_true")
    options.add_argument("--login")
    options = options.parse_args()

    context = None
    if options.cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)

    def check(server, session, envelope, mechanism, data):
        given = b":".join([data.login, data.password]).decode()
        return AuthResult(success=given == options.login, handled=False, auth_data=data.login)

    def connection():
        return Recorder(
            Handler(),
            hostname="peer.test",
            tls_context=None if options.implicit else context,
            require_starttls=bool(context) and not options.implicit,
            authenticator=check,
            auth_required=bool(options.login),
            auth_require_tls=bool(context) and not options.implicit,
        )

    server = await asyncio.get_running_loop().create_server(
        connection, "127.0.0.1", 0, ssl=context if options.implicit else None
    )
    say(port=server.sockets[0].getsockname()[1])
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
