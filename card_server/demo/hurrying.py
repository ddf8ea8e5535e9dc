"""Settings and indexes for a database that is filled from nothing: it may always be made anew.

Indexes of the big tables are set aside while rows come in by the hundred thousand, and are built
once at the end, each in its own order: a row that goes into ten trees at ten places costs several
times as much. Rows that break a unique index are found when it is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Index, Table

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.holders import tables as holder_tables
from card_server.ledger import tables as ledger_tables

GUESTS: Final = (
    holder_tables.holder,
    holder_tables.person,
    holder_tables.contact,
    holder_tables.consent,
    account_tables.account,
    card_tables.card,
    card_tables.card_event,
)
POSTINGS: Final = (
    account_tables.account,
    ledger_tables.operation,
    ledger_tables.entry,
    ledger_tables.lot,
    ledger_tables.allocation,
)
HASTE: Final = ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-262144")
HASTE_PAGES: Final = 65_536
"""The log is carried over every 256 MB, not every few: each carrying-over writes a page again."""


def hurry(connection: Connection) -> None:
    """A demo that is cut off is made anew, so the disk need not be waited for."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        for setting in (*HASTE, f"wal_autocheckpoint={HASTE_PAGES}"):
            driver.execute(f"PRAGMA {setting}")


def calm(connection: Connection) -> None:
    """What was written lies on the disk before anybody is told so."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA synchronous=FULL")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def indexes_aside(connection: Connection, tables: tuple[Table, ...]) -> Iterator[None]:
    """Without the indexes of some tables inside; they are built when it went well."""
    found = [one for table in tables for one in sorted(table.indexes, key=_name)]
    _change(connection, [one.drop for one in found])
    yield
    _change(connection, [one.create for one in found])


def _change(connection: Connection, steps: list[Any]) -> None:
    if connection.in_transaction():
        connection.commit()
    with connection.begin():
        for step in steps:
            step(connection)


def _name(index: Index) -> str:
    return str(index.name)
