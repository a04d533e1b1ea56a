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
        with _renamed_tables(where["sqlite"]):
            yield
    else:
        with _closed_database(where["postgres"]):
            yield


@contextlib.contextmanager
def _renamed_tables(file: str) -> Iterator[None]:
    """An open SQLite file cannot be taken from its process; its tables can."""
    connection = sqlite3.connect(file, timeout=10, isolation_level=None)
    connection.execute("PRAGMA legacy_alter_table = ON")
    tables = [
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        if not name.startswith("sqlite_")
    ]
    _rename(connection, [(name, f"gone_{name}") for name in tables])
    try:
        yield
    finally:
        _rename(connection, [(f"gone_{name}", name) for name in tables])
        connection.close()


def _rename(connection: sqlite3.Connection, pairs: list[tuple[str, str]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for old, new in pairs:
        connection.execute(f'ALTER TABLE "{old}" RENAME TO "{new}"')
    connection.execute("COMMIT")


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
