"""The change feed: what changed since a cursor, followed by long poll (architecture 7)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from shared.wire.base import SIGNED_IN, Query, Record


class Change(Record, frozen=True, kw_only=True):
    """One edited row: the table and key as domain 1 names them, and who did it."""

    change_id: int
    table: str
    key: str
    action: int
    """1 insert, 2 update, 3 delete, 4 restore."""
    user_id: int | None
    at: datetime


class OperationNote(Record, frozen=True, kw_only=True):
    """One operation of the ledger, so that a window knows whether it shows something of it."""

    operation_id: int
    kind: int
    status: int
    holder_id: int | None
    card_code: int | None


class Changes(Record, frozen=True, kw_only=True):
    """What happened behind `after`; `cursor` is what to follow from next.

    `reload` says that more happened than is told here: what is shown must be read again.
    """

    cursor: str
    changes: list[Change] = msgspec.field(default_factory=list)
    operations: list[OperationNote] = msgspec.field(default_factory=list)
    reload: bool = False


class FollowChanges(Query[Changes], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Wait up to `wait_s` seconds for something to happen behind `after`.

    Without `after` the answer comes at once with the present cursor. A cursor stays good across a
    restart of the server, so a program that was cut off misses nothing.
    """

    right: ClassVar[str] = SIGNED_IN
    after: str | None = None
    wait_s: float = 25.0
