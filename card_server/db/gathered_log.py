"""The journal of an edit of many rows, written at its end by three statements.

Adding a guest touches some ten rows; one hundred guests may come in one message, on the thread
that answers tills.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Table, insert, select, update

from card_server.db.change_log import Action, ChangeIds, ChangeLog, Editor, journal, value_rows


class ManyChangeIds(ChangeIds, Protocol):
    """Where many change sets get their ids at once."""

    def take_many(self, kind: str, count: int) -> int:
        """The first of `count` ids in one piece."""


class GatheredLog(ChangeLog):
    """A journal that is kept until `write`: three statements for an edit of many rows.

    Rows are written at once, so that the edit sees them; only their journal waits. Whoever makes
    one must call `write` at the end of the same transaction.
    """

    def __init__(
        self,
        connection: Connection,
        ids: ManyChangeIds,
        editor: Editor,
        now: datetime,
        *,
        names_new: bool = False,
    ) -> None:
        """With `names_new`, rows of `insert_many` are named only: their values stand in the row."""
        super().__init__(connection, ids, editor, now)
        self._names_new = names_new
        self._many = ids
        self._heads: list[dict[str, Any]] = []
        self._rows: list[list[dict[str, Any]]] = []

    def record(
        self,
        table: Table,
        key: Mapping[str, Any],
        action: Action,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        *,
        is_personal: bool = False,
    ) -> int:
        """Keep a change; gives back its place among those kept, from 1."""
        self._heads.append(self.head(table, key, action))
        self._rows.append(value_rows(table, key, before, after, is_personal=is_personal))
        return len(self._heads)

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows at once, and journal each of them with its values."""
        if not rows:
            return
        self.insert_rows(table, rows)
        for row in rows:
            key = {column.name: row[column.name] for column in table.primary_key}
            self.record(table, key, Action.INSERT, {}, {} if self._names_new else row)

    def edit_many(
        self,
        table: Table,
        keys: Collection[int],
        changes: Mapping[str, Any],
        action: Action = Action.UPDATE,
    ) -> None:
        """The same change of several rows of a table with one key column: two statements."""
        (key,) = table.primary_key.columns
        where = key.in_(sorted(keys))
        names = [key, *(table.c[name] for name in changes)]
        before = self._connection.execute(select(*names).where(where)).mappings().all()
        if not before:
            return
        self._connection.execute(
            update(table).where(where).values(**changes, **self._stamps(table))
        )
        for row in before:
            self.record(table, {key.name: row[key.name]}, action, dict(row), changes)

    def write(self) -> None:
        """Number and write what was kept."""
        if not self._heads:
            return
        first = self._many.take_many("change", len(self._heads))
        sets = [{"change_id": first + i, **head} for i, head in enumerate(self._heads)]
        values = [
            {"change_id": first + i, **row} for i, rows in enumerate(self._rows) for row in rows
        ]
        self._heads, self._rows = [], []
        self._connection.execute(insert(journal("change_set")), sets)
        if values:
            self._connection.execute(insert(journal("change_value")), values)
