"""Writes what a group of postings left in its book: a handful of executemany calls.

The unique (writer_id, chain_no) of operations is the lock of the ledger: the end of the chain is
read before the facts, so a second process that posted under the same writer meanwhile has taken
the number, the insert fails, the whole group is rolled back and decided anew; no balance is ever
computed from a stale read. The writer's row goes first, so that two processes wait for each other
there and nowhere else.
"""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, Table, select
from sqlalchemy.engine import Dialect

from card_server.accounts import tables as account_tables
from card_server.accounts.records import Account
from card_server.db.hot import Cursor, HotInsert, HotUpdate, RowInsert
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.book import Book

ACCOUNT_CACHES = (
    "balance",
    "pending",
    "held",
    "uncovered",
    "next_lot_event_at",
    "last_operation_at",
    "level_id",
    "level_since",
    "level_keep_until",
    "auto_change_levels",
)
"""Columns of crm_account that postings change."""

LOT_CACHES = ("expires_on", "expires_at", "remaining", "held", "state")
HOLD_CACHES = ("captured", "state", "expires_at")
COUPON_CACHES = ("uses", "state")
"""Columns of crm_coupon that postings change."""


class WriterHead(msgspec.Struct, kw_only=True):
    """The end of a writer's chain."""

    writer_id: int
    next_chain_no: int
    head_hash: bytes


class BookWriter:
    """The INSERT and UPDATE statements of a group, compiled once for a dialect.

    `documents`, `coupon_uses` and `coupons` are tables of subjects above or below the ledger;
    composition hands them in.
    """

    def __init__(
        self, dialect: Dialect, *, documents: Table, coupon_uses: Table, coupons: Table
    ) -> None:
        self._inserts: list[tuple[str, HotInsert]] = [
            ("entries", HotInsert(dialect, tables.entry)),
            ("lots", HotInsert(dialect, tables.lot)),
            ("allocations", HotInsert(dialect, tables.allocation)),
            ("lot_terms", HotInsert(dialect, tables.lot_term)),
            ("holds", HotInsert(dialect, tables.hold)),
            ("hold_lots", HotInsert(dialect, tables.hold_lot)),
            ("hold_events", HotInsert(dialect, tables.hold_event)),
            ("operation_items", HotInsert(dialect, tables.operation_item)),
            ("operation_traces", HotInsert(dialect, tables.operation_trace)),
            ("operation_documents", HotInsert(dialect, documents)),
            ("level_history", HotInsert(dialect, tables.level_history)),
            ("coupon_uses", HotInsert(dialect, coupon_uses)),
        ]
        self._operations = HotInsert(dialect, tables.operation)
        self._dialect = dialect
        self._account_updates: dict[tuple[str, ...], HotUpdate] = {}
        self._lots = HotUpdate(dialect, tables.lot, ["lot_id"], LOT_CACHES)
        self._holds = HotUpdate(dialect, tables.hold, ["hold_id"], HOLD_CACHES)
        self._coupons = HotUpdate(dialect, coupons, ["coupon_id"], COUPON_CACHES)
        self._pins = HotUpdate(dialect, tables.hold_lot, ["hold_id", "lot_id"], ("amount",))
        counter = account_tables.spend_counter
        self._new_counters = HotInsert(dialect, counter)
        self._counters = HotUpdate(
            dialect,
            counter,
            ["limit_id", "subject_id", "period_key"],
            ("used_amount", "used_count"),
        )
        self._heads = HotUpdate(
            dialect, division_tables.writer, ["writer_id"], ("next_chain_no", "head_hash")
        )
        self._opened = [
            name for name in Account.__struct_fields__ if name in account_tables.account.columns
        ]
        columns = [*self._opened, "created_at", "updated_at"]
        self._new_accounts = RowInsert(dialect, account_tables.account, columns)

    def write(self, cursor: Cursor, book: Book, head: WriterHead, now: datetime) -> None:
        """The end of the chain, all rows of the book, then the caches that changed."""
        rows = book.rows
        self._heads.run(cursor, [head])
        self._operations.run(cursor, rows.operations)
        self._new_accounts.run(
            cursor,
            [
                [*(getattr(account, name) for name in self._opened), now, now]
                for account in rows.new_accounts
            ],
        )
        for name, statement in self._inserts:
            statement.run(cursor, getattr(rows, name))
        new = {account.account_id for account in rows.new_accounts}
        changed = [a for a in book.changed_accounts() if a.account_id not in new]
        changed.sort(key=_account_id)
        self._accounts(book).run(cursor, changed)
        made = {lot.lot_id for lot in rows.lots}
        self._lots.run(cursor, [lot for lot in book.changed_lots() if lot.lot_id not in made])
        self._coupons.run(cursor, list(book.changed_coupons()))
        self._write_holds(cursor, book)
        self._write_counters(cursor, book)

    def _write_holds(self, cursor: Cursor, book: Book) -> None:
        opened = {hold.hold_id for hold in book.rows.holds}
        self._holds.run(cursor, [h for h in book.changed_holds() if h.hold_id not in opened])
        self._pins.run(cursor, [p for p in book.changed_pins() if p.hold_id not in opened])

    def _write_counters(self, cursor: Cursor, book: Book) -> None:
        changed = list(book.changed_counters())
        self._new_counters.run(
            cursor, [c for c in changed if not c.stored and (c.used_amount or c.used_count)]
        )
        self._counters.run(cursor, [c for c in changed if c.stored])

    def _accounts(self, book: Book) -> HotUpdate:
        """The UPDATE of the columns this group changed: an indexed one costs though it is equal."""
        columns = tuple(name for name in ACCOUNT_CACHES if name in book.account_columns)
        found = self._account_updates.get(columns)
        if found is None:
            found = self._account_updates[columns] = HotUpdate(
                self._dialect, account_tables.account, ["account_id"], columns or ACCOUNT_CACHES
            )
        return found


def has_link(connection: Connection, head: WriterHead) -> bool:
    """Whether the operation that a chain would end with is stored."""
    table = tables.operation
    found = connection.execute(
        select(table.c.hash).where(
            table.c.writer_id == head.writer_id, table.c.chain_no == head.next_chain_no - 1
        )
    ).scalar()
    return found is not None and bytes(found) == head.head_hash


def _account_id(account: Account) -> int:
    return account.account_id
