"""What a driver's error means: passing, a key that is taken, or a cause a person can mend."""

from __future__ import annotations

import re
import socket
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from card_server.db.faults import Fault, refusal
from shared.wire.errors import AppError, ErrorCode

PASSING_STATES: Final = frozenset({"40001", "40P01", "55P03", "57P01", "08S01", "08006", "08003"})
PASSING_NUMBERS: Final = ("(1205)", "(1222)", "(3960)", "(3961)")
PRIMARY_CODE: Final = 0xFF
"""SQLite's extended codes carry the primary one in their low byte."""

LONGEST_LINE: Final = 200
SQLITE_PASSING: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
SQLITE_FAULTS: Final[dict[int, Fault]] = {
    sqlite3.SQLITE_BUSY: Fault.LOCKED,
    sqlite3.SQLITE_LOCKED: Fault.LOCKED,
    sqlite3.SQLITE_FULL: Fault.DISK_FULL,
    sqlite3.SQLITE_READONLY: Fault.READ_ONLY,
    sqlite3.SQLITE_PERM: Fault.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Fault.FOLDER,
    sqlite3.SQLITE_NOTADB: Fault.NOT_A_DATABASE,
    sqlite3.SQLITE_CORRUPT: Fault.DAMAGED,
    sqlite3.SQLITE_IOERR: Fault.DISK_ERROR,
}
STATE_FAULTS: Final[dict[str, Fault]] = {
    "28000": Fault.SIGN_IN,
    "28P01": Fault.SIGN_IN,
    "3D000": Fault.DATABASE_MISSING,
    "53100": Fault.DISK_FULL,
    "25006": Fault.READ_ONLY,
    "IM002": Fault.DRIVER_MISSING,
    "HYT00": Fault.HOST_SILENT,
    "08001": Fault.HOST_SILENT,
    "08S01": Fault.CONNECTION_LOST,
    "08006": Fault.CONNECTION_LOST,
    "08003": Fault.CONNECTION_LOST,
    "57P01": Fault.CONNECTION_LOST,
}
TEXT_FAULTS: Final[tuple[tuple[str, Fault], ...]] = (
    ("(18456)", Fault.SIGN_IN),
    ("password authentication failed", Fault.SIGN_IN),
    ("no password supplied", Fault.SIGN_IN),
    ("no pg_hba.conf entry", Fault.SIGN_IN),
    ("(4060)", Fault.DATABASE_MISSING),
    ("certificate", Fault.CERTIFICATE),
    ("ssl provider", Fault.CERTIFICATE),
    ("can't open lib", Fault.DRIVER_MISSING),
    ("(1105)", Fault.DISK_FULL),
    ("(1101)", Fault.DISK_FULL),
    ("(9002)", Fault.DISK_FULL),
    ("(3906)", Fault.READ_ONLY),
    ("connection refused", Fault.PORT_CLOSED),
    ("could not translate host name", Fault.HOST_UNKNOWN),
    ("timeout expired", Fault.HOST_SILENT),
)
"""Signs in the text where a driver gives no state, or one state for several causes."""

MISSING: Final = re.compile(r'(database|role) "[^"]*" does not exist')
"""What libpq says at sign-in, where it gives no state."""


def state_of(error: DBAPIError) -> str:
    """The SQLSTATE where the driver gives one."""
    origin = error.orig
    state = getattr(origin, "sqlstate", None)
    if state is None and origin is not None and origin.args and isinstance(origin.args[0], str):
        first = origin.args[0]
        state = first if len(first) == len("40001") else ""
    return str(state or "")


def is_passing(error: DBAPIError) -> bool:
    """The same work may well succeed when it is repeated (mssql.md 4)."""
    if error.connection_invalidated:
        return True
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & PRIMARY_CODE in SQLITE_PASSING
    text = str(error.orig)
    return state_of(error) in PASSING_STATES or any(sign in text for sign in PASSING_NUMBERS)


def fault_of(error: BaseException | None) -> Fault | None:
    """The cause behind an error of a driver or a socket; None where there is none to mend."""
    if isinstance(error, DBAPIError) and not isinstance(error.orig, sqlite3.Error):
        return _server_fault(error)
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return None if code is None else SQLITE_FAULTS.get(code & PRIMARY_CODE)
    if isinstance(cause, socket.gaierror):
        return Fault.HOST_UNKNOWN
    if isinstance(cause, ConnectionRefusedError):
        return Fault.PORT_CLOSED
    return Fault.HOST_SILENT if isinstance(cause, OSError) else None


def _server_fault(error: DBAPIError) -> Fault | None:
    text, state = str(error.orig).lower(), state_of(error)
    found = next((fault for sign, fault in TEXT_FAULTS if sign in text), None)
    if found is None and not state and (missing := MISSING.search(text)):
        found = Fault.DATABASE_MISSING if missing[1] == "database" else Fault.SIGN_IN
    found = found or STATE_FAULTS.get(state)
    return found or (Fault.CONNECTION_LOST if error.connection_invalidated else None)


def explain(error: DBAPIError, server: str = "") -> AppError | None:
    """The refusal a caller gets when the database is the cause; None for a bug of ours."""
    if is_passing(error):
        return AppError(ErrorCode.BUSY)
    fault = fault_of(error)
    return None if fault is None else refusal(fault, server, detail=first_line(error.orig))


def first_line(error: BaseException | None) -> str:
    """The driver's own words, short enough for one line of a message.

    An ODBC error is a state and a text; the state is in the text again.
    """
    words = error.args[1] if error is not None and len(error.args) > 1 else error
    text = str(words or "").strip()
    return text.splitlines()[0][:LONGEST_LINE] if text else ""
