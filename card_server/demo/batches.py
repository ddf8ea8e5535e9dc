"""Rows of several tables gathered and written by executemany, for the big tables of the demo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table

from card_server.db.hot import Cursor, RowInsert

ENOUGH: Final = 20_000


class Batches:
    """One list of rows a table; tables are written in the order in which they were declared."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inserts: dict[str, tuple[RowInsert, list[Sequence[Any]]]] = {}
        self._waiting = 0

    def declare(self, table: Table, *columns: str) -> None:
        """The columns that rows of a table bring."""
        insert = RowInsert(self._connection.dialect, table, columns)
        self._inserts[table.name.removeprefix("crm_")] = (insert, [])

    def add(self, table: str, *row: Any) -> None:
        """One row."""
        self._inserts[table][1].append(row)
        self._waiting += 1

    @property
    def is_full(self) -> bool:
        """It is time to write."""
        return self._waiting >= ENOUGH

    def write(self) -> None:
        """Write what is waiting."""
        cursor: Cursor = self._connection.connection.cursor()  # type: ignore[assignment]
        for insert, rows in self._inserts.values():
            insert.run(cursor, rows)
            rows.clear()
        self._waiting = 0
