"""Reads what the Book needs to debit or cover accounts: lots, uncovered debits, open holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BigInteger, func, select, text
from sqlalchemy.engine import Dialect

from card_server.db.hot import Cursor, HotSelect
from card_server.ledger import tables
from card_server.ledger.book import Book
from card_server.ledger.facts import AccountLots
from card_server.ledger.record_rows import columns_of, make
from card_server.ledger.records import Entry, Hold, HoldLot, Lot

WITH_A_REST = text("crm_lot.remaining > 0")
OPEN_HOLDS = text("crm_hold.state IN (1, 2)")
"""As the filtered indexes say it: with bound values no database would use them."""


class LotReader:
    """Statements by account; uncovered debits and holds only where the caches say there are."""

    def __init__(self, dialect: Dialect) -> None:
        lot, entry, hold, hold_lot = (
            tables.lot,
            tables.entry,
            tables.hold,
            tables.hold_lot,
        )
        big = BigInteger()
        self._lots: HotSelect[Lot] = HotSelect(
            dialect,
            lambda keys: select(*(lot.c[name] for name in columns_of(Lot).values())).where(
                lot.c.account_id.in_(keys), WITH_A_REST
            ),
            make(Lot),
            big,
        )
        self._debits: HotSelect[Entry] = HotSelect(
            dialect,
            lambda keys: select(*(entry.c[name] for name in columns_of(Entry).values())).where(
                entry.c.account_id.in_(keys), entry.c.amount < 0
            ),
            make(Entry),
            big,
        )
        self._allocated: HotSelect[tuple[int, int]] = self._sums(
            dialect, tables.allocation.c.entry_id, tables.allocation.c.amount
        )
        self._reversed: HotSelect[tuple[int, int]] = self._sums(
            dialect, entry.c.reverses_entry_id, entry.c.amount
        )
        self._holds: HotSelect[Hold] = HotSelect(
            dialect,
            lambda keys: select(*(hold.c[name] for name in columns_of(Hold).values())).where(
                hold.c.account_id.in_(keys), OPEN_HOLDS
            ),
            make(Hold),
            big,
        )
        self._hold_lots: HotSelect[HoldLot] = HotSelect(
            dialect,
            lambda keys: select(*(hold_lot.c[name] for name in columns_of(HoldLot).values())).where(
                hold_lot.c.hold_id.in_(keys)
            ),
            make(HoldLot),
            big,
        )

    @staticmethod
    def _sums(dialect: Dialect, key: Any, amount: Any) -> HotSelect[tuple[int, int]]:
        return HotSelect(
            dialect,
            lambda keys: (
                select(key, func.sum(amount).label("total")).where(key.in_(keys)).group_by(key)
            ),
            lambda entry_id, total: (int(entry_id), int(total)),
            BigInteger(),
        )

    def read(self, cursor: Cursor, account_ids: Iterable[int], book: Book) -> None:
        """Put lots, uncovered debits and holds of the accounts into the book."""
        wanted = {i for i in account_ids if not book.has_lots(i)}
        if not wanted:
            return
        found = {
            i: AccountLots(lots=[], uncovered=[], holds=[], hold_lots=[]) for i in sorted(wanted)
        }
        for lot in sorted(self._lots.rows(cursor, wanted), key=_lot_order):
            found[lot.account_id].lots.append(lot)
        accounts = {i: book.account(i) for i in found}
        self._read_uncovered(cursor, {i for i, a in accounts.items() if a.uncovered > 0}, found)
        self._read_holds(cursor, {i for i, a in accounts.items() if a.held > 0}, found)
        for account_id, lots in found.items():
            book.put_lots(account_id, lots)

    def _read_uncovered(
        self, cursor: Cursor, account_ids: set[int], found: dict[int, AccountLots]
    ) -> None:
        if not account_ids:
            return
        debits = self._debits.rows(cursor, account_ids)
        ids = [entry.entry_id for entry in debits]
        allocated = dict(self._allocated.rows(cursor, ids))
        reversed_ = dict(self._reversed.rows(cursor, ids))
        for entry in sorted(debits, key=lambda entry: entry.entry_id):
            rest = -entry.amount - reversed_.get(entry.entry_id, 0)
            rest -= allocated.get(entry.entry_id, 0)
            if rest > 0:
                found[entry.account_id].uncovered.append((entry, rest))

    def _read_holds(
        self, cursor: Cursor, account_ids: set[int], found: dict[int, AccountLots]
    ) -> None:
        if not account_ids:
            return
        holds = sorted(self._holds.rows(cursor, account_ids), key=lambda hold: hold.hold_id)
        account_of = {hold.hold_id: hold.account_id for hold in holds}
        for hold in holds:
            found[hold.account_id].holds.append(hold)
        for pinned in self._hold_lots.rows(cursor, account_of):
            found[account_of[pinned.hold_id]].hold_lots.append(pinned)


def _lot_order(lot: Lot) -> int:
    return lot.lot_id
