"""Sessions of users: who a token belongs to, with which rights, and when a session ends."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, insert, select, update

from card_server.divisions.repository import read_value
from card_server.http.routes import Actor, Desk
from card_server.users import tables
from shared.settings import house
from shared.wire.errors import AppError, ErrorCode
from shared.wire.rights import ALL_RIGHTS

SIGNED_OUT, IDLE, ENDED_BY_OTHER, PASSWORD_CHANGED, USER_BLOCKED = 1, 2, 3, 4, 5
"""`user_session.end_reason`."""
SEEN_EVERY: Final = timedelta(minutes=1)
FRESH: Final = timedelta(seconds=1)
"""How long a session's rights may be remembered: a right taken away works within a second."""
MOST_REMEMBERED: Final = 10_000
TOKEN_BYTES: Final = 32
ID_BYTES: Final = 16


def session_id_of(token: str) -> bytes:
    """The stored id of a token; the token itself is never stored."""
    return hashlib.sha256(token.encode()).digest()[:ID_BYTES]


def rights_of(connection: Connection, user_id: int) -> tuple[frozenset[str], Any, Any]:
    """Rights of all roles, the largest amount limit, the largest number of unmaskings a day."""
    role, link, right = tables.role, tables.user_role, tables.role_right
    roles = connection.execute(
        select(role.c.role_id, role.c.amount_limit, role.c.unmask_per_day)
        .join(link, link.c.role_id == role.c.role_id)
        .where(link.c.user_id == user_id, role.c.deleted_at.is_(None), role.c.is_active)
    ).all()
    ids = [row.role_id for row in roles]
    codes = connection.execute(select(right.c.right_code).where(right.c.role_id.in_(ids)))
    limits = [row.amount_limit for row in roles]
    limit = None if not limits or None in limits else max(limits)
    unmask = max((row.unmask_per_day for row in roles), default=0)
    return frozenset(codes.scalars()) & ALL_RIGHTS, limit, unmask


def divisions_of(connection: Connection, user_id: int) -> frozenset[int]:
    """Divisions that a user sees and touches."""
    link = tables.user_division
    rows = connection.execute(select(link.c.division_id).where(link.c.user_id == user_id))
    return frozenset(rows.scalars())


def load_actor(connection: Connection, user: Any, session: Any) -> Actor:
    """The user of a session with everything that a request is judged by."""
    rights, limit, unmask = rights_of(connection, user.user_id)
    divisions = None if user.all_divisions else divisions_of(connection, user.user_id)
    return Actor(
        user_id=user.user_id,
        login=user.login,
        session_id=bytes(session.session_id),
        rights=rights,
        divisions=divisions,
        amount_limit=limit,
        unmask_per_day=unmask,
        must_change=user.must_change,
        host=session.host or "",
        application=session.application or "",
    )


class _Known(msgspec.Struct):
    actor: Actor
    read_at: datetime
    seen_at: datetime


class SessionBook:
    """Answers whose a token is; remembers for a second, so that a busy window costs nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[bytes, _Known] = {}

    def actor_of(self, token: str, now: datetime) -> Actor:
        """The user of a running session; `SESSION_LOST` for an unknown, ended or idle one."""
        if not token:
            raise AppError(ErrorCode.SESSION_LOST)
        session_id = session_id_of(token)
        known = self._known.get(session_id)
        if known is None or now - known.read_at > FRESH:
            known = self._read(session_id, now)
        if now - known.seen_at >= SEEN_EVERY:
            known.seen_at = now
            self._desk.edit(lambda connection, at, _ids: touch(connection, session_id, at))
        return known.actor

    def forget(self, session_id: bytes | None = None) -> None:
        """A session ended or a user changed: the next request reads anew."""
        if session_id is None:
            self._known.clear()
        else:
            self._known.pop(session_id, None)

    def _read(self, session_id: bytes, now: datetime) -> _Known:
        self._known.pop(session_id, None)
        known = self._desk.read(lambda connection: _find(connection, session_id, now))
        if known is None:
            raise AppError(ErrorCode.SESSION_LOST)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[session_id] = known
        return known


def _find(connection: Connection, session_id: bytes, now: datetime) -> _Known | None:
    user, session = tables.user, tables.user_session
    row = connection.execute(select(session).where(session.c.session_id == session_id)).first()
    if row is None or row.ended_at is not None or now - row.seen_at > idle_span(connection):
        return None
    owner = connection.execute(
        select(user).where(user.c.user_id == row.user_id, user.c.deleted_at.is_(None))
    ).first()
    if owner is None or owner.is_blocked:
        return None
    return _Known(load_actor(connection, owner, row), now, row.seen_at)


def idle_span(connection: Connection) -> timedelta:
    """After how long without a request a session is over."""
    return timedelta(minutes=read_value(connection, house.IDLE_MINUTES))


def touch(connection: Connection, session_id: bytes, now: datetime) -> None:
    """The session is in use."""
    session = tables.user_session
    connection.execute(
        update(session).where(session.c.session_id == session_id).values(seen_at=now)
    )


def open_session(
    connection: Connection, user_id: int, *, host: str, application: str, now: datetime
) -> str:
    """A new session; returns its token, which is shown this once."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    connection.execute(
        insert(tables.user_session).values(
            session_id=session_id_of(token),
            user_id=user_id,
            started_at=now,
            seen_at=now,
            host=host[:60] or None,
            application=application[:30] or None,
        )
    )
    return token


def end_sessions(connection: Connection, now: datetime, reason: int, *where: Any) -> int:
    """End running sessions; returns how many."""
    session = tables.user_session
    statement = update(session).where(session.c.ended_at.is_(None), *where)
    return connection.execute(statement.values(ended_at=now, end_reason=reason)).rowcount


Forget = Callable[[bytes | None], None]
