"""What a driver's error means: passing, a key that is taken, or a cause a person can mend."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import DBAPIError

from shared.wire.errors import AppError, ErrorCode

PASSING_STATES: Final = frozenset({"40001", "40P01", "08S01", "08001", "57P01", "HYT00"})
PASSING_NUMBERS: Final = ("(1205)", "(1222)", "(3960)", "(3961)")
PASSING_SQLITE: Final = ("database is locked", "database table is locked", "busy")
FULL_DISK: Final = ("database or disk is full", "no space left", "disk full", "(1105)", "(9002)")
READ_ONLY: Final = ("readonly database", "read-only", "(3906)")
BROKEN_FILE: Final = ("file is not a database", "malformed", "disk i/o error")


def state_of(error: DBAPIError) -> str:
    """The SQLSTATE where the driver gives one."""
    origin = error.orig
    state = getattr(origin, "sqlstate", None)
    if state is None and origin is not None and origin.args and isinstance(origin.args[0], str):
        state = origin.args[0][:5]
    return str(state or "")


def is_passing(error: DBAPIError) -> bool:
    """The same work may well succeed when it is repeated (mssql.md 4)."""
    if error.connection_invalidated:
        return True
    text = str(error.orig).lower()
    return (
        state_of(error) in PASSING_STATES
        or any(number in text for number in PASSING_NUMBERS)
        or any(sign in text for sign in PASSING_SQLITE)
    )


def explain(error: DBAPIError) -> AppError | None:
    """The refusal a caller gets when the database is the cause; None for a bug of ours."""
    text = str(error.orig).lower()
    if is_passing(error):
        return AppError(ErrorCode.BUSY)
    for signs in (FULL_DISK, READ_ONLY, BROKEN_FILE, ("unable to open",), ("connection",)):
        if any(sign in text for sign in signs):
            return AppError(ErrorCode.DB_UNREACHABLE, server="", why=str(error.orig), s=0)
    return None
