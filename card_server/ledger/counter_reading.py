"""Reads counters of spend limits; runs only where limits exist (domain 1.6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.engine import Dialect

from card_server.accounts import tables as account_tables
from card_server.accounts.records import SpendCounter
from card_server.db.hot import Cursor, HotSelect
from card_server.ledger.book import Book
from card_server.ledger.facts import CounterKey

KEPT: Final = 256
"""Statements kept: one for each limit and period; older ones are made anew when needed."""


class CounterReader:
    """One statement for each limit and period, by the subjects asked for."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._statements: dict[tuple[int, int], HotSelect[SpendCounter]] = {}

    def read(self, cursor: Cursor, wanted: Iterable[CounterKey], book: Book) -> None:
        """Put the counters that exist into the book."""
        subjects: dict[tuple[int, int], set[int]] = defaultdict(set)
        for key in wanted:
            subjects[(key.limit_id, key.period_key)].add(key.subject_id)
        for (limit_id, period_key), ids in subjects.items():
            for counter in self._statement(limit_id, period_key).rows(cursor, ids):
                book.put_counter(counter)

    def _statement(self, limit_id: int, period_key: int) -> HotSelect[SpendCounter]:
        found = self._statements.get((limit_id, period_key))
        if found is None:
            if len(self._statements) >= KEPT:
                self._statements.clear()
            table = account_tables.spend_counter
            columns = (table.c.subject_id, table.c.used_amount, table.c.used_count)
            found = self._statements[(limit_id, period_key)] = HotSelect(
                self._dialect,
                lambda keys: select(*columns).where(
                    table.c.limit_id == limit_id,
                    table.c.period_key == period_key,
                    table.c.subject_id.in_(keys),
                ),
                lambda subject_id, amount, count: SpendCounter(
                    limit_id=limit_id,
                    subject_id=subject_id,
                    period_key=period_key,
                    used_amount=amount,
                    used_count=count,
                    stored=True,
                ),
                table.c.subject_id.type,
            )
        return found
