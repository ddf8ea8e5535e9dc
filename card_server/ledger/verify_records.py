"""What a verification is asked for and what it answers (domain 3.15)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Select, select, union

from card_server.ledger import tables

QUICK_LINKS: Final = 10_000
MOST_FINDINGS: Final = 100

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and of how much."""


class Finding(msgspec.Struct, frozen=True):
    """One row that does not agree: where, which invariant, what was expected and found."""

    table: str
    row_id: str
    invariant: str
    expected: str
    found: str


class Asked(msgspec.Struct, kw_only=True, frozen=True):
    """How much is to be proven; nothing said means quick."""

    full: bool = False
    since: date | None = None
    """Links recorded on or after this day (UTC), and accounts touched since."""
    since_chain_no: int | None = None
    account_id: int | None = None
    """One account: its links and its figures."""
    as_of: datetime | None = None
    """The ledger as it stood at this moment; caches, which know only the present, are left out."""


class VerifyReport(msgspec.Struct, kw_only=True):
    """What a verification looked at and found; `ok` means nothing is wrong."""

    ok: bool
    full: bool
    operations: int
    accounts: int = 0
    last_chain_no: int = 0
    head: str = ""
    totals: dict[int, int] = {}
    """Account type -> sum of all entries up to the last link: minus the house account (I-4)."""
    signed_heads: int = 0
    notes: list[str] = []
    """What could not be looked at, and why."""
    findings: list[Finding]
    seconds: float


class Scope(msgspec.Struct, kw_only=True, frozen=True):
    """Which links and accounts are looked at."""

    writer_id: int
    first: int = 1
    last: int
    account_id: int | None = None
    with_caches: bool = True

    @property
    def is_whole(self) -> bool:
        """Every account is looked at."""
        return self.first == 1 and self.account_id is None

    def touched(self) -> Select[Any]:
        """Ids of accounts that the links from `first` on touched."""
        operation, entry, lot = tables.operation, tables.entry, tables.lot
        allocation, hold, event = tables.allocation, tables.hold, tables.hold_event
        recent = (operation.c.writer_id == self.writer_id) & (operation.c.chain_no >= self.first)
        ids = union(
            select(entry.c.account_id)
            .join(operation, operation.c.operation_id == entry.c.operation_id)
            .where(recent),
            select(lot.c.account_id)
            .join(allocation, allocation.c.lot_id == lot.c.lot_id)
            .join(operation, operation.c.operation_id == allocation.c.operation_id)
            .where(recent),
            select(hold.c.account_id)
            .join(event, event.c.hold_id == hold.c.hold_id)
            .join(operation, operation.c.operation_id == event.c.operation_id)
            .where(recent),
        ).subquery()
        return select(ids.c.account_id)


class Findings:
    """Collects what is wrong; the first is told first, and there is an end to them."""

    def __init__(self) -> None:
        self.rows: list[Finding] = []

    @property
    def is_full(self) -> bool:
        """Enough was found; looking on would only repeat it."""
        return len(self.rows) >= MOST_FINDINGS

    def add(self, table: str, row_id: object, law: str, expected: object, found: object) -> None:
        """One row that is wrong."""
        if not self.is_full:
            self.rows.append(Finding(table, str(row_id), law, _shown(expected), _shown(found)))

    def check(self, table: str, row_id: object, law: str, expected: Any, found: Any) -> None:
        """Expected and found, told if they differ."""
        if expected != found:
            self.add(table, row_id, law, expected, found)


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()[:16]
    if isinstance(value, datetime):
        return value.isoformat(" ", "milliseconds")
    return str(value)
