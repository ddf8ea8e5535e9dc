"""Reads the operations that postings of a group may repeat, undo or belong to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, select
from sqlalchemy.engine import Dialect

from card_server.db.hot import Cursor, HotSelect
from card_server.ledger import tables
from card_server.ledger.facts import ExtKey, Facts, Wants
from card_server.ledger.records import (
    ACCEPTED,
    Operation,
    OperationItem,
    OperationKind,
)
from card_server.ledger.row_reading import by_key

BIG = BigInteger()


class OperationReader:
    """The statements by key, order, outside identity, item and number."""

    def __init__(self, dialect: Dialect) -> None:
        operation, item, entry = tables.operation, tables.operation_item, tables.entry
        self._keys: HotSelect[Operation] = by_key(
            dialect, operation, operation.c.idem_key, Operation
        )
        self._orders: HotSelect[Operation] = by_key(
            dialect, operation, operation.c.order_guid, Operation
        )
        self._ext: HotSelect[Operation] = by_key(
            dialect, operation, operation.c.ext_id, Operation, operation.c.status == ACCEPTED
        )
        self._operations: HotSelect[Operation] = by_key(
            dialect, operation, operation.c.operation_id, Operation
        )
        self._rollbacks: HotSelect[Operation] = by_key(
            dialect,
            operation,
            operation.c.reverses_id,
            Operation,
            operation.c.status == ACCEPTED,
            operation.c.kind.in_([OperationKind.SALE_ROLLBACK, OperationKind.REFUND_ROLLBACK]),
        )
        self._items: HotSelect[OperationItem] = by_key(
            dialect, item, item.c.item_key, OperationItem
        )
        self._by_item: HotSelect[tuple[int, int]] = HotSelect(
            dialect,
            lambda keys: select(item.c.transaction_id, item.c.operation_id).where(
                item.c.transaction_id.in_(keys)
            ),
            _two,
            BIG,
        )
        self._by_entry: HotSelect[tuple[int, int]] = HotSelect(
            dialect,
            lambda keys: select(entry.c.entry_id, entry.c.operation_id).where(
                entry.c.entry_id.in_(keys)
            ),
            _two,
            BIG,
        )

    def read(self, cursor: Cursor, wants: Wants, facts: Facts) -> None:
        """Operations by everything that names them join the facts, with their roll-backs."""
        found: list[Operation] = []
        if wants.keys:
            found += self._read_keys(cursor, wants, facts)
        if wants.orders:
            found += self._read_orders(cursor, wants, facts)
        if wants.ext_keys:
            found += self._read_ext(cursor, wants.ext_keys, facts)
        if wants.transactions:
            self._read_transactions(cursor, wants, facts)
        if wants.item_keys:
            found += self._read_items(cursor, wants.item_keys, facts)
        if wants.operations:
            rows = self._operations.rows(cursor, wants.operations)
            facts.operations.update({row.operation_id: row for row in rows})
            found += rows
        if found:
            ids = {operation.operation_id for operation in found}
            for rollback in self._rollbacks.rows(cursor, ids):
                if rollback.reverses_id is not None:
                    facts.rolled_back[rollback.reverses_id] = rollback

    def _read_keys(self, cursor: Cursor, wants: Wants, facts: Facts) -> Sequence[Operation]:
        wanted = {key for _, key in wants.keys}
        rows = sorted(self._keys.rows(cursor, wanted), key=_attempt_order)
        for operation in rows:
            key = (operation.classifier_id, operation.idem_key)
            facts.keys.setdefault(key, []).append(operation)
        return rows

    def _read_transactions(self, cursor: Cursor, wants: Wants, facts: Facts) -> None:
        ids = set(wants.transactions)
        facts.transactions.update(self._by_entry.rows(cursor, ids))
        facts.transactions.update(self._by_item.rows(cursor, ids))
        wants.operations |= {facts.transactions[i] for i in ids if i in facts.transactions}

    def _read_orders(self, cursor: Cursor, wants: Wants, facts: Facts) -> Sequence[Operation]:
        guids = {guid for _, guid in wants.orders}
        rows = sorted(self._orders.rows(cursor, guids), key=_attempt_order)
        for operation in rows:
            if operation.order_guid is not None:
                key = (operation.classifier_id, operation.order_guid)
                facts.orders.setdefault(key, []).append(operation)
        return rows

    def _read_ext(
        self, cursor: Cursor, keys: Iterable[ExtKey], facts: Facts
    ) -> Sequence[Operation]:
        wanted = set(keys)
        kept = []
        rows = self._ext.rows(cursor, {key.ext_id for key in wanted})
        for operation in sorted(rows, key=_attempt_order):
            day = operation.ext_date.isoformat() if operation.ext_date is not None else ""
            key = ExtKey(operation.classifier_id, operation.ext_id or "", day)
            if key in wanted:
                facts.ext_keys.setdefault(key, []).append(operation)
                kept.append(operation)
        return kept

    def _read_items(
        self, cursor: Cursor, keys: Iterable[tuple[int, str]], facts: Facts
    ) -> Sequence[Operation]:
        wanted = set(keys)
        items = [
            item
            for item in self._items.rows(cursor, {key for _, key in wanted})
            if (item.classifier_id, item.item_key) in wanted
        ]
        ids = {item.operation_id for item in items}
        operations = {row.operation_id: row for row in self._operations.rows(cursor, ids)}
        for item in sorted(items, key=lambda item: (item.attempt_no, item.operation_id)):
            key = (item.classifier_id, item.item_key)
            pair = (item, operations[item.operation_id])
            facts.item_keys.setdefault(key, []).append(pair)
        return list(operations.values())


def _two(first: int, second: int) -> tuple[int, int]:
    return (first, second)


def _attempt_order(operation: Operation) -> tuple[int, int]:
    return (operation.attempt_no, operation.operation_id)
