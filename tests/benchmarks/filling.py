"""Fills an empty database with as many guests as a benchmark wants: no history, quickly.

The demo generator posts months of history for every card, which takes hours for a million cards;
here each holder has a person, a phone (one in three an e-mail too), four accounts and a card, and
nothing happened yet.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, select

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.db.engine import DatabaseAddress, make_engine
from card_server.db.hot import RowInsert
from card_server.db.migrate import upgrade
from card_server.demo.hurrying import GUESTS, calm, hurry, indexes_aside
from card_server.divisions.repository import IdBlocks
from card_server.holders import tables as holder_tables
from card_server.holders.rules import month_day, name_keys
from card_server.presets.rk7 import apply_rk7_preset
from card_server.presets.rk7_content import RIGHTS
from card_server.schemes import tables as scheme_tables
from tests.benchmarks.names import name_of

CODE: Final = "78764696449847372506"
FIRST_CARD: Final = 10_001
TYPES: Final = (1, 2, 3, 5)
"""Bonus, discount, debit and spent accounts of the preset."""
BATCH: Final = 20_000
OPENED: Final = datetime(2026, 3, 31, 9, tzinfo=UTC)
YOUNGEST: Final = date(2008, 3, 31)
AGES_DAYS: Final = 60 * 365
STD: Final = ("created_at", "updated_at")
EMAILS: Final = 3
"""One guest in so many has an e-mail."""

PERSON: Final = ("holder_id", "l_name", "f_name", "m_name", "full_name")
CONTACT: Final = (
    *("contact_id", "holder_id", "contact_type_id", "value", "value_norm", "value_tail"),
)
SEARCHED: Final = ("search_name", "search_last", "search_first", "search_middle", "search_rest")


class _Tables:
    """The INSERT of each table, in the order that foreign keys want."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        dialect = connection.dialect
        self._inserts = [
            RowInsert(
                dialect,
                holder_tables.holder,
                ("holder_id", "pos_number", "division_id", "group_id", "registered_at", *STD),
            ),
            RowInsert(
                dialect,
                holder_tables.person,
                (*PERSON, *SEARCHED, "birth_date", "birth_md"),
            ),
            RowInsert(
                dialect,
                holder_tables.contact,
                (*CONTACT, *STD),
            ),
            RowInsert(
                dialect,
                account_tables.account,
                (
                    "account_id",
                    "owner_kind",
                    "holder_id",
                    "account_type_id",
                    "level_id",
                    "opened_at",
                    *STD,
                ),
            ),
            RowInsert(
                dialect, card_tables.card, ("card_code", "holder_id", "state", "issued_at", *STD)
            ),
        ]

    def write(self, rows: list[list[tuple[Any, ...]]]) -> None:
        """Rows table by table."""
        cursor: Any = self._connection.connection.cursor()
        for statement, mine in zip(self._inserts, rows, strict=True):
            statement.run(cursor, mine)


def fill(address: DatabaseAddress, cards: int) -> str:
    """Migrate, equip and fill; returns the code of the one classifier."""
    engine = make_engine(address)
    upgrade(engine, address, OPENED)
    with engine.connect() as connection, connection.begin():
        apply_rk7_preset(
            connection, code=CODE, name="RK7", now=OPENED, rights=(*RIGHTS, "holder.search")
        )
        level = scheme_tables.level
        first = select(level.c.account_type_id, func.min(level.c.level_id))
        levels = {
            row[0]: row[1] for row in connection.execute(first.group_by(level.c.account_type_id))
        }
    ids = IdBlocks(prefix=1)
    with engine.connect() as connection:
        ids.bind(lambda: connection)
        hurry(connection)
        with indexes_aside(connection, GUESTS):
            tables = _Tables(connection)
            for start in range(0, cards, BATCH):
                with connection.begin():
                    tables.write(_batch(start, min(BATCH, cards - start), ids, levels))
        calm(connection)
    engine.dispose()
    return CODE


def _batch(
    start: int, count: int, ids: IdBlocks, levels: dict[int, int]
) -> list[list[tuple[Any, ...]]]:
    holder = ids.take_many("holder", count)
    number = ids.take_many("pos_number", count)
    contact = ids.take_many("contact", 2 * count)
    account = ids.take_many("account", count * len(TYPES))
    std = (OPENED, OPENED)
    rows: list[list[tuple[Any, ...]]] = [[], [], [], [], []]
    for i in range(count):
        guest = start + i
        named = name_of(guest)
        phone = f"7000{guest % 10_000_000:07d}"
        rows[0].append((holder + i, number + i, 1, 1, OPENED, *std))
        born = YOUNGEST - timedelta(days=guest * 7919 % AGES_DAYS)
        names = (named.last, named.first, named.middle, named.full)
        keys = name_keys(named.full, named.last, named.first, named.middle).values()
        rows[1].append((holder + i, *names, *keys, born, month_day(born)))
        rows[2].append((contact + 2 * i, holder + i, 1, f"+{phone}", phone, phone[-4:], *std))
        if guest % EMAILS == 0:
            email = f"guest{guest}@example.com"
            rows[2].append((contact + 2 * i + 1, holder + i, 2, email, email, email[-4:], *std))
        for place, kind in enumerate(TYPES):
            account_id = account + i * len(TYPES) + place
            rows[3].append((account_id, 1, holder + i, kind, levels.get(kind), OPENED, *std))
        rows[4].append((FIRST_CARD + guest, holder + i, 1, OPENED, *std))
    return rows
