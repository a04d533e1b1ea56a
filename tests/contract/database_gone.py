"""Takes a running server's database away, and gives it back."""

import contextlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator


@contextlib.contextmanager
def gone(where: dict) -> Iterator[None]:
    """`{"sqlite": file}` or `{"postgres": database name}`."""
    if "sqlite" in where:
        with _locked_file(where["sqlite"]):
            yield
    else:
        with _closed_database(where["postgres"]):
            yield


@contextlib.contextmanager
def _locked_file(file: str) -> Iterator[None]:
    """An open file cannot be taken from its process, but another process may lock it: nothing is written meanwhile."""
    with contextlib.closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")


@contextlib.contextmanager
def _closed_database(name: str) -> Iterator[None]:
    """Every connection ends, and none begins."""
    _sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    _sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    try:
        yield
    finally:
        _sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def _sql(statement: str) -> None:
    subprocess.run(["psql", os.environ["TEST_POSTGRES_URL"], "-qc", statement], check=True, stdout=subprocess.DEVNULL)
