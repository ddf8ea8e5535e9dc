"""Reads which value of an account burnt, and how much of it was brought back (domain 3.18)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import BigInteger, select
from sqlalchemy.engine import Dialect

from card_server.db.hot import Cursor, HotSelect
from card_server.ledger import tables
from card_server.ledger.book import Book
from card_server.ledger.facts import BurntLot, Facts
from card_server.ledger.record_rows import columns_of, make
from card_server.ledger.records import Lot, Purpose

BurntRow = tuple[int, int, int, datetime]


class BurntReader:
    """By account: what burning took from which lot and when, and the lots made in its place."""

    def __init__(self, dialect: Dialect) -> None:
        entry, allocation, lot = tables.entry, tables.allocation, tables.lot
        operation = tables.operation
        big = BigInteger()
        self._burnt: HotSelect[BurntRow] = HotSelect(
            dialect,
            lambda keys: (
                select(
                    entry.c.account_id,
                    allocation.c.lot_id,
                    allocation.c.amount,
                    operation.c.recorded_at,
                )
                .join(allocation, allocation.c.entry_id == entry.c.entry_id)
                .join(operation, operation.c.operation_id == allocation.c.operation_id)
                .where(entry.c.account_id.in_(keys), entry.c.purpose == Purpose.EXPIRE)
            ),
            lambda account_id, lot_id, amount, at: (account_id, lot_id, amount, at),
            big,
        )
        self._brought_back: HotSelect[tuple[int, int]] = HotSelect(
            dialect,
            lambda keys: (
                select(lot.c.parent_lot_id, lot.c.amount)
                .join(entry, entry.c.entry_id == lot.c.entry_id)
                .where(
                    entry.c.account_id.in_(keys),
                    entry.c.purpose == Purpose.REINSTATE,
                    lot.c.parent_lot_id.is_not(None),
                )
            ),
            lambda lot_id, amount: (lot_id, amount),
            big,
        )
        self._lots: HotSelect[Lot] = HotSelect(
            dialect,
            lambda keys: select(*(lot.c[name] for name in columns_of(Lot).values())).where(
                lot.c.lot_id.in_(keys)
            ),
            make(Lot),
            big,
        )

    def read(self, cursor: Cursor, account_ids: Iterable[int], facts: Facts, book: Book) -> None:
        """Burnt lots of the accounts join the facts."""
        wanted = set(account_ids) - facts.burnt.keys()
        if not wanted:
            return
        rows = self._burnt.rows(cursor, wanted)
        lots = {lot.lot_id: lot for lot in self._lots.rows(cursor, {row[1] for row in rows})}
        found = {
            lot_id: BurntLot(lot=book.known_lot(lot), burnt=[]) for lot_id, lot in lots.items()
        }
        for _, lot_id, amount, at in rows:
            found[lot_id].burnt.append((amount, at))
        for lot_id, amount in self._brought_back.rows(cursor, wanted):
            if lot_id in found:
                found[lot_id].reinstated += amount
        for account_id in wanted:
            facts.burnt[account_id] = []
        latest = sorted(found.values(), key=_latest, reverse=True)
        for one in latest:
            facts.burnt[one.lot.account_id].append(one)


def _latest(one: BurntLot) -> tuple[datetime, int]:
    return (max(at for _, at in one.burnt), one.lot.lot_id)
