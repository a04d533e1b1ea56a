"""What the suite tells the programs, and whoever reads the messages."""

import os
import urllib.request

SERVER = os.environ["VERIFYD_URL"]
RECIPIENT = os.environ["RECIPIENT"]
KEY = os.environ.get("VERIFYD_KEY", "")
SECRET = os.environ.get("VERIFYD_SECRET", "")


def delivered(message: str = "newest") -> str:
    """The code in a message: the newest one, or that of an id."""
    with urllib.request.urlopen(f"{os.environ['SINK']}/code/{message}") as answer:
        return answer.read().decode()


def other(code: str) -> str:
    """A code of the same form that is wrong."""
    return ("1" if code[0] == "0" else "0") + code[1:]
