"""Traces of operations go after `trace.keep_months`; their hashes stay in the chain (3.15)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, select

from card_server.db.purging import PAGE, Gone, months_before
from card_server.divisions.repository import read_value
from card_server.ledger import tables
from shared.settings import house

SPAN: Final = 10**13
"""Numbers of one prefix: a division's operations (domain 0.2)."""


def purge_traces(connection: Connection, now: datetime, after: str) -> Gone:
    """Delete the next page of old traces.

    Numbers of a division rise with time, so the oldest come first; the first page without an old
    one leads on to the next division.
    """
    trace, operation = tables.operation_trace, tables.operation
    start = int(after) if after.isdigit() else 0
    rows = connection.execute(
        select(trace.c.operation_id, operation.c.recorded_at)
        .join(operation, operation.c.operation_id == trace.c.operation_id)
        .where(trace.c.operation_id > start)
        .order_by(trace.c.operation_id)
        .limit(PAGE)
    ).all()
    if not rows:
        return Gone(0)
    kept = months_before(now, read_value(connection, house.TRACE_KEEP))
    old = [row.operation_id for row in rows if row.recorded_at < kept]
    if not old:
        return Gone(0, str((rows[0].operation_id // SPAN + 1) * SPAN))
    connection.execute(delete(trace).where(trace.c.operation_id.in_(old)))
    return Gone(len(old), str(old[-1]))
