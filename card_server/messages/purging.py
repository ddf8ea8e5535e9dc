"""Texts of messages go after `message.keep_months`; that one was sent stays known (domain 1.10)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from card_server.db.purging import PAGE, Gone, months_before
from card_server.divisions.repository import read_value
from card_server.messages import tables
from shared.settings import house


def purge_texts(connection: Connection, now: datetime, after: str) -> Gone:
    """Empty the texts of the next page of old messages; the oldest have the smallest numbers."""
    message = tables.message
    start = int(after) if after.isdigit() else 0
    rows = connection.execute(
        select(message.c.message_id, message.c.queued_at, message.c.body)
        .where(message.c.message_id > start)
        .order_by(message.c.message_id)
        .limit(PAGE)
    ).all()
    kept = months_before(now, read_value(connection, house.MESSAGE_KEEP))
    old = [row for row in rows if row.queued_at < kept]
    full = [row.message_id for row in old if row.body]
    if full:
        connection.execute(
            update(message).where(message.c.message_id.in_(full)).values(body="", subject=None)
        )
    return Gone(len(full), str(old[-1].message_id) if len(old) == PAGE else None)
