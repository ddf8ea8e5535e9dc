"""What happens to accounts outside the ledger: block and unblock (domain 2.2)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from card_server.accounts import tables
from card_server.accounts.records import ACCOUNT_BLOCKED, ACCOUNT_CLOSED
from shared.wire.errors import AppError, ErrorCode


def set_account_state(
    connection: Connection,
    account_id: int,
    wanted: int,
    *,
    now: datetime,
    reason: str,
    shown: str,
) -> None:
    """Block or unblock an account; the state it has already is a success without effect."""
    account = tables.account
    state = connection.execute(
        select(account.c.state).where(
            account.c.account_id == account_id, account.c.holder_id.is_not(None)
        )
    ).scalar()
    if state is None or state == ACCOUNT_CLOSED:
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=shown, number=shown)
    if state == wanted:
        return
    connection.execute(
        update(account)
        .where(account.c.account_id == account_id)
        .values(
            state=wanted,
            block_reason=reason if wanted == ACCOUNT_BLOCKED else None,
            updated_at=now,
            version=account.c.version + 1,
        )
    )
