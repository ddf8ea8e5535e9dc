"""Reads accounts page by page with everything that moved them, for verify and rebuild.

Memory is bounded by the page: a few hundred accounts with their entries, lots, allocations and
holds, whatever the size of the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from sqlalchemy import Connection, Select, func, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import OWNER_HOUSE
from card_server.ledger import tables
from card_server.ledger.verify_records import Scope

PAGE: Final = 500
T = TypeVar("T", bound=tuple[Any, ...])


class AccountRow(NamedTuple):
    """The columns of crm_account that are proven or rebuilt."""

    account_id: int
    account_type_id: int
    credit_depth: int
    balance: int
    pending: int
    held: int
    uncovered: int
    next_lot_event_at: datetime | None
    last_operation_at: datetime | None
    updated_at: datetime


class OperationRow(NamedTuple):
    """When and as what an operation was posted."""

    operation_id: int
    chain_no: int
    kind: int
    recorded_at: datetime
    classifier_id: int


class EntryRow(NamedTuple):
    """An entry of the account."""

    entry_id: int
    operation_id: int
    account_id: int
    account_type_id: int
    amount: int
    balance_after: int
    purpose: int
    reverses_entry_id: int | None


class LotRow(NamedTuple):
    """A lot with its caches."""

    lot_id: int
    account_id: int
    entry_id: int
    operation_id: int
    amount: int
    available_at: datetime
    first_expires_on: Any
    first_expires_at: datetime | None
    expires_on: Any
    expires_at: datetime | None
    remaining: int
    held: int
    state: int


class AllocationRow(NamedTuple):
    """An allocation out of a lot of the account."""

    allocation_id: int
    lot_id: int
    entry_id: int
    operation_id: int
    amount: int
    restores_id: int | None


class TermRow(NamedTuple):
    """An extension of a lot of the account."""

    lot_id: int
    operation_id: int
    old_expires_at: datetime | None
    new_expires_at: datetime | None


class HoldRow(NamedTuple):
    """A hold on the account with its caches."""

    hold_id: int
    account_id: int
    amount: int
    captured: int
    state: int


class PinRow(NamedTuple):
    """What a hold pins now in a lot."""

    hold_id: int
    lot_id: int
    amount: int


class EventRow(NamedTuple):
    """A step in a hold's life."""

    hold_id: int
    operation_id: int
    event: int
    amount: int


class Ledgered(msgspec.Struct, kw_only=True):
    """One account with all its rows, each list in the order of its key."""

    account: AccountRow
    entries: list[EntryRow]
    lots: list[LotRow]
    allocations: list[AllocationRow]
    terms: list[TermRow]
    holds: list[HoldRow]
    pins: list[PinRow]
    events: list[EventRow]
    operations: dict[int, OperationRow]
    """Every operation that any of the rows names."""

    def chain_no(self, operation_id: int) -> int:
        """Where an operation stands in the order of everything."""
        found = self.operations.get(operation_id)
        return found.chain_no if found is not None else 0


def count_accounts(connection: Connection, scope: Scope) -> int:
    """How many accounts the scope looks at."""
    account = account_tables.account
    statement = select(func.count()).select_from(account)
    return int(connection.execute(_narrowed(statement, scope)).scalar_one())


def pages(connection: Connection, scope: Scope) -> Iterator[list[Ledgered]]:
    """Accounts of the scope by ascending id, page by page."""
    account = account_tables.account
    last = -1
    while True:
        columns = (account.c[name] for name in AccountRow._fields)
        statement = _narrowed(select(*columns).where(account.c.account_id > last), scope)
        statement = statement.order_by(account.c.account_id).limit(PAGE)
        rows = [_account(*row) for row in connection.execute(statement)]
        if not rows:
            return
        yield _filled(connection, rows)
        last = rows[-1].account_id


def _narrowed(statement: Select[Any], scope: Scope) -> Select[Any]:
    account = account_tables.account
    statement = statement.where(account.c.owner_kind != OWNER_HOUSE)
    if scope.account_id is not None:
        return statement.where(account.c.account_id == scope.account_id)
    if scope.first > 1:
        return statement.where(account.c.account_id.in_(scope.touched()))
    return statement


def _account(*values: Any) -> AccountRow:
    row = AccountRow(*values)
    return row if row.balance is not None else row._replace(balance=0)


def _filled(connection: Connection, rows: list[AccountRow]) -> list[Ledgered]:
    ids = [row.account_id for row in rows]
    entry, lot, hold = tables.entry, tables.lot, tables.hold
    allocation, term = tables.allocation, tables.lot_term
    pin, event = tables.hold_lot, tables.hold_event

    entries = _rows(
        connection, EntryRow, _of(entry, EntryRow).where(entry.c.account_id.in_(ids)), "entry_id"
    )
    lots = _rows(connection, LotRow, _of(lot, LotRow).where(lot.c.account_id.in_(ids)), "lot_id")
    holds = _rows(
        connection, HoldRow, _of(hold, HoldRow).where(hold.c.account_id.in_(ids)), "hold_id"
    )
    lots_of = select(lot.c.lot_id).where(lot.c.account_id.in_(ids))
    holds_of = select(hold.c.hold_id).where(hold.c.account_id.in_(ids))
    allocations = terms = pins = events = []
    if lots:
        statement = _of(allocation, AllocationRow).where(allocation.c.lot_id.in_(lots_of))
        allocations = _rows(connection, AllocationRow, statement, "allocation_id")
        terms = _rows(
            connection, TermRow, _of(term, TermRow).where(term.c.lot_id.in_(lots_of)), "lot_id"
        )
    if holds:
        pins = _rows(
            connection, PinRow, _of(pin, PinRow).where(pin.c.hold_id.in_(holds_of)), "lot_id"
        )
        events = _rows(
            connection,
            EventRow,
            _of(event, EventRow).where(event.c.hold_id.in_(holds_of)),
            "operation_id",
        )
    wanted = {row.operation_id for rows in (entries, lots, allocations, terms) for row in rows}
    wanted |= {row.operation_id for row in events}
    return _sorted_out(
        rows,
        (entries, lots, allocations, terms, holds, pins, events),
        _operations(connection, sorted(wanted)),
    )


def _of(table: Any, record: Any) -> Select[Any]:
    return select(*(table.c[name] for name in record._fields))


def _rows(
    connection: Connection, record: Callable[..., T], statement: Select[Any], key: str
) -> list[T]:
    found = [record(*row) for row in connection.execute(statement)]
    found.sort(key=lambda row: getattr(row, key))
    return found


def _operations(connection: Connection, ids: list[int]) -> dict[int, OperationRow]:
    table = tables.operation
    found: dict[int, OperationRow] = {}
    for start in range(0, len(ids), PAGE):
        statement = _of(table, OperationRow).where(
            table.c.operation_id.in_(ids[start : start + PAGE])
        )
        for row in connection.execute(statement):
            found[row[0]] = OperationRow(*row)
    return found


def _sorted_out(
    rows: list[AccountRow], found: tuple[list[Any], ...], operations: dict[int, OperationRow]
) -> list[Ledgered]:
    entries, lots, allocations, terms, holds, pins, events = found
    lot_owner = {lot.lot_id: lot.account_id for lot in lots}
    hold_owner = {hold.hold_id: hold.account_id for hold in holds}
    sorted_: list[dict[int, list[Any]]] = []
    for kind, owner in (
        (entries, None),
        (lots, None),
        (allocations, lot_owner),
        (terms, lot_owner),
        (holds, None),
        (pins, hold_owner),
        (events, hold_owner),
    ):
        mine: dict[int, list[Any]] = defaultdict(list)
        for row in kind:
            if owner is None:
                mine[row.account_id].append(row)
            else:
                key = row.lot_id if owner is lot_owner else row.hold_id
                mine[owner[key]].append(row)
        sorted_.append(mine)
    return [
        Ledgered(
            account=row,
            entries=sorted_[0][row.account_id],
            lots=sorted_[1][row.account_id],
            allocations=sorted_[2][row.account_id],
            terms=sorted_[3][row.account_id],
            holds=sorted_[4][row.account_id],
            pins=sorted_[5][row.account_id],
            events=sorted_[6][row.account_id],
            operations=operations,
        )
        for row in rows
    ]
