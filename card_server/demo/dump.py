"""One hash over everything a database holds, the same on every machine and every database.

Values are taken as SQLite stores them, table by table in the order of their keys. SQLite's own
driver hands them over as they are, so that millions of rows take seconds; they are packed as
MessagePack, piece by piece, and the pieces are equally long everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import sqlite

from card_server.schema import metadata

CHUNK: Final = 5_000


def dump_hash(connection: Connection) -> str:
    """SHA-256 over all rows of all tables."""
    digest, pack = hashlib.sha256(), msgspec.msgpack.encode
    for table in sorted(metadata.tables.values(), key=lambda table: table.name):
        digest.update(table.name.encode())
        rows = _stored if connection.dialect.name == "sqlite" else _as_stored
        for chunk in rows(connection, table):
            digest.update(pack(chunk))
    return digest.hexdigest()


def _order(table: Table) -> list[Any]:
    return list(table.primary_key.columns)


def _stored(connection: Connection, table: Table) -> Iterator[Sequence[tuple[Any, ...]]]:
    statement = select(table).order_by(*_order(table))
    text = str(statement.compile(dialect=connection.dialect))
    cursor: Any = connection.connection.cursor()
    cursor.execute(text)
    while chunk := cursor.fetchmany(CHUNK):
        yield chunk
    cursor.close()


def _as_stored(connection: Connection, table: Table) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Rows of another database, each value as SQLite would store it."""
    dialect = sqlite.dialect()
    convert = [_storing(column.type, dialect) for column in table.columns]
    statement = select(table).order_by(*_order(table))
    found = connection.execution_options(yield_per=CHUNK).execute(statement)
    for part in found.partitions():
        yield [
            tuple(change(value) for change, value in zip(convert, row, strict=True)) for row in part
        ]


def _storing(kind: Any, dialect: Any) -> Callable[[Any], Any]:
    processor = kind.dialect_impl(dialect).bind_processor(dialect)

    def change(value: Any) -> Any:
        if value is None:
            return None
        if processor is not None:
            value = processor(value)
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value)
        return int(value) if isinstance(value, bool) else value

    return change
