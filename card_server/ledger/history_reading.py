"""Reads whole operations with everything that came of them, for refunds and roll-backs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Column, Table, select
from sqlalchemy.engine import Dialect

from card_server.coupons import tables as coupon_tables
from card_server.db.hot import Cursor, HotSelect
from card_server.ledger import tables
from card_server.ledger.book import Book
from card_server.ledger.facts import Facts, History
from card_server.ledger.record_rows import columns_of, make
from card_server.ledger.records import (
    ACCEPTED,
    REVERSAL,
    Allocation,
    CouponUse,
    Entry,
    Hold,
    HoldEvent,
    LevelHistory,
    Lot,
    LotTerm,
    Operation,
    OperationKind,
    OperationTrace,
    Purpose,
)

T = TypeVar("T")


def _select(
    dialect: Dialect, table: Table, key: Column[Any], record: type[T], *conditions: Any
) -> HotSelect[T]:
    columns = [table.c[name] for name in columns_of(record).values()]
    return HotSelect(
        dialect,
        lambda keys: select(*columns).where(key.in_(keys), *conditions),
        make(record),
        key.type,
    )


class HistoryReader:
    """The statements behind `History`, one for each table and key."""

    def __init__(self, dialect: Dialect) -> None:
        operation, entry, lot = tables.operation, tables.entry, tables.lot
        allocation, use = tables.allocation, coupon_tables.coupon_use
        self._operations = _select(dialect, operation, operation.c.operation_id, Operation)
        self._reversing = _select(
            dialect, operation, operation.c.reverses_id, Operation, operation.c.status == ACCEPTED
        )
        self._entries = _select(dialect, entry, entry.c.operation_id, Entry)
        self._lots_made = _select(dialect, lot, lot.c.entry_id, Lot)
        self._lots = _select(dialect, lot, lot.c.lot_id, Lot)
        self._by_entry = _select(dialect, allocation, allocation.c.entry_id, Allocation)
        self._by_lot = _select(dialect, allocation, allocation.c.lot_id, Allocation)
        self._by_operation = _select(dialect, allocation, allocation.c.operation_id, Allocation)
        self._terms = _select(dialect, tables.lot_term, tables.lot_term.c.operation_id, LotTerm)
        self._levels = _select(
            dialect, tables.level_history, tables.level_history.c.operation_id, LevelHistory
        )
        self._uses = _select(dialect, use, use.c.operation_id, CouponUse)
        self._holds = _select(dialect, tables.hold, tables.hold.c.open_operation_id, Hold)
        event, trace = tables.hold_event, tables.operation_trace
        self._events = _select(dialect, event, event.c.operation_id, HoldEvent)
        self._traces = _select(dialect, trace, trace.c.operation_id, OperationTrace)
        self._expired = _select(
            dialect, entry, entry.c.entry_id, Entry, entry.c.purpose == Purpose.EXPIRE
        )

    def read(self, cursor: Cursor, wanted: Iterable[int], facts: Facts, book: Book) -> None:
        """Histories of the operations join the facts; their lots join the book."""
        ids = set(wanted) - facts.histories.keys()
        if not ids:
            return
        for operation in self._operations.rows(cursor, ids):
            facts.histories[operation.operation_id] = History(
                operation=operation,
                entries=[],
                roots={},
                lots=[],
                allocations=[],
                touched_lots=[],
                lot_allocations=[],
                reversing=[],
                reversing_entries=[],
                terms=[],
                levels=[],
                coupon_uses=[],
                holds=[],
                events=[],
                unposted={},
                skipped={},
            )
        histories = {i: facts.histories[i] for i in ids if i in facts.histories}
        self._read_entries(cursor, histories)
        self._read_reversing(cursor, histories)
        self._read_lots(cursor, histories)
        self._read_rest(cursor, histories)
        for history in histories.values():
            book.put_history(history)

    def _read_entries(self, cursor: Cursor, histories: dict[int, History]) -> None:
        for entry in sorted(self._entries.rows(cursor, histories), key=_line):
            histories[entry.operation_id].entries.append(entry)

    def _read_reversing(self, cursor: Cursor, histories: dict[int, History]) -> None:
        origin: dict[int, int] = {}
        for operation in sorted(self._reversing.rows(cursor, histories), key=_chain_no):
            if operation.reverses_id is not None:
                origin[operation.operation_id] = operation.reverses_id
                histories[operation.reverses_id].reversing.append(operation)
        for entry in sorted(self._entries.rows(cursor, origin), key=_line):
            histories[origin[entry.operation_id]].reversing_entries.append(entry)
        self._read_stood_again(cursor, histories, origin)
        self._read_unposted(cursor, histories)

    def _read_stood_again(
        self, cursor: Cursor, histories: dict[int, History], origin: dict[int, int]
    ) -> None:
        """A return that was rolled back does not stand; its roll-back's entries do."""
        undoing = {row.operation_id: row for row in self._reversing.rows(cursor, origin)}
        undone = {
            row.reverses_id for row in undoing.values() if row.kind == OperationKind.REFUND_ROLLBACK
        }
        for history in histories.values():
            history.reversing = [r for r in history.reversing if r.operation_id not in undone]
        for entry in sorted(self._entries.rows(cursor, undoing), key=_line):
            undone_id = undoing[entry.operation_id].reverses_id
            if undone_id is None:
                continue
            history = histories[origin[undone_id]]
            of_return = next(
                (e for e in history.reversing_entries if e.entry_id == entry.reverses_entry_id),
                None,
            )
            if of_return is None or of_return.reverses_entry_id is None:
                continue
            root = of_return.reverses_entry_id
            history.roots[entry.entry_id] = history.roots.get(root, root)
            copy = msgspec.structs.replace(entry, purpose=entry.purpose % REVERSAL)
            history.entries.append(copy)

    def _read_lots(self, cursor: Cursor, histories: dict[int, History]) -> None:
        entry_owner = {e.entry_id: h for h in histories.values() for e in h.entries}
        lot_owner: dict[int, History] = {}
        for lot in sorted(self._lots_made.rows(cursor, entry_owner), key=lambda lot: lot.lot_id):
            history = entry_owner[lot.entry_id]
            history.lots.append(lot)
            lot_owner[lot.lot_id] = history
        seen: dict[int, set[int]] = {i: set() for i in histories}
        rows = self._by_entry.rows(cursor, entry_owner)
        _collect(rows, seen, lambda row: entry_owner[row.entry_id])
        covering = self._by_operation.rows(cursor, histories)
        _collect(covering, seen, lambda row: histories[row.operation_id])
        for row in sorted(self._by_lot.rows(cursor, lot_owner), key=_allocation_id):
            lot_owner[row.lot_id].lot_allocations.append(row)
        self._read_expired(cursor, histories)
        wanted = {row.lot_id for h in histories.values() for row in h.allocations}
        lots = {lot.lot_id: lot for lot in self._lots.rows(cursor, wanted)}
        for history in histories.values():
            history.allocations.sort(key=_allocation_id)
            ids = sorted({row.lot_id for row in history.allocations})
            history.touched_lots.extend(lots[i] for i in ids)

    def _read_expired(self, cursor: Cursor, histories: dict[int, History]) -> None:
        """Which takings from the lots made here were the burning of value."""
        ids = {row.entry_id for h in histories.values() for row in h.lot_allocations}
        expired = frozenset(entry.entry_id for entry in self._expired.rows(cursor, ids))
        if expired:
            for history in histories.values():
                history.expired_entries = expired

    def _read_unposted(self, cursor: Cursor, histories: dict[int, History]) -> None:
        """What standing returns asked back without posting it, from their traces."""
        owner = {row.operation_id: h for h in histories.values() for row in h.reversing}
        for trace in self._traces.rows(cursor, owner):
            history = owner[trace.operation_id]
            for entry_id, unposted, burnt in unposted_of(trace.trace):
                history.unposted[entry_id] = history.unposted.get(entry_id, 0) + unposted
                history.skipped[entry_id] = history.skipped.get(entry_id, 0) + burnt

    def _read_rest(self, cursor: Cursor, histories: dict[int, History]) -> None:
        for term in self._terms.rows(cursor, histories):
            histories[term.operation_id].terms.append(term)
        for level in self._levels.rows(cursor, histories):
            histories[level.operation_id].levels.append(level)
        for use in self._uses.rows(cursor, histories):
            histories[use.operation_id].coupon_uses.append(use)
        for hold in self._holds.rows(cursor, histories):
            histories[hold.open_operation_id].holds.append(hold)
        for event in self._events.rows(cursor, histories):
            histories[event.operation_id].events.append(event)


def unposted_of(trace: str) -> list[tuple[int, int, int]]:
    """Entry, sum that was not posted and its burnt part, of each line of a return's trace."""
    lines = msgspec.json.decode(trace).get("refund", {}).get("lines", [])
    return [(line["entry"], line["asked"] - line["taken"], line["burnt"]) for line in lines]


def _collect(
    rows: list[Allocation],
    seen: dict[int, set[int]],
    owner: Callable[[Allocation], History],
) -> None:
    """Add allocations to their history, each only once."""
    for row in rows:
        history = owner(row)
        known = seen[history.operation.operation_id]
        if row.allocation_id not in known:
            known.add(row.allocation_id)
            history.allocations.append(row)


def _line(entry: Entry) -> tuple[int, int]:
    return (entry.operation_id, entry.line_no)


def _chain_no(operation: Operation) -> int:
    return operation.chain_no


def _allocation_id(row: Allocation) -> int:
    return row.allocation_id
