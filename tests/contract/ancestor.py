"""A client of Optora's ancestor in each of its habits, with the code of the mail. A wrong or used one is a failure."""

import json
import os
import subprocess
from pathlib import Path

from harness import Report, Server
from sink import Sink

CLIENT = Path(__file__).with_name("ancestor.mjs")
CONFIGURATION = """
[optora]
enabled = true
messages = "{words}"
"""
# What each generation says of a code that was sent and of one that was right.
WORDS = {
    "otp-service": ("OTP is generated and sent to your email", "OTP is verified"),
    "optora": ("Verification code sent to your email", "Email verified successfully"),
}
HABITS = ("status", "message", "error")


def run(report: Report) -> None:
    for words, (sent, verified) in WORDS.items():
        sink = Sink()
        with Server(sink, extra=CONFIGURATION.format(words=words)) as server:
            server.start()
            for habit in HABITS:
                # The words of another generation are no success to who compares them: so the switch is there.
                good = habit != "message" or words == "otp-service"
                expected = {
                    "sent": {"good": good, "shown": sent},
                    "wrong": {"good": False, "shown": "Invalid OTP"},
                    "right": {"good": good, "shown": verified},
                    "again": {"good": False, "shown": "Invalid OTP"},
                }
                with report.case(f"a client that goes by {habit}, and a server that speaks as {words}"):
                    saw = client(server, sink, habit)
                    assert saw == expected, saw
        sink.close()


def client(server: Server, sink: Sink, habit: str) -> dict:
    job = {
        "BASE": server.url,
        "EMAIL": f"{habit}@example.com",
        "HABIT": habit,
        "MAIL": f"{sink.url}/message/newest",
    }
    done = subprocess.run(["node", CLIENT], env=os.environ | job, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
