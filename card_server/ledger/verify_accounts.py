"""Reads accounts page by page with everything that moved them, for verify and rebuild.

Memory is bounded by the page: some hundreds of accounts with their entries, lots, allocations and
holds, whatever the size of the ledger. Each statement goes by an index whose keys the page knows,
so that a ledger ten times as long takes ten times as long: lots come by the entries that made
them, since their index by account holds only those with a rest. What has no such index (holds, and
lots that stand on another account than their entry) is read ahead in long pieces.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, Select, func, or_, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import OWNER_HOUSE
from card_server.db.hot import GROUP_SIZES, Cursor, HotSelect
from card_server.ledger import tables
from card_server.ledger.verify_records import Scope
from card_server.ledger.verify_rows import (
    AccountRow,
    AllocationRow,
    EntryRow,
    EventRow,
    HoldRow,
    Ledgered,
    LotRow,
    OperationRow,
    PinRow,
    TermRow,
)

PAGE: Final = 2 * GROUP_SIZES[-1]
AHEAD: Final = 20_000
"""Holds and stray lots in one piece."""

KEY: Final = BigInteger()
_account_id = attrgetter("account_id")


def count_accounts(connection: Connection, scope: Scope) -> int:
    """How many accounts the scope looks at."""
    account = account_tables.account
    statement = select(func.count()).select_from(account)
    return int(connection.execute(_narrowed(statement, scope)).scalar_one())


def pages(connection: Connection, scope: Scope) -> Iterator[list[Ledgered]]:
    """Accounts of the scope by ascending id, page by page."""
    account = account_tables.account
    reader = _Reader(connection, scope)
    last = -1
    while True:
        columns = {column.name: column for column in _columns(account, AccountRow)}
        columns["balance"] = func.coalesce(account.c.balance, 0)
        statement = select(*columns.values()).where(account.c.account_id > last)
        statement = _narrowed(statement, scope)
        statement = statement.order_by(account.c.account_id).limit(PAGE)
        rows = [AccountRow(*row) for row in connection.execute(statement).all()]
        if not rows:
            return
        yield reader.fill(rows)
        last = rows[-1].account_id


def _narrowed(statement: Select[Any], scope: Scope) -> Select[Any]:
    account = account_tables.account
    statement = statement.where(account.c.owner_kind != OWNER_HOUSE)
    if scope.account_id is not None:
        return statement.where(account.c.account_id == scope.account_id)
    if scope.first > 1:
        return statement.where(account.c.account_id.in_(scope.touched()))
    return statement


def _columns(table: Any, record: Any) -> list[Any]:
    return [table.c[name] for name in record.__struct_fields__]


class _Ahead:
    """Rows that no index finds by account: read in long pieces in the order of their accounts."""

    def __init__(self, connection: Connection, statement: Select[Any], record: Any) -> None:
        self._connection = connection
        self._statement = statement
        self._account = statement.selected_columns["account_id"]
        self._key = statement.selected_columns[0]
        self._record = record
        self._waiting: list[Any] = []
        self._until: int | None = -1
        """Everything up to this account was read; None when nothing comes after it."""

    def take(self, last: int) -> list[Any]:
        """The rows of all accounts up to `last` that have not been taken."""
        taken: list[Any] = []
        while True:
            cut = bisect_right(self._waiting, last, key=_account_id)
            taken += self._waiting[:cut]
            del self._waiting[:cut]
            if self._waiting or self._until is None or self._until >= last:
                return taken
            self._read(self._until)

    def _read(self, after: int) -> None:
        statement = self._statement.where(self._account > after)
        statement = statement.order_by(self._account, self._key).limit(AHEAD)
        rows = self._rows(statement)
        if len(rows) < AHEAD:
            self._waiting, self._until = rows, None
            return
        # the last account may go on in the next piece
        last = rows[-1].account_id
        self._waiting = rows[: bisect_left(rows, last, key=_account_id)]
        self._until = last - 1
        if not self._waiting:
            self._waiting = self._rows(
                self._statement.where(self._account == last).order_by(self._key)
            )
            self._until = last

    def _rows(self, statement: Select[Any]) -> list[Any]:
        return [self._record(*row) for row in self._connection.execute(statement).all()]


class _Reader:
    """The statements of a page, prepared once."""

    def __init__(self, connection: Connection, scope: Scope) -> None:
        self._connection = connection
        dialect = connection.dialect
        entry, lot, allocation = tables.entry, tables.lot, tables.allocation
        term, hold, operation = tables.lot_term, tables.hold, tables.operation
        pin, event = tables.hold_lot, tables.hold_event
        made = lot.join(entry, entry.c.entry_id == lot.c.entry_id)

        def by(record: Any, key: Any, source: Any, table: Any) -> HotSelect[Any]:
            columns = _columns(table, record)
            return HotSelect(
                dialect,
                lambda keys: select(*columns).select_from(source).where(key.in_(keys)),
                record,
                KEY,
            )

        of_allocation = allocation.join(made, lot.c.lot_id == allocation.c.lot_id)
        of_term = term.join(made, lot.c.lot_id == term.c.lot_id)
        mine = entry.c.account_id
        self._entries = by(EntryRow, mine, entry, entry)
        self._lots = by(LotRow, mine, made, lot)
        self._allocations = by(AllocationRow, mine, of_allocation, allocation)
        self._terms = by(TermRow, mine, of_term, term)
        self._stray_allocations = by(AllocationRow, allocation.c.lot_id, allocation, allocation)
        self._stray_terms = by(TermRow, term.c.lot_id, term, term)
        self._pins = by(PinRow, pin.c.hold_id, pin, pin)
        self._events = by(EventRow, event.c.hold_id, event, event)
        self._operations = by(OperationRow, operation.c.operation_id, operation, operation)
        self._holds = _Ahead(connection, _of(hold, HoldRow, scope), HoldRow)
        strange = or_(entry.c.account_id.is_(None), entry.c.account_id != lot.c.account_id)
        strays = _of(lot, LotRow, scope).where(strange)
        strays = strays.outerjoin_from(lot, entry, entry.c.entry_id == lot.c.entry_id)
        self._strays = _Ahead(connection, strays, LotRow)

    def fill(self, accounts: list[AccountRow]) -> list[Ledgered]:
        """The accounts with their rows."""
        cursor: Any = self._connection.connection.cursor()
        try:
            return self._fill(cursor, accounts)
        finally:
            cursor.close()

    def _fill(self, cursor: Cursor, accounts: list[AccountRow]) -> list[Ledgered]:
        ids = [row.account_id for row in accounts]
        wanted, last = set(ids), ids[-1]
        strays = [row for row in self._strays.take(last) if row.account_id in wanted]
        holds = [row for row in self._holds.take(last) if row.account_id in wanted]
        entries = self._entries.rows(cursor, ids)
        lots, allocations, terms = [], [], []
        if entries:
            lots = [row for row in self._lots.rows(cursor, ids) if row.account_id in wanted]
        if lots:
            allocations = self._allocations.rows(cursor, ids)
            terms = self._terms.rows(cursor, ids)
        if strays:
            odd = {row.lot_id for row in strays}
            lots = [*(row for row in lots if row.lot_id not in odd), *strays]
            allocations = [row for row in allocations if row.lot_id not in odd]
            allocations += self._stray_allocations.rows(cursor, odd)
            terms = [row for row in terms if row.lot_id not in odd]
            terms += self._stray_terms.rows(cursor, odd)
        opened = [hold.hold_id for hold in holds]
        pins, events = self._pins.rows(cursor, opened), self._events.rows(cursor, opened)
        named = {row.operation_id for rows in (entries, lots, allocations) for row in rows}
        named.update(row.operation_id for rows in (terms, events) for row in rows)
        operations = {row.operation_id: row for row in self._operations.rows(cursor, sorted(named))}
        lot_owner = {lot.lot_id: lot.account_id for lot in lots}
        hold_owner = {hold.hold_id: hold.account_id for hold in holds}
        found = {
            "entries": _own(entries, "entry_id"),
            "lots": _own(lots, "lot_id"),
            "allocations": _owned(allocations, "allocation_id", "lot_id", lot_owner),
            "terms": _owned(terms, "lot_id", "lot_id", lot_owner),
            "holds": _own(holds, "hold_id"),
            "pins": _owned(pins, "lot_id", "hold_id", hold_owner),
            "events": _owned(events, "operation_id", "hold_id", hold_owner),
        }
        return [
            Ledgered(
                account=row,
                operations=operations,
                **{name: rows.get(row.account_id, []) for name, rows in found.items()},
            )
            for row in accounts
        ]


def _of(table: Any, record: Any, scope: Scope) -> Select[Any]:
    """Rows of a table of the accounts that the scope may look at."""
    statement = select(*_columns(table, record))
    if scope.account_id is not None:
        statement = statement.where(table.c.account_id == scope.account_id)
    return statement


def _own(rows: list[Any], key: str) -> dict[int, list[Any]]:
    """Account -> its rows in the order of a key."""
    rows.sort(key=attrgetter(key))
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)
    return found


def _owned(rows: list[Any], key: str, owner: str, owners: dict[int, int]) -> dict[int, list[Any]]:
    """Account -> the rows of its lots or holds in the order of a key."""
    rows.sort(key=attrgetter(key))
    owner_of = attrgetter(owner)
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        account_id = owners.get(owner_of(row))
        if account_id is not None:  # a stray lot's rows come with the account it stands on
            found[account_id].append(row)
    return found
