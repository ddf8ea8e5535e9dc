"""The invariants that sums over the tables can prove, each one set-based statement (domain 4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, case, func, literal, or_, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import OWNER_HOUSE
from card_server.ledger import tables
from card_server.ledger.records import REFUSED

Row = tuple[str, str, str, str, str]


def sum_findings(connection: Connection, most: int) -> list[Row]:
    """Rows that break an invariant: (table, id, invariant, expected, found)."""
    found: list[Row] = []
    for table, invariant, statement in STATEMENTS:
        rows = connection.execute(statement().limit(most - len(found)))
        found += [(table, str(row[0]), invariant, str(row[1]), str(row[2])) for row in rows]
        if len(found) >= most:
            break
    return found


def _balances() -> Select[Any]:
    """I-3: an account's balance is the sum of its entries."""
    account, entry = account_tables.account, tables.entry
    total = func.coalesce(func.sum(entry.c.amount), 0)
    return (
        select(account.c.account_id, total, account.c.balance)
        .select_from(account)
        .outerjoin(entry, entry.c.account_id == account.c.account_id)
        .where(account.c.owner_kind != OWNER_HOUSE)
        .group_by(account.c.account_id, account.c.balance)
        .having(total != func.coalesce(account.c.balance, 0))
    )


def _last_balance() -> Select[Any]:
    """I-3: the last `balance_after` of an account is its balance."""
    account, entry = account_tables.account, tables.entry
    last = (
        select(entry.c.account_id, func.max(entry.c.entry_id).label("entry_id"))
        .group_by(entry.c.account_id)
        .subquery()
    )
    return (
        select(account.c.account_id, account.c.balance, entry.c.balance_after)
        .join(last, last.c.account_id == account.c.account_id)
        .join(entry, entry.c.entry_id == last.c.entry_id)
        .where(account.c.balance != entry.c.balance_after)
    )


def _remaining() -> Select[Any]:
    """I-8: what remains of a lot is its amount less its allocations, never outside its bounds."""
    lot, allocation = tables.lot, tables.allocation
    rest = lot.c.amount - func.coalesce(func.sum(allocation.c.amount), 0)
    return (
        select(lot.c.lot_id, rest, lot.c.remaining)
        .select_from(lot)
        .outerjoin(allocation, allocation.c.lot_id == lot.c.lot_id)
        .group_by(lot.c.lot_id, lot.c.amount, lot.c.remaining)
        .having(or_(rest != lot.c.remaining, lot.c.remaining < 0, lot.c.remaining > lot.c.amount))
    )


def _covered() -> Select[Any]:
    """I-9: on types with lots the balance is what remains in lots less what is uncovered."""
    account, lot, kind = account_tables.account, tables.lot, account_tables.account_type
    total = func.coalesce(func.sum(lot.c.remaining), 0) - account.c.uncovered
    return (
        select(account.c.account_id, total, account.c.balance)
        .select_from(account)
        .join(kind, kind.c.account_type_id == account.c.account_type_id)
        .outerjoin(lot, lot.c.account_id == account.c.account_id)
        .where(kind.c.uses_lots, account.c.owner_kind != OWNER_HOUSE)
        .group_by(account.c.account_id, account.c.balance, account.c.uncovered)
        .having(total != func.coalesce(account.c.balance, 0))
    )


def _refused() -> Select[Any]:
    """I-5: a refused operation has no entries."""
    operation, entry = tables.operation, tables.entry
    return (
        select(operation.c.operation_id, literal(0), func.count())
        .join(entry, entry.c.operation_id == operation.c.operation_id)
        .where(operation.c.status == REFUSED)
        .group_by(operation.c.operation_id)
    )


def _types() -> Select[Any]:
    """I-7: an entry's type is its account's."""
    account, entry = account_tables.account, tables.entry
    return (
        select(entry.c.entry_id, account.c.account_type_id, entry.c.account_type_id)
        .join(account, account.c.account_id == entry.c.account_id)
        .where(account.c.account_type_id != entry.c.account_type_id)
    )


def _reversals() -> Select[Any]:
    """I-30: the reversals of an entry never exceed it."""
    entry = tables.entry
    back = tables.entry.alias("back")
    total = func.sum(case((back.c.amount < 0, -back.c.amount), else_=back.c.amount))
    size = case((entry.c.amount < 0, -entry.c.amount), else_=entry.c.amount)
    return (
        select(entry.c.entry_id, size, total)
        .join(back, back.c.reverses_entry_id == entry.c.entry_id)
        .group_by(entry.c.entry_id, entry.c.amount)
        .having(total > size)
    )


def _held() -> Select[Any]:
    """I-18: what an account holds is the sum of its open holds."""
    account, hold = account_tables.account, tables.hold
    open_rest = func.coalesce(
        func.sum(case((hold.c.state.in_([1, 2]), hold.c.amount - hold.c.captured), else_=0)), 0
    )
    return (
        select(account.c.account_id, open_rest, account.c.held)
        .select_from(account)
        .outerjoin(hold, hold.c.account_id == account.c.account_id)
        .where(or_(account.c.held != 0, hold.c.hold_id.is_not(None)))
        .group_by(account.c.account_id, account.c.held)
        .having(open_rest != account.c.held)
    )


STATEMENTS = (
    ("crm_account", "I-3 balance", _balances),
    ("crm_account", "I-3 last entry", _last_balance),
    ("crm_lot", "I-8 remaining", _remaining),
    ("crm_account", "I-9 lots", _covered),
    ("crm_operation", "I-5 refused", _refused),
    ("crm_entry", "I-7 type", _types),
    ("crm_entry", "I-30 reversals", _reversals),
    ("crm_account", "I-18 held", _held),
)
"""Table, invariant and statement, in the order of running."""
