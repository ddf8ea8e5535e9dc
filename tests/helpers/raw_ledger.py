"""The ledger's tables as plain dictionaries, for tests that prove laws without the product."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from sqlalchemy import Connection, Table, select

from card_server.accounts import tables as account_tables
from card_server.coupons import tables as coupon_tables
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.receipts import tables as receipt_tables

Row = dict[str, Any]

IMMUTABLE: Final[dict[str, tuple[Table, frozenset[str]]]] = {
    "operation": (tables.operation, frozenset()),
    "item": (tables.operation_item, frozenset()),
    "entry": (tables.entry, frozenset()),
    "lot": (tables.lot, frozenset({"expires_on", "expires_at", "remaining", "held", "state"})),
    "allocation": (tables.allocation, frozenset()),
    "term": (tables.lot_term, frozenset()),
    "hold": (tables.hold, frozenset({"captured", "state", "expires_at"})),
    "hold_event": (tables.hold_event, frozenset()),
    "level": (tables.level_history, frozenset()),
    "use": (coupon_tables.coupon_use, frozenset()),
    "trace": (tables.operation_trace, frozenset()),
    "document": (receipt_tables.operation_document, frozenset()),
}
"""Table and its cache columns; everything else never changes (domain 0.1, I-6)."""

OTHERS: Final[dict[str, Table]] = {
    "hold_lot": tables.hold_lot,
    "account": account_tables.account,
    "type": account_tables.account_type,
    "writer": division_tables.writer,
    "spend_limit": account_tables.spend_limit,
    "spend_counter": account_tables.spend_counter,
}


class RawLedger:
    """Every row of the ledger, read once; `rows["entry"]` is a list in the order of its key."""

    def __init__(self, connection: Connection) -> None:
        self.rows: dict[str, list[Row]] = {}
        named = {name: table for name, (table, _) in IMMUTABLE.items()} | OTHERS
        for name, table in named.items():
            order = list(table.primary_key.columns)
            found = connection.execute(select(table).order_by(*order)).mappings()
            self.rows[name] = [dict(row) for row in found]
        connection.rollback()
        self.operations = sorted(self.rows["operation"], key=lambda row: row["chain_no"])
        self.operation = {row["operation_id"]: row for row in self.operations}
        self.entry = {row["entry_id"]: row for row in self.rows["entry"]}
        self.lot = {row["lot_id"]: row for row in self.rows["lot"]}
        self.account = {row["account_id"]: row for row in self.rows["account"]}
        self.type = {row["account_type_id"]: row for row in self.rows["type"]}

    def by(self, name: str, *columns: str) -> dict[Any, list[Row]]:
        """Rows of a table sorted out by one column, or by several as a tuple."""
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in self.rows[name]:
            key = tuple(row[column] for column in columns)
            found[key[0] if len(key) == 1 else key].append(row)
        return found

    def chain_no(self, operation_id: int) -> int:
        """Where an operation stands in the order of everything."""
        return int(self.operation[operation_id]["chain_no"])

    def unchanging(self) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """Every immutable row without its caches, by table and key (for I-6)."""
        found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        for name, (table, caches) in IMMUTABLE.items():
            keys = [column.name for column in table.primary_key.columns]
            kept = [column.name for column in table.columns if column.name not in caches]
            for row in self.rows[name]:
                key = (name, *(row[column] for column in keys))
                found[key] = tuple(_plain(row[column]) for column in kept)
        return found


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
