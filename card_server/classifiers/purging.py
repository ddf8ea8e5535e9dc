"""What of guests' sessions and codes may go, and when (domain 1.11, 3.12 `journal.purge`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete

from card_server.classifiers import tables
from card_server.db.purging import Gone, page_of

SESSIONS_KEPT: Final = timedelta(days=1)
CODES_KEPT: Final = timedelta(days=7)
"""Longer than any limit of tries looks back."""


def purge_holder_sessions(connection: Connection, now: datetime, _after: str) -> Gone:
    """Sessions of guests that are over."""
    table = tables.holder_session
    ids = page_of(connection, table.c.session_id, table.c.expires_at < now - SESSIONS_KEPT)
    if ids:
        connection.execute(delete(table).where(table.c.session_id.in_(ids)))
    return Gone.of(ids)


def purge_codes(connection: Connection, now: datetime, _after: str) -> Gone:
    """Codes for sign-in that nobody can use any more."""
    table = tables.auth_code
    ids = page_of(connection, table.c.auth_code_id, table.c.expires_at < now - CODES_KEPT)
    if ids:
        connection.execute(delete(table).where(table.c.auth_code_id.in_(ids)))
    return Gone.of(ids)
