"""What of sessions and journals may go, and when (domain 1.11, 3.12 `journal.purge`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Connection, Table, delete, or_

from card_server.db.purging import Gone, months_before, page_of
from card_server.divisions.repository import read_value
from card_server.users import tables
from shared.settings import house

SESSIONS_KEPT: Final = timedelta(days=90)
COMMANDS_KEPT: Final = timedelta(days=30)
"""A window repeats a command within minutes; a month is for whoever comes back from a journey."""


def _kept(connection: Connection, now: datetime) -> datetime:
    """From when on the journal is kept."""
    return months_before(now, read_value(connection, house.JOURNAL_KEEP))


def purge_changes(connection: Connection, now: datetime, _after: str) -> Gone:
    """The journal of edits, field by field."""
    change, value = tables.change_set, tables.change_value
    old = change.c.at < _kept(connection, now)
    ids = page_of(connection, change.c.change_id, old, change.c.at)
    if ids:
        connection.execute(delete(value).where(value.c.change_id.in_(ids)))
        connection.execute(delete(change).where(change.c.change_id.in_(ids)))
    return Gone.of(ids)


def purge_activity(connection: Connection, now: datetime, _after: str) -> Gone:
    """Who signed in and what was refused."""
    table = tables.user_activity
    return _purge(connection, table, table.c.at, _kept(connection, now))


def purge_person_access(connection: Connection, now: datetime, _after: str) -> Gone:
    """Who looked at person data."""
    table = tables.person_access
    return _purge(connection, table, table.c.at, _kept(connection, now))


def purge_commands(connection: Connection, now: datetime, _after: str) -> Gone:
    """First answers of commands."""
    table = tables.command_result
    return _purge(connection, table, table.c.at, now - COMMANDS_KEPT)


def purge_sessions(connection: Connection, now: datetime, _after: str) -> Gone:
    """Sessions that ended, or that nobody used, long ago."""
    table, kept = tables.user_session, now - SESSIONS_KEPT
    old = or_(table.c.ended_at < kept, table.c.seen_at < kept)
    ids = page_of(connection, table.c.session_id, old)
    if ids:
        connection.execute(delete(table).where(table.c.session_id.in_(ids)))
    return Gone.of(ids)


def _purge(connection: Connection, table: Table, at: Column[datetime], kept: datetime) -> Gone:
    (key,) = table.primary_key.columns
    ids = page_of(connection, key, at < kept, at)
    if ids:
        connection.execute(delete(table).where(key.in_(ids)))
    return Gone.of(ids)
