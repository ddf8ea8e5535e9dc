"""Statements of the hot path: compiled once per dialect, run on the driver's own cursor.

SQLAlchemy stays the one place that knows tables, types and dialects; what it compiles and the
processors of its types are kept, and each execution costs no more than the driver does
(performance.md, "What decides it", 1).

Columns that are empty in every row of a call stay out of an INSERT: most columns of a ledger row
are mostly empty, and each NULL that is bound costs a driver more than a number does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import IntEnum
from operator import attrgetter
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy import Column, Select, Table, bindparam, insert, update
from sqlalchemy.engine import Dialect

from card_server.db.hot_types import (
    bind_processor,
    hot_dialect,
    input_size,
    result_processor,
)

Record = TypeVar("Record")

GROUP_SIZES: Final = (1, 8, 64, 256)
"""Numbers of keys a set-based SELECT is compiled for; fewer keys repeat the last one."""

SHAPES: Final = 64
"""Statements kept for one INSERT; with more shapes of rows every column is written."""


class Cursor(Protocol):
    """What the hot path needs of a DBAPI cursor."""

    def execute(self, operation: str, parameters: Any = ..., /) -> Any:
        """Run one statement."""

    def executemany(self, operation: str, seq_of_parameters: Any, /) -> Any:
        """Run one statement for many rows."""

    def fetchall(self) -> list[Any]:
        """The remaining rows."""


class Compiled:
    """Text and parameter order of one statement for one dialect."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = statement.compile(
            dialect=hot_dialect(dialect), compile_kwargs={"render_postcompile": True}
        )
        self.text: str = compiled.string
        names = compiled.positiontup if compiled.positional else None
        self.order: list[str] | None = list(names) if names is not None else None
        self.constants: dict[str, Any] = {
            name: int(value) if isinstance(value, IntEnum) else value
            for name, value in compiled.params.items()
        }
        """Values that the statement itself carries, by parameter name."""

    def arrange(self, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Rows given in the order of `names`, as the driver wants them."""
        if self.order is None:
            return [dict(zip(names, row, strict=True)) for row in rows]
        if list(names) == self.order:
            return rows
        places = [names.index(name) for name in self.order]
        return [tuple(row[i] for i in places) for row in rows]


class HotSelect(Generic[Record]):
    """One SELECT over a set of keys that makes records.

    `make` builds the statement from the list of key parameters; `build` turns a row, with its
    values already converted, into a record.
    """

    def __init__(
        self,
        dialect: Dialect,
        make: Callable[[list[Any]], Select[Any]],
        build: Callable[..., Record],
        key_type: Any,
    ) -> None:
        self._build = build
        self._texts: dict[int, tuple[str, Callable[[list[Any]], Any]]] = {}
        self._dialect = dialect
        self._make = make
        self._key_type = key_type
        columns = list(make([bindparam("k0", type_=key_type)]).selected_columns)
        self._conversions = [
            (i, processor)
            for i, column in enumerate(columns)
            if (processor := result_processor(column.type, dialect)) is not None
        ]

    def _statement(self, size: int) -> tuple[str, Callable[[list[Any]], Any]]:
        """Text for so many keys, and what puts the keys where the driver wants them."""
        found = self._texts.get(size)
        if found is None:
            names = [f"k{i}" for i in range(size)]
            keys = [bindparam(name, None, type_=self._key_type) for name in names]
            compiled = Compiled(self._make(keys), self._dialect)
            found = self._texts[size] = (compiled.text, _key_places(compiled, names))
        return found

    def rows(self, cursor: Cursor, keys: Iterable[Any]) -> list[Record]:
        """All records of the keys, in the statement's order within each chunk of 256 keys."""
        wanted = list(keys)
        largest = GROUP_SIZES[-1]
        if len(wanted) <= largest:
            return self._chunk(cursor, wanted) if wanted else []
        found: list[Record] = []
        for start in range(0, len(wanted), largest):
            found += self._chunk(cursor, wanted[start : start + largest])
        return found

    def _chunk(self, cursor: Cursor, keys: list[Any]) -> list[Record]:
        count = len(keys)
        size = next(size for size in GROUP_SIZES if size >= count)
        if count < size:
            keys += [keys[-1]] * (size - count)
        text, place = self._statement(size)
        cursor.execute(text, place(keys))
        rows = cursor.fetchall()
        if not rows:
            return []
        columns: list[Any] = list(zip(*rows, strict=True))
        for i, convert in self._conversions:
            column = columns[i]
            if column.count(None) < len(column):
                columns[i] = [None if value is None else convert(value) for value in column]
        return list(map(self._build, *columns))


def _key_places(compiled: Compiled, names: list[str]) -> Callable[[list[Any]], Any]:
    """Keys, and the values the statement carries itself, in the order of its parameters."""
    constants, order = compiled.constants, compiled.order
    if order is None:
        return lambda keys: {**constants, **dict(zip(names, keys, strict=True))}
    if order == names:
        return lambda keys: keys
    places = {name: i for i, name in enumerate(names)}
    own = [constants[name] for name in order if name not in places]
    if order == names + order[len(names) :]:
        return lambda keys: keys + own
    if order[len(own) :] == names:
        return lambda keys: own + keys
    return lambda keys: [keys[places[n]] if n in places else constants[n] for n in order]


class _Writing:
    """Rows of columns to one statement: conversion column by column, then executemany."""

    def __init__(self, dialect: Dialect, columns: Sequence[Column[Any]]) -> None:
        self._dialect = dialect
        self._columns = list(columns)
        self._processors = [bind_processor(column.type, dialect) for column in columns]
        sizes = [input_size(column.type, dialect) for column in columns]
        self._sizes = sizes if any(size is not None for size in sizes) else None

    def _convert(self, rows: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
        """Columns of converted values."""
        return [
            column
            if convert is None
            else [None if value is None else convert(value) for value in column]
            for convert, column in zip(self._processors, zip(*rows, strict=True), strict=True)
        ]

    def _execute(
        self,
        cursor: Any,
        compiled: Compiled,
        names: list[str],
        values: list[Sequence[Any]],
        kept: Sequence[int] | None = None,
    ) -> None:
        rows = compiled.arrange(names, list(zip(*values, strict=True)))
        if self._sizes is None:
            cursor.executemany(compiled.text, rows)
            return
        cursor.fast_executemany = True
        cursor.setinputsizes(self._sizes if kept is None else [self._sizes[i] for i in kept])
        try:
            cursor.executemany(compiled.text, rows)
        finally:
            cursor.setinputsizes(None)  # pyodbc would keep them for the cursor's next statement


class RowInsert(_Writing):
    """INSERT of rows given as sequences, for some columns of a table."""

    def __init__(self, dialect: Dialect, table: Table, columns: Sequence[str]) -> None:
        super().__init__(dialect, [table.c[name] for name in columns])
        self._table = table
        self._names = list(columns)
        self._shapes: dict[tuple[int, ...], tuple[Compiled, list[str]]] = {}
        self._may_be_left_out = [
            column.nullable and column.server_default is None for column in self._columns
        ]

    def run(self, cursor: Cursor, rows: Sequence[Sequence[Any]]) -> None:
        """Insert the rows; nothing happens for none."""
        if not rows:
            return
        columns = self._convert(rows)
        count = len(rows)
        kept = tuple(
            i
            for i, (column, optional) in enumerate(zip(columns, self._may_be_left_out, strict=True))
            if not optional or column[0] is not None or column.count(None) < count
        )
        shape = self._shapes.get(kept)
        if shape is None:
            if len(self._shapes) >= SHAPES:
                kept = tuple(range(len(self._names)))
            shape = self._shapes.setdefault(kept, self._compile(kept))
        self._execute(cursor, *shape, [columns[i] for i in kept], kept)

    def _compile(self, kept: Sequence[int]) -> tuple[Compiled, list[str]]:
        names = [self._names[i] for i in kept]
        statement = insert(self._table).values({name: bindparam(name) for name in names})
        return Compiled(statement, self._dialect), names


class HotInsert(RowInsert):
    """INSERT of records of one table; attributes are named as the columns, but for `renamed`."""

    def __init__(
        self, dialect: Dialect, table: Table, renamed: Mapping[str, str] | None = None
    ) -> None:
        names = [column.name for column in table.columns]
        super().__init__(dialect, table, names)
        self._values = attrgetter(*((renamed or {}).get(name, name) for name in names))

    def run(self, cursor: Cursor, records: Sequence[Any]) -> None:
        """Insert the records; nothing happens for none."""
        if records:
            super().run(cursor, list(map(self._values, records)))


class HotUpdate(_Writing):
    """UPDATE of some columns of records by their key, by executemany."""

    def __init__(
        self, dialect: Dialect, table: Table, key: Sequence[str], columns: Sequence[str]
    ) -> None:
        super().__init__(dialect, [table.c[name] for name in (*columns, *key)])
        self._names = [*columns, *(f"key_{name}" for name in key)]
        statement = update(table).values({name: bindparam(name) for name in columns})
        for name in key:
            statement = statement.where(table.c[name] == bindparam(f"key_{name}"))
        self._compiled = Compiled(statement, dialect)
        order = self._compiled.order
        if order is not None:  # the statement's own order, so that no row is rearranged
            places = [self._names.index(name) for name in order]
            names = [(*columns, *key)[i] for i in places]
            super().__init__(dialect, [table.c[name] for name in names])
            self._names = order
        else:
            names = [*columns, *key]
        self._values = attrgetter(*names)

    def run(self, cursor: Cursor, records: Sequence[object]) -> None:
        """Write the columns of the records; nothing happens for none."""
        if records:
            values = self._convert(map(self._values, records))
            self._execute(cursor, self._compiled, self._names, values)


__all__ = [
    "GROUP_SIZES",
    "Compiled",
    "Cursor",
    "HotInsert",
    "HotSelect",
    "HotUpdate",
    "RowInsert",
]
