"""Authorization: a guest's password opens a session (crm-xml.md 8.8).

An unknown name costs the same time and gets the same answer as a wrong password.
"""

from __future__ import annotations

import time
from datetime import datetime
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Connection, select

from card_server.cards.records import CARD_VOIDED
from card_server.cards.repository import find_card_row
from card_server.classifiers.rules import need_right
from card_server.classifiers.signing_in import open_session
from card_server.holders import tables
from card_server.holders.repository import holders_by_contact, is_live
from card_server.holders.rules import EMAIL, PHONE, normal_value
from card_server.relay.crm_xml_reader import Envelope, needed
from card_server.relay.formats import maybe_number
from card_server.relay.handlers.context import Context, Done
from card_server.relay.handlers.guest_sessions import session_text
from card_server.relay.handlers.xml_holders import answering, asked_for, holder_reply
from shared.settings.house import COUNTRY, LOCK_AFTER, LOCK_MINUTES
from shared.settings.wire import LOGIN_SESSION_DAYS
from shared.wire.errors import AppError, ErrorCode

NAMES: Final = ("Card_Code", "Phone", "EMail")
MOST_HOLDERS: Final = 5
"""Holders of one contact whose passwords are tried."""

LONGEST_PASSWORD: Final = 200


def authorization(envelope: Envelope, context: Context, done: Done) -> None:
    """Check the password in a worker thread, then open the session and show the guest."""
    need_right(context.classifier, "login")
    field = next((name for name in NAMES if envelope.root.text_of(name)), None)
    if field is None:
        raise AppError(ErrorCode.FIELD_MISSING, field=NAMES[0])
    value = envelope.root.text_of(field)
    password = needed(envelope.root, "Password")
    asked = asked_for(envelope, context)
    answer = answering(context, done)
    gate, now_s = context.services.passwords, time.monotonic()
    name = f"{field}:{_normal(field, value, context)}"
    gate.check(
        name,
        now_s,
        context.value(LOCK_AFTER),
        context.value(LOCK_MINUTES),
    )

    def check(connection: Connection) -> int | None:
        found = _candidates(connection, field, value, context)
        return _right_one(found, password[:LONGEST_PASSWORD])

    def checked(found: int | AppError | None) -> None:
        if isinstance(found, AppError):
            answer(found)
        elif found is None:
            gate.wrong(name, now_s)
            answer(AppError(ErrorCode.LOGIN_WRONG))
        else:
            gate.right(name)
            context.desk.edit(lambda connection, now: work(connection, now, found), answer)

    def work(connection: Connection, now: datetime, holder_id: int) -> str:
        days = context.value(LOGIN_SESSION_DAYS)
        key = open_session(connection, holder_id, context.classifier.classifier_id, days, now)
        lens = context.desk.lens(connection, context.rules)
        attribute = f' Session="{session_text(key)}"'
        return holder_reply(lens, holder_id, asked, context, attributes=attribute)

    context.desk.read(check, checked)


def _normal(field: str, value: str, context: Context) -> str:
    country = context.value(COUNTRY)
    if field == "Card_Code":
        number = maybe_number(value)
        return value if number is None else str(number)
    return normal_value(value, PHONE if field == "Phone" else EMAIL, country)


def _candidates(
    connection: Connection, field: str, value: str, context: Context
) -> list[tuple[int, str]]:
    """Live holders behind a name, with the hash of each; those without a password are none."""
    normal = _normal(field, value, context)
    if field == "Card_Code":
        number = maybe_number(value)
        row = find_card_row(connection, number) if number is not None else None
        alive = row is not None and row["state"] != CARD_VOIDED
        ids = [row["holder_id"]] if row is not None and alive and row["holder_id"] else []
    else:
        ids = holders_by_contact(connection, normal, PHONE if field == "Phone" else EMAIL)
    person, holder = tables.person, tables.holder
    rows = connection.execute(
        select(person.c.holder_id, person.c.password_hash)
        .join(holder, holder.c.holder_id == person.c.holder_id)
        .where(
            person.c.holder_id.in_(ids[:MOST_HOLDERS]),
            person.c.password_hash.is_not(None),
            *is_live(holder),
        )
        .order_by(person.c.holder_id)
    )
    return [(row.holder_id, row.password_hash) for row in rows]


@cache
def _nobody() -> str:
    """A hash that no password fits, for names that nobody has."""
    return PasswordHasher().hash("nobody")


def _right_one(candidates: list[tuple[int, str]], password: str) -> int | None:
    hasher = PasswordHasher()
    for holder_id, stored in candidates:
        try:
            if hasher.verify(stored, password):
                return holder_id
        except (Argon2Error, InvalidHashError):
            continue
    if not candidates:
        try:
            hasher.verify(_nobody(), password)
        except Argon2Error:
            return None
    return None
