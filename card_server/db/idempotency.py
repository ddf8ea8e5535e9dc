"""Commands of windows and programs are repeatable: the first answer is kept with its key.

The row is written in the transaction of the change itself, so a command either has changed the
database and left its answer, or neither. Only accepted commands are kept: one that was refused
may come again. Bookings are not here; the ledger keeps their keys for ever (domain 2.9).
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import Connection, Table, insert, select

from card_server.db.base import PREFIX, metadata
from shared.wire.errors import AppError, ErrorCode


def _table() -> Table:
    return metadata.tables[PREFIX + "command_result"]


def fingerprint_of(request: str, body: bytes) -> bytes:
    """What a command means: its name and its fields in the order of the class."""
    return hashlib.sha256(request.encode() + b"\n" + body).digest()


def stored_answer(
    connection: Connection, operation_id: str, user_id: int, fingerprint: bytes
) -> bytes | None:
    """The first answer of a command that comes again; None for a new one.

    Raises `KEY_CONFLICT` when the key was used by another user or with other content.
    """
    table = _table()
    row = connection.execute(
        select(table.c.user_id, table.c.fingerprint, table.c.reply).where(
            table.c.operation_id == operation_id
        )
    ).one_or_none()
    if row is None:
        return None
    if row.user_id != user_id or bytes(row.fingerprint) != fingerprint:
        raise AppError(ErrorCode.KEY_CONFLICT, id=operation_id)
    return str(row.reply).encode()


def keep_answer(
    connection: Connection,
    operation_id: str,
    user_id: int,
    fingerprint: bytes,
    *,
    request: str,
    reply: bytes,
    now: datetime,
) -> None:
    """Remember the answer of a command that was done."""
    connection.execute(
        insert(_table()).values(
            operation_id=operation_id,
            user_id=user_id,
            request=request,
            fingerprint=fingerprint,
            reply=reply.decode(),
            at=now,
        )
    )
