"""What happens to accounts outside the ledger: block and unblock (domain 2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from card_server.accounts import tables
from card_server.accounts.records import ACCOUNT_BLOCKED, ACCOUNT_CLOSED, AccountType
from card_server.holders.workbench import Workbench
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import AccountNumber


def set_account_state(
    bench: Workbench,
    number: AccountNumber | int,
    wanted: int,
    *,
    reason: str,
    shown: str,
    types: Mapping[int, AccountType],
) -> None:
    """Block or unblock an account; the state it has already is a success without effect."""
    account = tables.account
    account_id = number if isinstance(number, int) else number.id64
    row = bench.connection.execute(
        select(account.c.state, account.c.account_type_id).where(
            account.c.account_id == account_id, account.c.holder_id.is_not(None)
        )
    ).one_or_none()
    if row is None or row.state == ACCOUNT_CLOSED or not _fits(number, types[row.account_type_id]):
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=shown, number=shown)
    if row.state == wanted:
        return
    changes: dict[str, Any] = {
        "state": wanted,
        "block_reason": reason if wanted == ACCOUNT_BLOCKED else None,
    }
    bench.log.edit(account, {"account_id": account_id}, changes)


def _fits(number: AccountNumber | int, kind: AccountType) -> bool:
    """Class and type of an account number are those of the account (crm-xml.md 6.2)."""
    if isinstance(number, int):
        return True
    return (number.account_class, number.account_type_id) == (
        kind.account_class,
        kind.account_type_id,
    )
