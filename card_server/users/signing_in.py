"""Signing in and out, first and changed passwords, lock-out (domain 1.11, 5, 7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from card_server.db.change_log import ChangeLog, Editor
from card_server.divisions.repository import read_value
from card_server.http.routes import Flow, Ids, Reading
from card_server.users import tables
from card_server.users.passwords import (
    UNSET,
    check_new_password,
    fits,
    hash_password,
    step_of_code,
)
from card_server.users.sessions import (
    PASSWORD_CHANGED,
    SIGNED_OUT,
    end_sessions,
    open_session,
    rights_of,
)
from shared.settings import house
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode
from shared.wire.users import (
    ChangePassword,
    FirstPassword,
    FirstRun,
    FirstRunState,
    GetMe,
    Me,
    SignedIn,
    SignIn,
    SignOut,
)

ADMINISTRATOR: Final = 1


class Found(msgspec.Struct, frozen=True):
    """A user as the sign-in needs it."""

    row: Any
    totp: Any
    lock_after: int
    lock_minutes: int
    idle_minutes: int


def note(
    connection: Connection,
    ids: Ids,
    now: datetime,
    what: str,
    *,
    user_id: int | None,
    login: str = "",
    host: str = "",
    application: str = "",
    details: str = "",
) -> None:
    """A line of the access journal (`user_activity`)."""
    connection.execute(
        insert(tables.user_activity).values(
            user_activity_id=ids.take("change"),
            at=now,
            user_id=user_id,
            login=login[:60] or None,
            what=what,
            host=host[:60] or None,
            application=application[:30] or None,
            details=details[:500] or None,
        )
    )


def find_by_login(connection: Connection, login: str) -> Any:
    """The live user of a login, letter case ignored in every alphabet."""
    user = tables.user
    wanted = login.strip().casefold()
    rows = connection.execute(
        select(user.c.user_id, user.c.login).where(user.c.deleted_at.is_(None))
    )
    user_id = next((row.user_id for row in rows if row.login.casefold() == wanted), None)
    if user_id is None:
        return None
    return connection.execute(select(user).where(user.c.user_id == user_id)).one()


def sign_in(asked: SignIn, flow: Flow) -> SignedIn:
    """A session for a right password (and code); every failure is journalled and counted."""
    found = flow.desk.read(lambda connection: _found(connection, asked.login))
    now = flow.clock()
    row = found.row
    if row is not None:
        _check_open(row, now)
    if not fits(asked.password, row.password_hash if row is not None else None):
        _fail(flow, asked, found, "sign_in_failed")
        raise AppError(ErrorCode.PASSWORD_WRONG)
    step = 0
    if found.totp is not None and found.totp.confirmed_at is not None:
        if not asked.code:
            raise AppError(ErrorCode.CODE_NEEDED)
        accepted = step_of_code(
            bytes(found.totp.secret), asked.code, now.timestamp(), found.totp.last_step
        )
        if accepted is None:
            _fail(flow, asked, found, "code_failed")
            raise AppError(ErrorCode.CODE_WRONG)
        step = accepted

    def enter(connection: Connection, at: datetime, ids: Ids) -> tuple[str, Me]:
        user = tables.user
        connection.execute(
            update(user)
            .where(user.c.user_id == row.user_id)
            .values(failed_count=0, locked_until=None)
        )
        if step:
            totp = tables.user_totp
            connection.execute(
                update(totp).where(totp.c.user_id == row.user_id).values(last_step=step)
            )
        token = open_session(
            connection,
            row.user_id,
            host=flow.actor.host,
            application=asked.application,
            now=at,
        )
        note(
            connection,
            ids,
            at,
            "sign_in",
            user_id=row.user_id,
            login=row.login,
            host=flow.actor.host,
            application=asked.application,
        )
        return token, me_of(connection, row.user_id)

    token, me = flow.desk.edit(enter)
    return SignedIn(token=token, me=me, idle_minutes=found.idle_minutes)


def _found(connection: Connection, login: str) -> Found:
    row = find_by_login(connection, login)
    totp = None
    if row is not None:
        table = tables.user_totp
        totp = connection.execute(select(table).where(table.c.user_id == row.user_id)).first()
    return Found(
        row,
        totp,
        read_value(connection, house.LOCK_AFTER),
        read_value(connection, house.LOCK_MINUTES),
        read_value(connection, house.IDLE_MINUTES),
    )


def _check_open(row: Any, now: datetime) -> None:
    """A blocked or locked user learns so; a user without a password must set the first one."""
    if row.is_blocked or (row.expires_on is not None and row.expires_on < now.date()):
        raise AppError(ErrorCode.USER_BLOCKED, login=row.login)
    if row.locked_until is not None and row.locked_until > now:
        raise AppError(ErrorCode.LOCKED, time=row.locked_until.isoformat(), n=row.failed_count)
    if row.password_hash == UNSET:
        raise AppError(ErrorCode.PASSWORD_FIRST)


def _fail(flow: Flow, asked: SignIn, found: Found, what: str) -> None:
    """Count a failure; the last one allowed locks the sign-in for a while."""
    row = found.row

    def count(connection: Connection, now: datetime, ids: Ids) -> None:
        user_id = None
        if row is not None:
            user = tables.user
            user_id = row.user_id
            mine = user.c.user_id == user_id
            connection.execute(
                update(user).where(mine).values(failed_count=user.c.failed_count + 1)
            )
            failed = connection.execute(select(user.c.failed_count).where(mine)).scalar_one()
            if failed >= found.lock_after:
                until = now + timedelta(minutes=found.lock_minutes)
                connection.execute(
                    update(user).where(mine).values(locked_until=until, failed_count=0)
                )
        note(
            connection,
            ids,
            now,
            what,
            user_id=user_id,
            login=asked.login,
            host=flow.actor.host,
            application=asked.application,
        )

    flow.desk.edit(count)


def me_of(connection: Connection, user_id: int) -> Me:
    """A user as his own programs see him."""
    user, totp = tables.user, tables.user_totp
    row = connection.execute(select(user).where(user.c.user_id == user_id)).one()
    rights, limit, _ = rights_of(connection, user_id)
    link = tables.user_division
    divisions = None
    if not row.all_divisions:
        mine = select(link.c.division_id).where(link.c.user_id == user_id)
        divisions = sorted(connection.execute(mine).scalars())
    confirmed = select(func.count()).where(
        totp.c.user_id == user_id, totp.c.confirmed_at.is_not(None)
    )
    return Me(
        user_id=user_id,
        login=row.login,
        full_name=row.full_name,
        rights=sorted(rights),
        divisions=divisions,
        amount_limit=limit,
        must_change=row.must_change,
        two_factor=bool(connection.execute(confirmed).scalar_one()),
    )


def get_me(_asked: GetMe, reading: Reading) -> Me:
    """Who is signed in."""
    return me_of(reading.connection, reading.actor.user_id)


def first_run(_asked: FirstRun, reading: Reading) -> FirstRunState:
    """Whether the administrator's password is still to be set."""
    user = tables.user
    row = reading.connection.execute(
        select(user.c.login, user.c.password_hash).where(user.c.user_id == ADMINISTRATOR)
    ).one()
    return FirstRunState(password_needed=row.password_hash == UNSET, login=row.login)


def first_password(asked: FirstPassword, flow: Flow) -> Done:
    """Set the administrator's password, once; afterwards only he can change it."""
    state = flow.desk.read(
        lambda connection: first_run(
            FirstRun(), Reading(connection=connection, actor=flow.actor, now=flow.clock())
        )
    )
    if not state.password_needed:
        raise AppError(ErrorCode.NO_RIGHT, right="user.edit")
    check_new_password(asked.password, login=state.login)
    hashed = hash_password(asked.password)

    def write(connection: Connection, now: datetime, ids: Ids) -> None:
        user = tables.user
        changed = connection.execute(
            update(user)
            .where(user.c.user_id == ADMINISTRATOR, user.c.password_hash == UNSET)
            .values(
                password_hash=hashed,
                password_at=now,
                must_change=False,
                updated_at=now,
                version=user.c.version + 1,
            )
        )
        if changed.rowcount == 0:
            raise AppError(ErrorCode.NO_RIGHT, right="user.edit")
        note(
            connection,
            ids,
            now,
            "first_password",
            user_id=ADMINISTRATOR,
            login=state.login,
            host=flow.actor.host,
        )

    flow.desk.edit(write)
    return Done()


def change_password(asked: ChangePassword, flow: Flow) -> Done:
    """Change one's own password; other sessions of the user end."""
    actor = flow.actor
    user = tables.user
    row = flow.desk.read(
        lambda connection: connection.execute(
            select(user.c.login, user.c.password_hash).where(user.c.user_id == actor.user_id)
        ).one()
    )
    if not fits(asked.old_password, row.password_hash):
        raise AppError(ErrorCode.PASSWORD_WRONG, field="old_password")
    check_new_password(asked.new_password, login=row.login, old=asked.old_password)
    hashed = hash_password(asked.new_password)

    def write(connection: Connection, now: datetime, ids: Ids) -> None:
        editor = Editor(user_id=actor.user_id, host=actor.host, application=actor.application)
        ChangeLog(connection, ids, editor, now).edit(
            user,
            {"user_id": actor.user_id},
            {"password_hash": hashed, "password_at": now, "must_change": False},
        )
        session = tables.user_session
        end_sessions(
            connection,
            now,
            PASSWORD_CHANGED,
            session.c.user_id == actor.user_id,
            session.c.session_id != actor.session_id,
        )

    flow.desk.edit(write)
    return Done()


def sign_out(_asked: SignOut, flow: Flow) -> Done:
    """End the session at hand."""
    actor = flow.actor

    def write(connection: Connection, now: datetime, ids: Ids) -> None:
        session = tables.user_session
        if end_sessions(connection, now, SIGNED_OUT, session.c.session_id == actor.session_id):
            note(
                connection,
                ids,
                now,
                "sign_out",
                user_id=actor.user_id,
                login=actor.login,
                host=actor.host,
                application=actor.application,
            )

    flow.desk.edit(write)
    return Done()
