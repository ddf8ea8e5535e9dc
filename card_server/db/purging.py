"""Pages of old rows: found by an index, deleted in short transactions (domain 3.12)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, select

PAGE: Final = 200
"""Rows of one transaction."""
AGAIN: Final = "-"
"""Where to go on when the page that was deleted is simply followed by the next one."""


class Gone(msgspec.Struct, frozen=True):
    """What a page came to."""

    rows: int
    next: str | None = None
    """Where to go on; None: nothing more may go."""

    @classmethod
    def of(cls, deleted: Sequence[Any]) -> Gone:
        """A page that was full may be followed by another one."""
        return cls(len(deleted), AGAIN if len(deleted) == PAGE else None)


def page_of(
    connection: Connection, key: Column[Any], old: ColumnElement[bool], by: Any = None
) -> list[Any]:
    """The keys of the next rows that may go, in the order of the index that knows their age."""
    statement = select(key).where(old).order_by(key if by is None else by).limit(PAGE)
    return list(connection.execute(statement).scalars())


def months_before(moment: datetime, months: int) -> datetime:
    """The same day and time so many months ago, or the last day of a shorter month."""
    total = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(total, 12)
    day = min(moment.day, monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
