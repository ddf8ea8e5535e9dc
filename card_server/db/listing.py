"""Lists: filter, order and page by key, declared once per list and the same on every database.

A page goes on behind the last row's (sorted field, key), never by OFFSET, so the millionth row
costs what the first does (performance.md). NULL sorts before every value.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    LargeBinary,
    Select,
    and_,
    func,
    or_,
    select,
)

from card_server.db.base import Moment
from shared.wire.base import LARGEST_PAGE, Condition, ListQuery
from shared.wire.errors import AppError, ErrorCode

ESCAPE: Final = "\\"
MOST_CONDITIONS: Final = 50
MOST_VALUES: Final = 500
LARGEST_NUMBER: Final = (1 << 63) - 1
CLOSEST_MARKS: Final = 50
MOST_MARKED: Final = 3_000_000
"""A longer list is paged from its ends only: to measure it would take seconds."""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """A list over a table or a join.

    `key` is the unique column that ends every order; `fields` are the names that conditions and
    orders may use. `source` is what the columns are selected from, `always` holds for every row,
    `deleted_at` tells live rows from deleted ones.
    """

    source: Any
    key: Column[Any]
    fields: Mapping[str, ColumnElement[Any]]
    columns: Sequence[ColumnElement[Any]]
    default_sort: str | None = None
    deleted_at: Column[Any] | None = None


class Rows(msgspec.Struct):
    """A page as rows, the key behind it; number of all rows and marks if they were asked for."""

    rows: list[Any]
    next: str | None
    total: int | None
    marks: list[str]


def list_rows(
    connection: Connection,
    listing: Listing,
    query: ListQuery[Any],
    *extra: ColumnElement[bool],
) -> Rows:
    """One page of a list; `extra` narrows it (divisions of the user, the list's own fields)."""
    terms = _terms(listing, query, extra)
    order = _order(listing, query)
    limit = max(1, min(query.limit, LARGEST_PAGE))
    statement = (
        select(*listing.columns, order.column.label("sort_value"), listing.key.label("sort_key"))
        .select_from(listing.source)
        .where(*terms, *_after(listing, order, query.after))
        .order_by(*order.clauses(listing.key, connection.dialect.name))
        .limit(limit + 1)
    )
    rows = connection.execute(statement).all()
    following = _cursor(rows[limit - 1]) if len(rows) > limit else None
    total = count_rows(connection, listing, terms) if query.count else None
    step = max(query.marks, CLOSEST_MARKS) if query.marks > 0 else 0
    marks = (
        _marks(connection, listing, order, terms, step)
        if step and total is not None and step < total <= MOST_MARKED
        else []
    )
    return Rows([row[:-2] for row in rows[:limit]], following, total, marks)


def _terms(
    listing: Listing, query: ListQuery[Any], extra: Sequence[ColumnElement[bool]]
) -> list[ColumnElement[bool]]:
    """What holds for every row of the list."""
    terms = [*extra, *_conditions(listing, query.where)]
    if listing.deleted_at is not None:
        live = listing.deleted_at.is_(None)
        terms.append(~live if query.deleted else live)
    return terms


def _marks(
    connection: Connection,
    listing: Listing,
    order: Order,
    terms: Sequence[ColumnElement[bool]],
    step: int,
) -> list[str]:
    """The cursor behind every `step`-th row: one reading of the order, no OFFSET later."""
    clauses = order.clauses(listing.key, connection.dialect.name)
    placed = (
        select(
            order.column.label("sort_value"),
            listing.key.label("sort_key"),
            func.row_number().over(order_by=clauses).label("place"),
        )
        .select_from(listing.source)
        .where(*terms)
        .subquery("placed")
    )
    statement = (
        select(placed.c.sort_value, placed.c.sort_key)
        .where(placed.c.place % step == 0)
        .order_by(placed.c.place)
    )
    return [_cursor(row) for row in connection.execute(statement)]


def count_rows(
    connection: Connection, listing: Listing, terms: Sequence[ColumnElement[bool]]
) -> int:
    """How many rows fit."""
    statement: Select[Any] = select(func.count()).select_from(listing.source).where(*terms)
    return int(connection.execute(statement).scalar_one())


# ---------------------------------------------------------------------- order


class Order(msgspec.Struct, frozen=True):
    """The sorted field and the direction."""

    column: ColumnElement[Any]
    descending: bool

    def clauses(self, key: Column[Any], dialect: str) -> list[Any]:
        """ORDER BY of the field and the key; PostgreSQL is told where NULL goes."""
        first = self.column.desc() if self.descending else self.column.asc()
        if self.column is key:
            return [first]
        if dialect == "postgresql":
            first = first.nulls_last() if self.descending else first.nulls_first()
        return [first, key.desc() if self.descending else key.asc()]


def _order(listing: Listing, query: ListQuery[Any]) -> Order:
    if query.sort is None:
        if listing.default_sort is None:
            return Order(listing.key, descending=False)
        return Order(listing.fields[listing.default_sort], descending=False)
    return Order(_field(listing, query.sort.field), query.sort.descending)


def _field(listing: Listing, name: str) -> ColumnElement[Any]:
    found = listing.fields.get(name)
    if found is None:
        raise AppError(ErrorCode.FIELD_BAD, field="field", value=name[:60])
    return found


# ---------------------------------------------------------------------- going on


def _cursor(row: Any) -> str:
    value, key = row[-2], row[-1]
    packed = msgspec.json.encode([_plain(value), _plain(key)])
    return base64.urlsafe_b64encode(packed).decode()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def _after(listing: Listing, order: Order, after: str | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    try:
        value, key = msgspec.json.decode(base64.urlsafe_b64decode(after), type=list[Any])
        value = _typed(order.column, value)
        key = _typed(listing.key, key)
    except (ValueError, TypeError, OverflowError, msgspec.DecodeError) as error:
        raise AppError(ErrorCode.FIELD_BAD, field="after", value=after[:60]) from error
    column, end = order.column, listing.key
    beyond_key = end < key if order.descending else end > key
    if column is end:
        return [beyond_key]
    if value is None:
        same = and_(column.is_(None), beyond_key)
        return [same if order.descending else or_(same, column.is_not(None))]
    if order.descending:
        return [or_(column.is_(None), and_(column <= value, or_(column < value, beyond_key)))]
    # the first term lets the index be entered at the value instead of at its start
    return [and_(column >= value, or_(column > value, beyond_key))]


# ---------------------------------------------------------------------- conditions


def _conditions(listing: Listing, conditions: Sequence[Condition]) -> list[ColumnElement[bool]]:
    if len(conditions) > MOST_CONDITIONS:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(conditions), limit=MOST_CONDITIONS)
    return [condition_of(_field(listing, one.field), one) for one in conditions]


def condition_of(column: ColumnElement[Any], condition: Condition) -> ColumnElement[bool]:
    """One condition as SQL; `FIELD_BAD` for an operator or value that does not fit the field."""
    operator = condition.operator
    if operator == "empty":
        return column.is_(None)
    if operator == "filled":
        return column.is_not(None)
    if operator == "in":
        values = condition.value if isinstance(condition.value, list) else [condition.value]
        if len(values) > MOST_VALUES:
            raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(values), limit=MOST_VALUES)
        return column.in_([_value(column, condition.field, value) for value in values])
    if operator in ("contains", "starts"):
        text = str(condition.value or "")
        pattern = _escaped(text) + "%"
        return column.like(pattern if operator == "starts" else "%" + pattern, escape=ESCAPE)
    compare = COMPARISONS.get(operator)
    if compare is None:
        raise AppError(ErrorCode.FIELD_BAD, field="operator", value=operator[:20])
    compared: ColumnElement[bool] = compare(
        column, _value(column, condition.field, condition.value)
    )
    return compared


COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: or_(column != value, column.is_(None)),
    "lt": lambda column, value: column < value,
    "le": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "ge": lambda column, value: column >= value,
}


def _escaped(text: str) -> str:
    """LIKE without its wild cards; the square bracket is one on MS SQL only."""
    for special in (ESCAPE, "%", "_", "["):
        text = text.replace(special, ESCAPE + special)
    return text


def _value(column: ColumnElement[Any], field: str, value: Any) -> Any:
    try:
        return _typed(column, value)
    except (ValueError, TypeError, OverflowError) as error:
        raise AppError(ErrorCode.FIELD_BAD, field=field, value=str(value)[:60]) from error


def _typed(column: ColumnElement[Any], value: Any) -> Any:
    """A JSON value as the column's Python type."""
    if value is None:
        return None
    kind = column.type
    if isinstance(kind, Moment):
        return datetime.fromisoformat(str(value))
    if isinstance(kind, Date):
        return date.fromisoformat(str(value))
    if isinstance(kind, Boolean):
        return bool(value)
    if isinstance(kind, LargeBinary):
        message = "bytes are not compared"
        raise TypeError(message)
    if isinstance(kind, Integer):
        number = int(value)
        if abs(number) > LARGEST_NUMBER:
            message = "more than 64 bits"
            raise ValueError(message)
        return number
    text = str(value)
    if "\0" in text:
        message = "a NUL"
        raise ValueError(message)
    return text
