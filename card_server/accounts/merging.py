"""Accounts in a merge: the duplicate's are closed, the survivor's keep the better (3.13)."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, select

from card_server.accounts import tables
from card_server.accounts.records import ACCOUNT_ACTIVE, ACCOUNT_BLOCKED, ACCOUNT_CLOSED
from card_server.db.base import PREFIX, metadata
from card_server.holders.merge_items import Merge

NOTHING: Final = ("balance", "held", "uncovered")
"""What must be zero before an account is closed (domain 2.2)."""


def open_accounts(connection: Connection, holder_id: int) -> list[Any]:
    """Accounts of a holder that are not closed, by type."""
    account = tables.account
    return list(
        connection.execute(
            select(account)
            .where(account.c.holder_id == holder_id, account.c.state != ACCOUNT_CLOSED)
            .order_by(account.c.account_type_id)
        )
    )


def block_accounts(merge: Merge) -> None:
    """Nothing moves on the duplicate's accounts while their balances go over."""
    reason = f"merge {merge.merge_id}"
    for row in open_accounts(merge.connection, merge.duplicate_id):
        changes = {"state": ACCOUNT_BLOCKED, "block_reason": reason}
        merge.log.edit(tables.account, {"account_id": row.account_id}, changes)
        merge.keep("account", row.account_id)


def close_accounts(merge: Merge) -> bool:
    """Close what is empty; False if something came upon an account meanwhile."""
    mine = {r.account_type_id: r for r in open_accounts(merge.connection, merge.survivor_id)}
    theirs = open_accounts(merge.connection, merge.duplicate_id)
    if any(getattr(row, name) for row in theirs for name in NOTHING):
        return False
    for row in theirs:
        target = mine.get(row.account_type_id)
        changes = {
            "state": ACCOUNT_CLOSED,
            "merged_into": None if target is None else target.account_id,
        }
        merge.log.edit(tables.account, {"account_id": row.account_id}, changes)
        if target is not None:
            better = better_of(merge.connection, target, row)
            merge.log.edit(tables.account, {"account_id": target.account_id}, better)
            merge.keep("better", target.account_id)
    return True


def better_of(connection: Connection, mine: Any, theirs: Any) -> dict[str, Any]:
    """Credit depth and level that the survivor's account has afterwards."""
    found: dict[str, Any] = {"credit_depth": max(mine.credit_depth, theirs.credit_depth)}
    level = metadata.tables[PREFIX + "level"]
    rows = connection.execute(
        select(level.c.level_id, level.c.level_no).where(
            level.c.level_id.in_([mine.level_id or 0, theirs.level_id or 0])
        )
    )
    numbers = {row.level_id: row.level_no for row in rows}
    if numbers.get(theirs.level_id, 0) > numbers.get(mine.level_id, 0):
        names = ("level_id", "level_since", "level_keep_until")
        found |= {name: getattr(theirs, name) for name in names}
    return found


def reopen_accounts(merge: Merge) -> None:
    """Before an undoing: the ledger sees the duplicate's accounts again, nobody else uses them."""
    for account_id in merge.kept("account"):
        changes = {"state": ACCOUNT_BLOCKED, "merged_into": None}
        merge.log.edit(tables.account, {"account_id": account_id}, changes)


def close_again(merge: Merge) -> None:
    """The undoing was refused: the accounts are closed as they were."""
    mine = {r.account_type_id: r for r in open_accounts(merge.connection, merge.survivor_id)}
    for row in open_accounts(merge.connection, merge.duplicate_id):
        target = mine.get(row.account_type_id)
        changes = {
            "state": ACCOUNT_CLOSED,
            "merged_into": None if target is None else target.account_id,
        }
        merge.log.edit(tables.account, {"account_id": row.account_id}, changes)


def give_back(merge: Merge) -> None:
    """The accounts of both are as they were before the merge."""
    account = tables.account
    for account_id in merge.kept("better"):
        merge.put_back(account, {"account_id": account_id})
    for account_id in merge.kept("account"):
        merge.put_back(account, {"account_id": account_id})
        state = merge.connection.execute(
            select(account.c.state).where(account.c.account_id == account_id)
        ).scalar_one()
        if state == ACCOUNT_CLOSED:  # its history is gone: better open than lost
            changes = {"state": ACCOUNT_ACTIVE, "block_reason": None, "merged_into": None}
            merge.log.edit(account, {"account_id": account_id}, changes)
