"""What every editable table needs: find a row, tell the fields that were sent, check values.

The forms of all subjects edit rows the same way: fields that are not sent stay, lengths are the
columns', names are unique among live rows, a row in use is not deleted (domain 0.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    SmallInteger,
    String,
    Table,
    func,
    select,
)

from card_server.db.base import PREFIX
from shared.wire.errors import AppError, ErrorCode


def sent(fields: msgspec.Struct) -> dict[str, Any]:
    """The fields of a form that were sent, by column name; texts trimmed at both ends."""
    found = {}
    for name in fields.__struct_fields__:
        value = getattr(fields, name)
        if value is msgspec.UNSET:
            continue
        found[name] = value.strip() if isinstance(value, str) else value
    return found


def check_texts(table: Table, values: Mapping[str, Any]) -> None:
    """Refuse what the columns cannot keep: a text that is too long, a number that is too large.

    `TOO_LONG`, `FIELD_BAD`, and `FIELD_MISSING` for nothing where something is needed.
    """
    for name, value in values.items():
        column = table.c[name]
        if value is None and not column.nullable:
            raise AppError(ErrorCode.FIELD_MISSING, field=name)
        if isinstance(value, int) and not isinstance(value, bool):
            _check_number(column, value)
        if not isinstance(value, str):
            continue
        longest = length_of(column)
        if longest is not None and len(value) > longest:
            raise AppError(ErrorCode.TOO_LONG, field=name, limit=longest)
        if not value and not column.nullable:
            raise AppError(ErrorCode.FIELD_MISSING, field=name)


def _fits(column: Column[Any], value: int) -> bool:
    """Whether a column can hold a number; servers refuse even to compare with a larger one."""
    largest = next((most for kind, most in LARGEST if isinstance(column.type, kind)), None)
    return largest is None or -largest - 1 <= value <= largest


def _check_number(column: Column[Any], value: int) -> None:
    if not _fits(column, value):
        raise AppError(ErrorCode.FIELD_BAD, field=str(column.name), value=str(value)[:60])


LARGEST: Final[tuple[tuple[type[Any], int], ...]] = (
    (SmallInteger, (1 << 15) - 1),
    (BigInteger, (1 << 63) - 1),
    (Integer, (1 << 31) - 1),
)
"""Largest number of each kind of column; the first kind that fits counts."""


def length_of(column: Column[Any]) -> int | None:
    """How many characters a text column takes."""
    kind = column.type
    impl = getattr(kind, "impl_instance", kind)
    return impl.length if isinstance(impl, String) else None


def need(values: Mapping[str, Any], *names: str) -> None:
    """Refuse a form that lacks a field a new row needs."""
    for name in names:
        if values.get(name) in (None, ""):
            raise AppError(ErrorCode.FIELD_MISSING, field=name)


def row_of(connection: Connection, table: Table, key: Mapping[str, Any]) -> Any:
    """The live row of a key; `ROW_NOT_FOUND` if there is none."""
    where = [table.c[name] == value for name, value in key.items()]
    if "deleted_at" in table.c:
        where.append(table.c.deleted_at.is_(None))
    may_be = all(not isinstance(v, int) or _fits(table.c[name], v) for name, v in key.items())
    row = connection.execute(select(table).where(*where)).one_or_none() if may_be else None
    if row is None:
        raise AppError(
            ErrorCode.ROW_NOT_FOUND,
            what=table.name.removeprefix(PREFIX),
            id=",".join(str(value) for value in key.values())[:60],
        )
    return row


def check_unique(
    connection: Connection,
    table: Table,
    field: str,
    value: Any,
    *,
    but: Mapping[str, Any] | None = None,
) -> None:
    """Refuse a value that another live row has (`VALUE_TAKEN`); texts without regard to case."""
    if value is None:
        return
    keys = list(table.primary_key.columns)
    statement = select(*keys, table.c[field]).where(table.c[field].is_not(None))
    if "deleted_at" in table.c:
        statement = statement.where(table.c.deleted_at.is_(None))
    if not isinstance(value, str):
        statement = statement.where(table.c[field] == value)
    for row in connection.execute(statement):
        if but is not None and all(row._mapping[name] == key for name, key in but.items()):  # noqa: SLF001 - SQLAlchemy's public name
            continue
        found = row[-1]
        same = found.casefold() == value.casefold() if isinstance(value, str) else True
        if same:
            raise AppError(ErrorCode.VALUE_TAKEN, field=field, value=str(value)[:60])


def check_reference(
    connection: Connection, table: Table, field: str, value: Any, *, name: str | None = None
) -> None:
    """Refuse an id that no live row of a table has (`DICT_VALUE_UNKNOWN`)."""
    if value is None:
        return
    key = next(iter(table.primary_key.columns))
    statement = select(func.count()).select_from(table).where(key == value)
    if "deleted_at" in table.c:
        statement = statement.where(table.c.deleted_at.is_(None))
    if not _fits(key, value) or not connection.execute(statement).scalar_one():
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field=name or field, value=str(value)[:60])


def check_unused(connection: Connection, key: int, references: Iterable[Column[Any]]) -> None:
    """Refuse to delete a row that others point at (`IN_USE` with the table and how many)."""
    for column in references:
        table = column.table
        statement = select(func.count()).select_from(table).where(column == key)
        if "deleted_at" in table.c:
            statement = statement.where(table.c.deleted_at.is_(None))
        count = connection.execute(statement).scalar_one()
        if count:
            raise AppError(ErrorCode.IN_USE, where=str(table.name).removeprefix(PREFIX), n=count)
