"""One's own two-factor code: a secret, shown once, confirmed by its first code (RFC 6238)."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from typing import Final
from urllib.parse import quote

from sqlalchemy import Connection, delete, insert, select, update

from card_server.http.routes import Flow, Ids
from card_server.users import tables
from card_server.users.passwords import fits, step_of_code
from card_server.users.signing_in import note
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode
from shared.wire.roles import ConfirmTwoFactor, Secret, StartTwoFactor

SECRET_BYTES: Final = 20
ISSUER: Final = "Kartoteka"


def start(asked: StartTwoFactor, flow: Flow) -> Secret:
    """A new secret after the password; until it is confirmed the sign-in does not ask for it."""
    actor, user = flow.actor, tables.user
    stored = flow.desk.read(
        lambda connection: connection.execute(
            select(user.c.password_hash).where(user.c.user_id == actor.user_id)
        ).scalar_one()
    )
    if not fits(asked.password, stored):
        raise AppError(ErrorCode.PASSWORD_WRONG, field="password")
    secret = secrets.token_bytes(SECRET_BYTES)

    def write(connection: Connection, _now: datetime, _ids: Ids) -> None:
        totp = tables.user_totp
        mine = totp.c.user_id == actor.user_id
        confirmed = connection.execute(select(totp.c.confirmed_at).where(mine)).scalar()
        if confirmed is not None:
            raise AppError(
                ErrorCode.WRONG_STATE, event="start", object=actor.login, state="confirmed"
            )
        connection.execute(delete(totp).where(mine))
        connection.execute(insert(totp).values(user_id=actor.user_id, secret=secret, last_step=0))

    flow.desk.edit(write)
    text = base64.b32encode(secret).decode()
    label = quote(f"{ISSUER}:{actor.login}")
    return Secret(secret=text, uri=f"otpauth://totp/{label}?secret={text}&issuer={ISSUER}")


def confirm(asked: ConfirmTwoFactor, flow: Flow) -> Done:
    """The authenticator has the secret: from now on the sign-in asks for its code."""
    actor = flow.actor

    def write(connection: Connection, now: datetime, ids: Ids) -> None:
        totp = tables.user_totp
        mine = totp.c.user_id == actor.user_id
        row = connection.execute(select(totp).where(mine)).first()
        if row is None:
            raise AppError(ErrorCode.ROW_NOT_FOUND, what="user_totp", id=str(actor.user_id))
        step = step_of_code(bytes(row.secret), asked.code, now.timestamp(), row.last_step)
        if step is None:
            raise AppError(ErrorCode.CODE_WRONG, field="code")
        connection.execute(update(totp).where(mine).values(confirmed_at=now, last_step=step))
        note(
            connection,
            ids,
            now,
            "two_factor_on",
            user_id=actor.user_id,
            login=actor.login,
            host=actor.host,
            application=actor.application,
        )

    flow.desk.edit(write)
    return Done()
