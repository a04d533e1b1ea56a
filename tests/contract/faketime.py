"""A server's clock that a test can move forward: libfaketime, told by a file."""

import datetime
import tempfile
from pathlib import Path

from harness import RUNS


class Clock:
    """Runs as the machine's clock does, plus the seconds that its file says."""

    def __init__(self):
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        RUNS.mkdir(parents=True, exist_ok=True)
        self.file = Path(tempfile.mkdtemp(dir=RUNS)) / "offset"
        advance(self.file, 0)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # timers go on as they were
            "NO_FAKE_STAT": "1",
        }

    @staticmethod
    def in_minutes(minutes: float) -> str:
        """The instant so far ahead of the machine's clock, as RFC 3339."""
        instant = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
        return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def advance(file: Path, seconds: int) -> None:
    """Sets the offset from the machine's clock, in one step."""
    new = file.with_suffix(".new")
    new.write_text(f"+{seconds}\n")
    new.replace(file)
