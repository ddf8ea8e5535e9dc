"""How values of the hot path go to the driver and come back: SQLAlchemy's processors, but faster.

SQLite keeps moments and days as text; the general processors of SQLAlchemy spend more on one of
them than the driver on a whole row. What stands here gives the same text and the same values.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
)
from sqlalchemy.engine import Dialect

from card_server.db.base import MILLISECOND, Moment

Processor = Callable[[Any], Any]

ODBC_BIT, ODBC_SMALLINT, ODBC_INTEGER, ODBC_BIGINT = -7, 5, 4, -5
ODBC_NVARCHAR, ODBC_VARBINARY, ODBC_DATE, ODBC_TIMESTAMP = -9, -3, 91, 93
MILLISECOND_DIGITS: Final = (23, 3)
"""Size and digits of DATETIME2(3)."""


def hot_dialect(dialect: Dialect) -> Dialect:
    """The same dialect with parameters by position where the driver takes both kinds."""
    if dialect.paramstyle != "pyformat":
        return dialect
    positional = copy(dialect)
    positional.paramstyle = "format"
    positional.positional = True
    return positional


def bind_processor(kind: Any, dialect: Dialect) -> Processor | None:
    """How a Python value, not None, goes to the driver; None if it goes as it is."""
    if isinstance(kind, SmallInteger):
        return int  # enums: drivers take plain numbers without looking for an adapter
    if dialect.name == "sqlite":
        if isinstance(kind, Moment):
            return _moment_binder(kind, dialect)
        if isinstance(kind, Date):
            return date.isoformat
        if isinstance(kind, Boolean):
            return int
        if isinstance(kind, LargeBinary):
            return bytearray  # the one kind of bytes that the driver takes without an adapter
    found: Processor | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return found


def result_processor(kind: Any, dialect: Dialect) -> Processor | None:
    """How a driver's value, not None, becomes the Python value of its column."""
    if dialect.name == "sqlite":
        if isinstance(kind, Moment):
            return _moment
        if isinstance(kind, Date):
            return date.fromisoformat
        if isinstance(kind, Boolean):
            return bool
    found: Processor | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return found


def input_size(kind: Any, dialect: Dialect) -> tuple[int, int, int] | None:
    """Type, size and digits for pyodbc's bulk way; None for drivers that need nothing.

    Without it pyodbc asks the server about every parameter of every statement, and takes the
    length of the first text for all of them.
    """
    if dialect.name != "mssql":
        return None
    if isinstance(kind, Moment):
        return (ODBC_TIMESTAMP, *MILLISECOND_DIGITS)
    impl = kind.dialect_impl(dialect)
    impl = getattr(impl, "impl", impl)
    for kinds, size in (
        (Boolean, (ODBC_BIT, 0, 0)),
        (Date, (ODBC_DATE, 10, 0)),
        (SmallInteger, (ODBC_SMALLINT, 0, 0)),
        (BigInteger, (ODBC_BIGINT, 0, 0)),
        (Integer, (ODBC_INTEGER, 0, 0)),
        (LargeBinary, (ODBC_VARBINARY, getattr(impl, "length", None) or 0, 0)),
        (String, (ODBC_NVARCHAR, getattr(impl, "length", None) or 0, 0)),
    ):
        if isinstance(impl, kinds):
            return size
    return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def _moment_binder(kind: Moment, dialect: Dialect) -> Processor:
    """The text of a moment; the last one is kept, since a group books at one moment."""
    last: datetime | None = None
    text = ""

    def bind(value: datetime) -> str:
        nonlocal last, text
        if value is last:
            return text
        if value.tzinfo is UTC and value.microsecond % MILLISECOND == 0:
            text = value.isoformat(" ", "milliseconds")[:23]
        else:
            text = kind.process_bind_param(value, dialect)
        last = value
        return text

    return bind
