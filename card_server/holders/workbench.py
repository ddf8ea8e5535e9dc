"""What every edit of a guest needs: the transaction, the journal, the day, the house's rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Protocol

import msgspec
from sqlalchemy import Connection, RowMapping

from card_server.db.change_log import ChangeLog
from card_server.holders.rules import RUSSIA


class Ids(Protocol):
    """Hands out ids."""

    def take(self, kind: str) -> int:
        """The next id of a kind."""

    def take_many(self, kind: str, count: int) -> int:
        """The first of `count` ids in one piece."""


class Workbench(msgspec.Struct, kw_only=True):
    """One edit; `log` writes rows and journals them in the same transaction."""

    connection: Connection
    ids: Ids
    log: ChangeLog
    now: datetime
    today: date
    division_id: int = 1
    unit_id: int | None = None
    classifier_id: int | None = None
    user_id: int | None = None
    country: str = RUSSIA
    name_required: bool = False
    default_group: int | None = None
    holder_groups: Mapping[int, str] = {}
    card_groups: Mapping[int, str] = {}
    contact_types: dict[int, RowMapping] = {}
    address_types: list[int] = []
    places: dict[tuple[str, int | None, str], int] = {}
    """Dictionaries as far as this edit has read them, so that a hundred guests ask once."""
