"""Clocks that a test can move forward: this machine's, as one server sees it, and a database's."""

import datetime
import subprocess
import tempfile
from pathlib import Path

from harness import RUNS, Database


class MachineClock:
    """The clock of servers started in `environment`, by libfaketime. For SQLite, where the server's clock counts."""

    def __init__(self):
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        RUNS.mkdir(parents=True, exist_ok=True)
        file = Path(tempfile.mkdtemp(dir=RUNS)) / "offset"
        self.where = {"file": str(file)}
        advance(self.where, 0)
        self.environment = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # timers go on as they were
            "NO_FAKE_STAT": "1",
        }


class DatabaseClock:
    """The clock that a PostgreSQL database tells, by a function of ours that is found before the built-in one."""

    def __init__(self, database: Database):
        self.where = {"database": database.url}
        database.sql(f"ALTER DATABASE {database.name} SET search_path = public, pg_catalog")
        _psql(
            database.url,
            "CREATE TABLE moved (seconds int); INSERT INTO moved VALUES (0);"
            "CREATE FUNCTION clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql AS $$"
            " SELECT pg_catalog.clock_timestamp() + make_interval(secs => (SELECT seconds FROM public.moved)) $$",
        )


def in_minutes(minutes: float) -> str:
    """The instant so far ahead of the machine's clock, as RFC 3339."""
    instant = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=minutes)
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def advance(where: dict, seconds: int) -> None:
    """Sets the offset from the machine's clock, in one step. A server looks at its database's clock now and then."""
    if "database" in where:
        _psql(where["database"], f"UPDATE moved SET seconds = {seconds}")
        return
    file = Path(where["file"])
    new = file.with_suffix(".new")
    new.write_text(f"+{seconds}\n")
    new.replace(file)


def _psql(url: str, statements: str) -> None:
    command = ["psql", url, "-v", "ON_ERROR_STOP=1", "-qc", statements]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
