"""Statements of the hot path: compiled once per dialect, run on the driver's own cursor.

SQLAlchemy stays the one place that knows tables, types and dialects; what it compiles and the
processors of its types are kept, and each execution costs no more than the driver does
(performance.md, "What decides it", 1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Final, Generic, Protocol, TypeVar

from sqlalchemy import Column, ColumnElement, Select, Table, bindparam, insert, update
from sqlalchemy.engine import Dialect

Record = TypeVar("Record")
Processor = Callable[[Any], Any]

GROUP_SIZES: Final = (1, 8, 64, 256)
"""Numbers of keys a set-based SELECT is compiled for; fewer keys repeat the last one."""


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
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self.text: str = compiled.string
        names = compiled.positiontup if compiled.positional else None
        self.order: list[str] | None = list(names) if names is not None else None
        self.constants: dict[str, Any] = dict(compiled.params)
        """Values that the statement itself carries, by parameter name."""

    def arrange(self, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[Any]:
        """Rows given in the order of `names`, as the driver wants them."""
        if self.order is None:
            return [dict(zip(names, row, strict=True)) for row in rows]
        if list(names) == self.order:
            return list(rows)
        places = [names.index(name) for name in self.order]
        return [tuple(row[i] for i in places) for row in rows]


def bind_processor(column: Column[Any], dialect: Dialect) -> Processor | None:
    """How a Python value of this column goes to the driver; None if it goes as it is."""
    processor = column.type.dialect_impl(dialect).bind_processor(dialect)
    return processor if processor is None else _keep_none(processor)


def result_processor(column: ColumnElement[Any], dialect: Dialect) -> Processor | None:
    """How a driver's value becomes the Python value of this column."""
    processor = column.type.dialect_impl(dialect).result_processor(dialect, None)
    return processor if processor is None else _keep_none(processor)


def _keep_none(processor: Processor) -> Processor:
    def process(value: Any) -> Any:
        return None if value is None else processor(value)

    return process


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
        self._texts: dict[int, Compiled] = {}
        self._dialect = dialect
        self._make = make
        self._key_type = key_type
        columns = list(make([bindparam("k0", type_=key_type)]).selected_columns)
        self._conversions = [
            (i, processor)
            for i, column in enumerate(columns)
            if (processor := result_processor(column, dialect)) is not None
        ]

    def _compiled(self, size: int) -> Compiled:
        found = self._texts.get(size)
        if found is None:
            keys = [bindparam(f"k{i}", None, type_=self._key_type) for i in range(size)]
            found = self._texts[size] = Compiled(self._make(keys), self._dialect)
        return found

    def rows(self, cursor: Cursor, keys: Iterable[Any]) -> list[Record]:
        """All records of the keys, in the statement's order within each chunk of 256 keys."""
        wanted = list(keys)
        found: list[Record] = []
        largest = GROUP_SIZES[-1]
        for start in range(0, len(wanted), largest):
            found.extend(self._chunk(cursor, wanted[start : start + largest]))
        return found

    def _chunk(self, cursor: Cursor, keys: list[Any]) -> list[Record]:
        count = len(keys)
        size = next(size for size in GROUP_SIZES if size >= count)
        if count < size:
            keys = keys + [keys[-1]] * (size - count)
        compiled = self._compiled(size)
        if compiled.order is None:
            parameters: Any = {**compiled.constants, **_named(keys)}
        else:
            given = {**compiled.constants, **_named(keys)}
            parameters = tuple(given[name] for name in compiled.order)
        cursor.execute(compiled.text, parameters)
        build, conversions = self._build, self._conversions
        if not conversions:
            return [build(*row) for row in cursor.fetchall()]
        found = []
        for row in cursor.fetchall():
            values = list(row)
            for i, convert in conversions:
                if values[i] is not None:
                    values[i] = convert(values[i])
            found.append(build(*values))
        return found


def _named(keys: list[Any]) -> dict[str, Any]:
    return {f"k{i}": key for i, key in enumerate(keys)}


class HotInsert:
    """INSERT of records of one table by executemany; attributes are named as the columns."""

    def __init__(
        self, dialect: Dialect, table: Table, renamed: Mapping[str, str] | None = None
    ) -> None:
        columns = list(table.columns)
        self._names = [column.name for column in columns]
        statement = insert(table).values({name: bindparam(name) for name in self._names})
        self._compiled = Compiled(statement, dialect)
        attributes = [(renamed or {}).get(name, name) for name in self._names]
        self._values = attrgetter(*attributes)
        self._conversions = [
            (i, processor)
            for i, column in enumerate(columns)
            if (processor := bind_processor(column, dialect)) is not None
        ]

    def run(self, cursor: Cursor, records: Sequence[object]) -> None:
        """Insert the records; nothing happens for none."""
        if not records:
            return
        rows = [list(self._values(record)) for record in records]
        for i, convert in self._conversions:
            for row in rows:
                if row[i] is not None:
                    row[i] = convert(row[i])
        cursor.executemany(self._compiled.text, self._compiled.arrange(self._names, rows))


class RowInsert:
    """INSERT of rows given as sequences, for some columns of a table."""

    def __init__(self, dialect: Dialect, table: Table, columns: Sequence[str]) -> None:
        self._names = list(columns)
        statement = insert(table).values({name: bindparam(name) for name in columns})
        self._compiled = Compiled(statement, dialect)
        self._conversions = [
            (i, processor)
            for i, name in enumerate(columns)
            if (processor := bind_processor(table.c[name], dialect)) is not None
        ]

    def run(self, cursor: Cursor, rows: Sequence[Sequence[Any]]) -> None:
        """Insert the rows; nothing happens for none."""
        if not rows:
            return
        values = [list(row) for row in rows]
        for i, convert in self._conversions:
            for row in values:
                if row[i] is not None:
                    row[i] = convert(row[i])
        cursor.executemany(self._compiled.text, self._compiled.arrange(self._names, values))


class HotUpdate:
    """UPDATE of some columns of records by their key, by executemany."""

    def __init__(
        self, dialect: Dialect, table: Table, key: Sequence[str], columns: Sequence[str]
    ) -> None:
        self._names = [*columns, *(f"key_{name}" for name in key)]
        statement = update(table).values({name: bindparam(name) for name in columns})
        for name in key:
            statement = statement.where(table.c[name] == bindparam(f"key_{name}"))
        self._compiled = Compiled(statement, dialect)
        self._values = attrgetter(*columns, *key)
        self._conversions = [
            (i, processor)
            for i, name in enumerate([*columns, *key])
            if (processor := bind_processor(table.c[name], dialect)) is not None
        ]

    def run(self, cursor: Cursor, records: Sequence[object]) -> None:
        """Write the columns of the records; nothing happens for none."""
        if not records:
            return
        rows = [list(self._values(record)) for record in records]
        for i, convert in self._conversions:
            for row in rows:
                if row[i] is not None:
                    row[i] = convert(row[i])
        cursor.executemany(self._compiled.text, self._compiled.arrange(self._names, rows))
