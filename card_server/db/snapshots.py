"""Reading one moment of a database for a long time, while others go on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, text

BUSY_S: Final = 2.0
ALLOWED: Final = text(
    "SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()"
)


@contextmanager
def read_snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection whose statements all see the moment of the first one; no lock is taken.

    SQLite's log and PostgreSQL's REPEATABLE READ give that by themselves. MS SQL does it where
    ALLOW_SNAPSHOT_ISOLATION is on; elsewhere each statement sees its own moment.
    """
    level = None
    if engine.dialect.name == "postgresql":
        level = "REPEATABLE READ"
    elif engine.dialect.name == "mssql" and _allows_snapshots(engine):
        level = "SNAPSHOT"
    with engine.connect() as connection:
        if level is not None:
            connection = connection.execution_options(isolation_level=level)  # noqa: PLW2901 - the same one
        yield connection
        connection.rollback()


def _allows_snapshots(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(ALLOWED).scalar())


def need_alone(file: Path) -> None:
    """Raise SQLite's "locked" if any other program has the embedded database open.

    Leaving WAL needs the file for oneself; the next connection comes back to WAL.
    """
    with closing(sqlite3.connect(file, timeout=BUSY_S)) as alone:
        alone.execute("PRAGMA journal_mode=DELETE")
