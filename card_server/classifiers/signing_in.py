"""Guests who sign in at a program: one-time codes, sessions, codes for virtual cards (domain 1.11).

A code is short, so its hash keeps it out of sight only; what protects it is that it lives for
minutes, allows few tries and locks its phone. All moments come from the caller.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from card_server.classifiers import tables
from shared.wire.errors import AppError, ErrorCode

SIGN_IN, REGISTRATION, VIRTUAL_CARD = 1, 2, 3
"""Purposes of `auth_code`."""

FEWEST_DIGITS, MOST_DIGITS = 4, 6
DAY: Final = timedelta(days=1)
TOUCH_AFTER: Final = timedelta(hours=1)
"""A session's last use is written at most once an hour."""

ID_BYTES: Final = 16
SALT_BYTES: Final = 8


class CodeRules(msgspec.Struct, kw_only=True, frozen=True):
    """The settings `login.*` that codes obey."""

    digits: int = 5
    minutes: int = 3
    tries: int = 3
    lock_minutes: int = 15
    per_minute: int = 1
    per_day: int = 10


class Code(msgspec.Struct, kw_only=True):
    """A row of auth_code."""

    auth_code_id: bytes
    code_hash: str
    card_code: int | None
    created_at: datetime
    expires_at: datetime
    tries: int
    used_at: datetime | None
    wishes: str | None


class Started(msgspec.Struct, kw_only=True, frozen=True):
    """What step 1 leads to: the seconds left, and the code itself if one is to be sent."""

    seconds: int
    auth_code_id: bytes = b""
    code: str = ""


def hash_code(code: str, salt: bytes | None = None) -> str:
    """`salt$hash` of a one-time code."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    digest = hashlib.sha256(salt + code.encode()).hexdigest()
    return f"{salt.hex()}${digest}"


def code_matches(code: str, stored: str) -> bool:
    """The code is the one behind a hash."""
    salt, _, _ = stored.partition("$")
    try:
        return hmac.compare_digest(hash_code(code, bytes.fromhex(salt)), stored)
    except ValueError:
        return False


def _codes(connection: Connection, purpose: int, value: str, now: datetime) -> list[Code]:
    """Codes of a phone for a purpose in the last two days, newest first."""
    table = tables.auth_code
    rows = connection.execute(
        select(*(table.c[name] for name in Code.__struct_fields__))
        .where(
            table.c.purpose == purpose,
            table.c.value_norm == value,
            table.c.created_at > now - 2 * DAY,
        )
        .order_by(table.c.created_at.desc())
    )
    return [Code(**row) for row in rows.mappings()]


def check_lock(codes: list[Code], rules: CodeRules, now: datetime) -> None:
    """Refuse a phone whose last code was tried too often, until the lock is over."""
    for code in codes[:1]:
        if code.tries < rules.tries or code.used_at is None:
            continue
        end = code.used_at + timedelta(minutes=rules.lock_minutes)
        if now < end:
            raise AppError(ErrorCode.TRIES_EXCEEDED, minutes=_minutes(end - now))


def _minutes(span: timedelta) -> int:
    return max(1, -(-int(span.total_seconds()) // 60))


def start_code(
    connection: Connection,
    purpose: int,
    value: str,
    *,
    classifier_id: int,
    rules: CodeRules,
    now: datetime,
    card_code: int | None = None,
    wishes: str | None = None,
) -> Started:
    """Step 1: a new code, or the running one's time if it is not a minute old (crm-xml.md 8.8).

    Raises `TRIES_EXCEEDED` for a locked phone and above the codes of a day.
    """
    codes = _codes(connection, purpose, value, now)
    check_lock(codes, rules, now)
    minute_ago = now - timedelta(minutes=1)
    fresh = [code for code in codes if code.created_at > minute_ago]
    running = [c for c in fresh if c.used_at is None and c.expires_at > now]
    if len(fresh) >= rules.per_minute:
        if running:
            return Started(seconds=int((running[0].expires_at - now).total_seconds()))
        raise AppError(ErrorCode.TRIES_EXCEEDED, minutes=1)
    today = [code for code in codes if code.created_at > now - DAY]
    if len(today) >= rules.per_day:
        raise AppError(ErrorCode.TRIES_EXCEEDED, minutes=_minutes(today[-1].created_at + DAY - now))
    digits = min(MOST_DIGITS, max(FEWEST_DIGITS, rules.digits))
    code = f"{secrets.randbelow(10**digits):0{digits}d}"
    key = secrets.token_bytes(ID_BYTES)
    connection.execute(
        insert(tables.auth_code).values(
            auth_code_id=key,
            purpose=purpose,
            code_hash=hash_code(code),
            value_norm=value,
            card_code=card_code,
            classifier_id=classifier_id,
            created_at=now,
            expires_at=now + timedelta(minutes=rules.minutes),
            tries=0,
            wishes=wishes,
        )
    )
    return Started(seconds=rules.minutes * 60, auth_code_id=key, code=code)


def use_code(
    connection: Connection, purpose: int, value: str, code: str, rules: CodeRules, now: datetime
) -> Code | AppError:
    """Step 2: the code that was used up by this, or the refusal.

    A wrong try is counted and has to stay, so it comes back as a value: an error that is raised
    would undo the counting with the rest of the edit.
    """
    codes = _codes(connection, purpose, value, now)
    check_lock(codes, rules, now)
    if not codes or codes[0].used_at is not None or codes[0].expires_at <= now:
        return AppError(ErrorCode.CODE_EXPIRED)
    last = codes[0]
    changes: dict[str, Any]
    if code_matches(code, last.code_hash):
        changes, answer = {"used_at": now, "wishes": None}, None
    elif last.tries + 1 >= rules.tries:
        changes = {"tries": last.tries + 1, "used_at": now, "wishes": None}
        answer = AppError(ErrorCode.TRIES_EXCEEDED, minutes=rules.lock_minutes)
    else:
        changes = {"tries": last.tries + 1}
        answer = AppError(ErrorCode.LOGIN_WRONG)
    table = tables.auth_code
    connection.execute(
        update(table).where(table.c.auth_code_id == last.auth_code_id).values(**changes)
    )
    return last if answer is None else answer


# ---------------------------------------------------------------------- sessions


def open_session(
    connection: Connection, holder_id: int, classifier_id: int, days: int, now: datetime
) -> bytes:
    """A new session of a guest at a program; sessions that are over are swept away."""
    table = tables.holder_session
    connection.execute(
        delete(table).where(table.c.holder_id == holder_id, table.c.expires_at <= now)
    )
    key = secrets.token_bytes(ID_BYTES)
    connection.execute(
        insert(table).values(
            session_id=key,
            holder_id=holder_id,
            classifier_id=classifier_id,
            seen_at=now,
            expires_at=now + timedelta(days=days),
        )
    )
    return key


class Session(msgspec.Struct, kw_only=True, frozen=True):
    """A session that runs; `stale` when its last use is to be written again."""

    session_id: bytes
    holder_id: int
    stale: bool


def find_session(
    connection: Connection, session_id: bytes | None, classifier_id: int, now: datetime
) -> Session:
    """The guest behind a session of this program; SESSION_LOST."""
    table = tables.holder_session
    row = connection.execute(
        select(table.c.holder_id, table.c.seen_at, table.c.expires_at).where(
            table.c.session_id == (session_id or b""), table.c.classifier_id == classifier_id
        )
    ).one_or_none()
    if session_id is None or row is None or row.expires_at <= now:
        raise AppError(ErrorCode.SESSION_LOST)
    return Session(
        session_id=session_id,
        holder_id=row.holder_id,
        stale=now - row.seen_at >= TOUCH_AFTER,
    )


def touch_session(connection: Connection, session_id: bytes, days: int, now: datetime) -> None:
    """A session was used: it lives on from now."""
    table = tables.holder_session
    connection.execute(
        update(table)
        .where(table.c.session_id == session_id)
        .values(seen_at=now, expires_at=now + timedelta(days=days))
    )


# ---------------------------------------------------------------------- virtual cards


def virtual_key(code: str) -> str:
    """Codes for virtual cards are looked up by their hash, which stands in `value_norm`."""
    return hashlib.sha256(b"virtual card:" + code.strip().encode()).hexdigest()


def show_virtual_code(
    connection: Connection, card_code: int, classifier_id: int, minutes: int, now: datetime
) -> str:
    """A code of twelve digits that stands for a card for some minutes."""
    code = f"{secrets.randbelow(9 * 10**11) + 10**11}"
    connection.execute(
        insert(tables.auth_code).values(
            auth_code_id=secrets.token_bytes(ID_BYTES),
            purpose=VIRTUAL_CARD,
            code_hash=virtual_key(code),
            value_norm=virtual_key(code),
            card_code=card_code,
            classifier_id=classifier_id,
            created_at=now,
            expires_at=now + timedelta(minutes=minutes),
            tries=0,
        )
    )
    return code


def card_of_virtual_code(connection: Connection, code: str, now: datetime) -> int | None:
    """The card a shown code stands for now."""
    table = tables.auth_code
    found = connection.execute(
        select(func.max(table.c.card_code)).where(
            table.c.purpose == VIRTUAL_CARD,
            table.c.value_norm == virtual_key(code),
            table.c.expires_at > now,
        )
    ).scalar()
    return None if found is None else int(found)
