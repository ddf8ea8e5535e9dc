"""Holders, persons, contacts, cards and accounts of the demo, written in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.db.hot import RowInsert
from card_server.demo.draws import Draws
from card_server.demo.names import FEMALE, LAST, MALE, last_name
from card_server.divisions.repository import IdBlocks
from card_server.holders import tables as holder_tables
from card_server.holders.rules import search_last, search_name

FIRST_CARD: Final = 10_001
BATCH: Final = 20_000
TYPES: Final = (1, 2, 3, 5)
BONUS_FIRST_LEVEL: Final = 5
DISCOUNT_FIRST_LEVEL: Final = 1
OLDEST_AGE: Final = 60 * 365

Progress = Callable[[int, int], None]


class Guest(msgspec.Struct):
    """One holder with the cards he has, before ids are given."""

    number: int
    cards: list[int]


def guests(count: int, draws: Draws) -> Iterator[Guest]:
    """Cards in rising numbers: 92 % of holders have one, 7 % two, 1 % three; 3 % are unbound."""
    code = FIRST_CARD
    end = FIRST_CARD + count
    number = 0
    while code < end:
        if draws.chance("card", code, "unbound", 3) and code > FIRST_CARD + 30:
            yield Guest(-1, [code])
            code += 1
            continue
        roll = draws.number("holder", number, "cards", 100)
        several = 1 if roll < 92 else 2 if roll < 99 else 3  # noqa: PLR2004 - domain 6.3
        mine = list(range(code, min(end, code + several)))
        yield Guest(number, mine)
        number += 1
        code += len(mine)


class _Batch:
    """Rows of every table, written together when there are enough."""

    def __init__(self, connection: Connection) -> None:
        dialect = connection.dialect
        std = ("created_at", "updated_at")
        self._connection = connection
        self._inserts: dict[str, tuple[RowInsert, list[Sequence[Any]]]] = {}
        plans: tuple[tuple[str, Table, tuple[str, ...]], ...] = (
            (
                "holder",
                holder_tables.holder,
                (
                    "holder_id",
                    "pos_number",
                    "division_id",
                    "group_id",
                    "non_payer_type_id",
                    "registered_at",
                    *std,
                ),
            ),
            (
                "person",
                holder_tables.person,
                (
                    "holder_id",
                    "l_name",
                    "f_name",
                    "full_name",
                    "search_name",
                    "search_last",
                    "birth_date",
                    "birth_md",
                    "gender",
                ),
            ),
            (
                "contact",
                holder_tables.contact,
                ("contact_id", "holder_id", "contact_type_id", "value", "value_norm", *std),
            ),
            (
                "account",
                account_tables.account,
                (
                    "account_id",
                    "owner_kind",
                    "holder_id",
                    "account_type_id",
                    "level_id",
                    "opened_at",
                    *std,
                ),
            ),
            (
                "card",
                card_tables.card,
                ("card_code", "holder_id", "state", "group_id", "valid_from", "issued_at", *std),
            ),
        )
        for name, table, columns in plans:
            self._inserts[name] = (RowInsert(dialect, table, columns), [])

    def add(self, table: str, row: Sequence[Any]) -> None:
        self._inserts[table][1].append(row)

    def write(self) -> None:
        cursor: Any = self._connection.connection.cursor()
        for insert, rows in self._inserts.values():
            insert.run(cursor, rows)
            rows.clear()


def populate(
    connection: Connection,
    count: int,
    *,
    draws: Draws,
    as_of: date,
    now: datetime,
    ids: IdBlocks,
    levels: dict[int, int],
    progress: Progress | None = None,
) -> int:
    """Write the holders of `count` cards; returns how many holders there are.

    `levels` are the first level of each account type that has levels.
    """
    batch = _Batch(connection)
    holders = written = 0
    for guest in guests(count, draws):
        if guest.number >= 0:
            holders += 1
            holder_id = _holder(batch, guest, draws, as_of=as_of, now=now, ids=ids, levels=levels)
        else:
            holder_id = None
        for code in guest.cards:
            issued = as_of - timedelta(days=draws.number("card", code, "issued", 540))
            batch.add("card", (code, holder_id, 1, 11, issued, now, now, now))
        written += len(guest.cards)
        if written % BATCH < len(guest.cards):
            batch.write()
            if progress is not None:
                progress(written, count)
    batch.write()
    return holders


def _holder(
    batch: _Batch,
    guest: Guest,
    draws: Draws,
    *,
    as_of: date,
    now: datetime,
    ids: IdBlocks,
    levels: dict[int, int],
) -> int:
    number = guest.number
    holder_id = ids.take("holder")
    female = draws.chance("person", number, "gender", 50)
    first_names = FEMALE if female else MALE
    first = first_names[draws.number("person", number, "first", len(first_names))]
    last = last_name(LAST[draws.number("person", number, "last", len(LAST))], female=female)
    full = f"{last} {first}"
    birth = None
    if draws.chance("person", number, "has_birth", 80):
        days = 18 * 365 + draws.number("person", number, "birth", OLDEST_AGE)
        birth = as_of - timedelta(days=days)
    month_day = birth.month * 100 + birth.day if birth is not None else None
    batch.add("holder", (holder_id, ids.take("pos_number"), 1, 1, 1, now, now, now))
    names = (last, first, full, search_name(full), search_last(last))
    batch.add("person", (holder_id, *names, birth, month_day, 2 if female else 1))
    if draws.chance("contact", number, "phone", 88):
        digits = f"7000{number % 10_000_000:07d}"
        shown = f"+7 000 {digits[4:7]}-{digits[7:9]}-{digits[9:]}"
        batch.add("contact", (ids.take("contact"), holder_id, 1, shown, digits, now, now))
    if draws.chance("contact", number, "email", 35):
        mail = f"guest{number}@example.com"
        batch.add("contact", (ids.take("contact"), holder_id, 2, mail, mail, now, now))
    for type_id in TYPES:
        batch.add(
            "account",
            (ids.take("account"), 1, holder_id, type_id, levels.get(type_id), now, now, now),
        )
    return holder_id
