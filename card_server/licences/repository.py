"""May cards and holders still be issued? (domain 2.10)."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from card_server.licences import tables
from shared.wire.errors import AppError, ErrorCode

EXPIRED, OVER_QUOTA = 5, 6
CARDS, HOLDERS = 1, 2
"""Metrics of a licence."""

STOPS: Final = frozenset({EXPIRED, OVER_QUOTA})


def check_issue(connection: Connection) -> None:
    """Refuse new cards and holders when no licence is left that allows them.

    The states are what the daily count made of them; without any licence the trial decides, and
    sales, refunds and reports never ask here.
    """
    licence = tables.licence
    rows = connection.execute(
        select(licence.c.state, licence.c.quantity, licence.c.valid_to)
        .where(licence.c.state != 0)
        .order_by(licence.c.licence_id.desc())
    ).all()
    if not rows or any(row.state not in STOPS for row in rows):
        return
    last = rows[0]
    if last.state == OVER_QUOTA:
        raise AppError(ErrorCode.LICENCE_QUOTA, n=last.quantity)
    end = last.valid_to.isoformat() if last.valid_to is not None else ""
    raise AppError(ErrorCode.LICENCE_END, date=end)
