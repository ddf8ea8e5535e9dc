"""Entries and coupon uses as programs list them: filters, counts, pages (crm-xml.md 8.7).

A page is found by its keys first, newest first, and only its own rows are read whole. Every
filter that may stand alone has an index: account, card, holder, outside number, transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Select, func, select

from card_server.coupons import tables as coupon_tables
from card_server.ledger import tables

AT_ONCE: Final = 500
NO_PARENT: Final = 0


class ListFilter(msgspec.Struct, kw_only=True):
    """What a list is narrowed to; everything that is None is not asked about."""

    account_id: int | None = None
    coupon_id: int | None = None
    card_code: int | None = None
    transaction_id: int | None = None
    holder_id: int | None = None
    ext_id: str | None = None
    ext_index: int | None = None
    ext_date: date | None = None
    since: datetime | None = None
    until: datetime | None = None
    classifier_id: int | None = None
    unit_id: int | None = None
    parent: int | None = None
    """The transaction that is returned; `NO_PARENT` for transactions that return none."""

    @property
    def is_empty(self) -> bool:
        """None of the filters is given of which one is needed."""
        keys = (self.account_id, self.coupon_id, self.card_code, self.transaction_id)
        return all(key is None for key in (*keys, self.holder_id, self.ext_id))


class Listed(msgspec.Struct, kw_only=True):
    """One transaction of a list; `account_type_id` is None for the use of a coupon."""

    transaction_id: int
    amount: int
    account_id: int
    """The account, or the coupon."""
    account_type_id: int | None
    is_reversal: bool
    parent_id: int | None
    operation_id: int
    kind: int
    division_id: int
    occurred_at: datetime
    occurred_off: int
    holder_id: int | None
    classifier_id: int
    ext_id: str | None
    ext_index: int | None
    ext_date: date | None
    remarks: str | None
    operation_type: int | None = None


class Totals(msgspec.Struct, frozen=True):
    """How many hits there are of each sort."""

    entries: int
    uses: int

    @property
    def total(self) -> int:
        """All hits."""
        return self.entries + self.uses


def _operation_conditions(wanted: ListFilter) -> list[Any]:
    operation = tables.operation
    found: list[Any] = []
    for name in ("card_code", "holder_id", "ext_id", "ext_date", "classifier_id", "unit_id"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(operation.c[name] == value)
    if wanted.ext_index is not None:
        found.append(operation.c.ext_index == wanted.ext_index)
    if wanted.since is not None:
        found.append(operation.c.occurred_at >= wanted.since)
    if wanted.until is not None:
        found.append(operation.c.occurred_at < wanted.until)
    return found


def _entries(wanted: ListFilter, *columns: Any) -> Select[Any] | None:
    """Entries that fit; None where no entry can."""
    if wanted.coupon_id is not None:
        return None
    entry, operation = tables.entry, tables.operation
    statement = (
        select(*columns)
        .select_from(entry)
        .join(operation, operation.c.operation_id == entry.c.operation_id)
        .where(*_operation_conditions(wanted))
    )
    if wanted.account_id is not None:
        statement = statement.where(entry.c.account_id == wanted.account_id)
    if wanted.transaction_id is not None:
        statement = statement.where(entry.c.entry_id == wanted.transaction_id)
    if wanted.parent == NO_PARENT:
        statement = statement.where(entry.c.reverses_entry_id.is_(None))
    elif wanted.parent is not None:
        statement = statement.where(entry.c.reverses_entry_id == wanted.parent)
    return statement


def _uses(wanted: ListFilter, *columns: Any) -> Select[Any] | None:
    """Coupon uses that fit; None where no use can."""
    if wanted.account_id is not None:
        return None
    use, operation = coupon_tables.coupon_use, tables.operation
    statement = (
        select(*columns)
        .select_from(use)
        .join(operation, operation.c.operation_id == use.c.operation_id)
        .where(*_operation_conditions(wanted))
    )
    if wanted.coupon_id is not None:
        statement = statement.where(use.c.coupon_id == wanted.coupon_id)
    if wanted.transaction_id is not None:
        statement = statement.where(use.c.coupon_use_id == wanted.transaction_id)
    if wanted.parent == NO_PARENT:
        statement = statement.where(use.c.undoes_use_id.is_(None))
    elif wanted.parent is not None:
        statement = statement.where(use.c.undoes_use_id == wanted.parent)
    return statement


def count_listed(connection: Connection, wanted: ListFilter) -> Totals:
    """How many transactions fit."""
    numbers = []
    for statement in (_entries(wanted, func.count()), _uses(wanted, func.count())):
        found = connection.execute(statement).scalar_one() if statement is not None else 0
        numbers.append(int(found))
    return Totals(*numbers)


def list_page(
    connection: Connection, wanted: ListFilter, totals: Totals, first: int, count: int
) -> list[Listed]:
    """A page, newest first, from the `first` hit (from 1) on."""
    keys = _page_keys(connection, wanted, totals, first, count)
    entries = read_entries(connection, [key for _, key, is_use in keys if not is_use])
    uses = _read_uses(connection, [key for _, key, is_use in keys if is_use])
    return [(uses if is_use else entries)[key] for _, key, is_use in keys]


Key = tuple[datetime, int, bool]


def _page_keys(
    connection: Connection, wanted: ListFilter, totals: Totals, first: int, count: int
) -> list[Key]:
    if first > totals.total:
        return []
    at = tables.operation.c.occurred_at
    sources = [
        (totals.entries, tables.entry.c.entry_id, _entries, False),
        (totals.uses, coupon_tables.coupon_use.c.coupon_use_id, _uses, True),
    ]
    filled = [source for source in sources if source[0]]
    skip = first - 1 if len(filled) == 1 else 0
    keys: list[Key] = []
    for _, number, make, is_use in filled:
        statement = make(wanted, at, number)
        if statement is None:
            continue
        statement = statement.order_by(at.desc(), number.desc())
        statement = statement.offset(skip).limit(first - 1 - skip + count)
        keys += [(moment, key, is_use) for moment, key in connection.execute(statement)]
    if len(filled) > 1:
        keys.sort(key=lambda key: (key[0], key[1]), reverse=True)
        keys = keys[first - 1 : first - 1 + count]
    return keys


def _parts(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


OPERATION_COLUMNS: Final = (
    "operation_id",
    "kind",
    "division_id",
    "occurred_at",
    "occurred_off",
    "holder_id",
    "classifier_id",
    "ext_id",
    "ext_index",
    "ext_date",
    "remarks",
)


def read_entries(connection: Connection, ids: Sequence[int]) -> dict[int, Listed]:
    """Entries by their ids."""
    entry, operation = tables.entry, tables.operation
    shown = [operation.c[name] for name in OPERATION_COLUMNS]
    found: dict[int, Listed] = {}
    for part in _parts(ids):
        rows = connection.execute(
            select(
                entry.c.entry_id,
                entry.c.amount,
                entry.c.account_id,
                entry.c.account_type_id,
                entry.c.purpose,
                entry.c.reverses_entry_id,
                *shown,
            )
            .join(operation, operation.c.operation_id == entry.c.operation_id)
            .where(entry.c.entry_id.in_(part))
        ).mappings()
        for row in rows:
            found[row["entry_id"]] = Listed(
                transaction_id=row["entry_id"],
                amount=row["amount"],
                account_id=row["account_id"],
                account_type_id=row["account_type_id"],
                is_reversal=row["purpose"] > 100,  # noqa: PLR2004 - REVERSAL is added to the purpose
                parent_id=row["reverses_entry_id"],
                **{name: row[name] for name in OPERATION_COLUMNS},
            )
    _add_items(connection, found)
    return found


def _read_uses(connection: Connection, ids: Sequence[int]) -> dict[int, Listed]:
    use, operation = coupon_tables.coupon_use, tables.operation
    shown = [operation.c[name] for name in OPERATION_COLUMNS]
    found: dict[int, Listed] = {}
    for part in _parts(ids):
        rows = connection.execute(
            select(
                use.c.coupon_use_id,
                use.c.check_total,
                use.c.coupon_id,
                use.c.undoes_use_id,
                *shown,
            )
            .join(operation, operation.c.operation_id == use.c.operation_id)
            .where(use.c.coupon_use_id.in_(part))
        ).mappings()
        for row in rows:
            is_return = row["undoes_use_id"] is not None
            total = row["check_total"] or 0
            found[row["coupon_use_id"]] = Listed(
                transaction_id=row["coupon_use_id"],
                amount=-total if is_return else total,
                account_id=row["coupon_id"],
                account_type_id=None,
                is_reversal=is_return,
                parent_id=row["undoes_use_id"],
                **{name: row[name] for name in OPERATION_COLUMNS},
            )
    _add_items(connection, found)
    return found


def _add_items(connection: Connection, found: dict[int, Listed]) -> None:
    """Operation_Type and External_Index as the item was sent."""
    item = tables.operation_item
    for part in _parts(sorted(found)):
        rows = connection.execute(
            select(item.c.transaction_id, item.c.operation_type, item.c.ext_index)
            .where(item.c.transaction_id.in_(part))
            .order_by(item.c.operation_id.desc(), item.c.item_no.desc())
        )
        for transaction_id, operation_type, ext_index in rows:
            listed = found[transaction_id]
            listed.operation_type = operation_type
            if listed.ext_id is not None:
                listed.ext_index = ext_index


def transaction_exists(connection: Connection, transaction_id: int) -> bool:
    """An entry, a coupon use or an item that moved nothing was answered with this number."""
    use, entry, item = coupon_tables.coupon_use, tables.entry, tables.operation_item
    return any(
        connection.execute(select(column).where(column == transaction_id).limit(1)).first()
        for column in (entry.c.entry_id, item.c.transaction_id, use.c.coupon_use_id)
    )


def bonuses_of(
    connection: Connection, operations: Iterable[int], bonus_types: Sequence[int]
) -> dict[int, int]:
    """Operation -> sum of its bonus credits."""
    entry = tables.entry
    found: dict[int, int] = {}
    for part in _parts(sorted(set(operations))):
        rows = connection.execute(
            select(entry.c.operation_id, func.sum(entry.c.amount))
            .where(
                entry.c.operation_id.in_(part),
                entry.c.account_type_id.in_(bonus_types),
                entry.c.amount > 0,
            )
            .group_by(entry.c.operation_id)
        )
        found |= {operation_id: int(total) for operation_id, total in rows}
    return found


def lives_of(connection: Connection, entries: Iterable[int]) -> dict[int, date]:
    """Entry -> last day of the latest lot it made, if that has an end."""
    lot = tables.lot
    found: dict[int, date] = {}
    for part in _parts(sorted(entries)):
        rows = connection.execute(
            select(lot.c.entry_id, func.max(lot.c.expires_on))
            .where(lot.c.entry_id.in_(part), lot.c.expires_on.is_not(None))
            .group_by(lot.c.entry_id)
        )
        found |= {entry_id: last for entry_id, last in rows if last is not None}
    return found


class Burning(msgspec.Struct, kw_only=True):
    """What of an account burns after one day."""

    day: date
    transactions: list[int]
    amount: int = 0
    spent: int = 0


def burning_of(
    connection: Connection,
    account_id: int,
    since: date | None,
    until: date | None,
    classifier_id: int | None,
) -> list[Burning]:
    """Lots with a rest and an end, equal days merged, by their day."""
    lot, operation = tables.lot, tables.operation
    statement = (
        select(lot.c.expires_on, lot.c.entry_id, lot.c.amount, lot.c.remaining)
        .where(lot.c.account_id == account_id, lot.c.remaining > 0, lot.c.expires_on.is_not(None))
        .order_by(lot.c.expires_at, lot.c.lot_id)
    )
    if since is not None:
        statement = statement.where(lot.c.expires_on >= since)
    if until is not None:
        statement = statement.where(lot.c.expires_on <= until)
    if classifier_id is not None:
        statement = statement.join(operation, operation.c.operation_id == lot.c.operation_id).where(
            operation.c.classifier_id == classifier_id
        )
    found: dict[date, Burning] = {}
    for last, entry_id, amount, remaining in connection.execute(statement):
        one = found.setdefault(last, Burning(day=last, transactions=[]))
        if entry_id not in one.transactions:
            one.transactions.append(entry_id)
        one.amount += amount
        one.spent += amount - remaining
    return [found[last] for last in sorted(found)]
