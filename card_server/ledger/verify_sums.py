"""The invariants across accounts, each one set-based statement (domain 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, or_, select

from card_server.accounts import tables as account_tables
from card_server.accounts.records import OWNER_HOUSE
from card_server.ledger import tables
from card_server.ledger.records import OperationKind
from card_server.ledger.verify_records import MOST_FINDINGS, Findings, Progress, Scope

EVERY_LINK: Final[ColumnElement[bool]] = tables.operation.c.chain_no >= 1


def check_sums(connection: Connection, scope: Scope, found: Findings, progress: Progress) -> None:
    """Rows that break an invariant, statement by statement."""
    for done, (table, invariant, statement) in enumerate(STATEMENTS, start=1):
        rows: list[Any] = list(connection.execute(statement(_recent(scope)).limit(MOST_FINDINGS)))
        for row in rows:
            found.add(table, row[0], invariant, row[1], row[2])
        progress("sums", done, len(STATEMENTS))


def totals(connection: Connection, scope: Scope) -> dict[int, int]:
    """Account type -> sum of its entries up to the last link; the house account is its minus."""
    entry, operation = tables.entry, tables.operation
    statement = (
        select(entry.c.account_type_id, func.sum(entry.c.amount))
        .join(operation, operation.c.operation_id == entry.c.operation_id)
        .where(operation.c.writer_id == scope.writer_id, operation.c.chain_no <= scope.last)
        .group_by(entry.c.account_type_id)
    )
    return {int(kind): int(total) for kind, total in connection.execute(statement)}


def _recent(scope: Scope) -> ColumnElement[bool]:
    """The operations of the scope, for statements that join them."""
    operation = tables.operation
    return (
        (operation.c.writer_id == scope.writer_id)
        & (operation.c.chain_no >= scope.first)
        & (operation.c.chain_no <= scope.last)
    )


def _house_entries(recent: ColumnElement[bool] = EVERY_LINK) -> Select[Any]:
    """I-1: an entry stands on an account of a guest; the house side is its minus by type."""
    account, entry, operation = account_tables.account, tables.entry, tables.operation
    return (
        select(entry.c.entry_id, literal("no house account"), account.c.account_id)
        .join(account, account.c.account_id == entry.c.account_id)
        .join(operation, operation.c.operation_id == entry.c.operation_id)
        .where(account.c.owner_kind == OWNER_HOUSE, recent)
    )


def _house_balances(_recent: ColumnElement[bool] = EVERY_LINK) -> Select[Any]:
    """I-4: the figures of a house account are derived, never kept."""
    account = account_tables.account
    kept = func.coalesce(account.c.balance, 0) + account.c.pending + account.c.held
    return select(account.c.account_id, literal("nothing"), kept + account.c.uncovered).where(
        account.c.owner_kind == OWNER_HOUSE,
        or_(
            account.c.balance.is_not(None),
            account.c.pending != 0,
            account.c.held != 0,
            account.c.uncovered != 0,
        ),
    )


def _transfers(recent: ColumnElement[bool] = EVERY_LINK) -> Select[Any]:
    """I-2: transfer, merge and unmerge sum to 0 per unit of value."""
    entry, operation, kind = tables.entry, tables.operation, account_tables.account_type
    total = func.sum(entry.c.amount)
    return (
        select(operation.c.operation_id, literal(0), total)
        .join(entry, entry.c.operation_id == operation.c.operation_id)
        .join(kind, kind.c.account_type_id == entry.c.account_type_id)
        .where(operation.c.kind == OperationKind.TRANSFER, recent)
        .group_by(operation.c.operation_id, kind.c.value_unit)
        .having(total != 0)
    )


def _reversals(recent: ColumnElement[bool] = EVERY_LINK) -> Select[Any]:
    """I-30: the reversals of an entry never exceed it, and turn its sign on its own account."""
    entry, operation = tables.entry, tables.operation
    back = entry.alias("back")
    size = func.abs(entry.c.amount)
    total = func.sum(func.abs(back.c.amount))
    strange = case(
        (back.c.account_id != entry.c.account_id, 1),
        (and_(back.c.amount > 0, entry.c.amount > 0), 1),
        (and_(back.c.amount < 0, entry.c.amount < 0), 1),
        else_=0,
    )
    touched = select(tables.entry.c.reverses_entry_id).join(
        operation, operation.c.operation_id == tables.entry.c.operation_id
    )
    touched = touched.where(recent, tables.entry.c.reverses_entry_id.is_not(None))
    return (
        select(entry.c.entry_id, size, total)
        .join(back, back.c.reverses_entry_id == entry.c.entry_id)
        .where(entry.c.entry_id.in_(touched))
        .group_by(entry.c.entry_id, entry.c.amount)
        .having(or_(total > size, func.sum(strange) > 0))
    )


def _twice_undone(recent: ColumnElement[bool] = EVERY_LINK) -> Select[Any]:
    """2.9: an operation is rolled back once at most."""
    operation = tables.operation
    kinds = (OperationKind.SALE_ROLLBACK, OperationKind.REFUND_ROLLBACK)
    count = func.count()
    return (
        select(operation.c.reverses_id, literal(1), count)
        .where(
            operation.c.kind.in_(kinds),
            operation.c.status == 1,
            operation.c.reverses_id.is_not(None),
            recent,
        )
        .group_by(operation.c.reverses_id)
        .having(count > 1)
    )


def _stray_lots(_recent: ColumnElement[bool] = EVERY_LINK) -> Select[Any]:
    """I-17: a lot belongs to the operation of the entry that made it, and no lot is without one."""
    lot, entry = tables.lot, tables.entry
    return (
        select(lot.c.lot_id, func.coalesce(entry.c.operation_id, 0), lot.c.operation_id)
        .outerjoin(entry, entry.c.entry_id == lot.c.entry_id)
        .where(or_(entry.c.entry_id.is_(None), entry.c.operation_id != lot.c.operation_id))
    )


Statement = Callable[..., Select[Any]]
STATEMENTS: Final[tuple[tuple[str, str, Statement], ...]] = (
    ("crm_entry", "I-1 house", _house_entries),
    ("crm_account", "I-4 house", _house_balances),
    ("crm_operation", "I-2 transfer", _transfers),
    ("crm_entry", "I-30 reversals", _reversals),
    ("crm_operation", "2.9 rolled back", _twice_undone),
    ("crm_lot", "I-17 operation", _stray_lots),
)
"""Table, invariant and statement, in the order of running."""
