"""What a merge moved, so that its undoing finds the way back (domain 1.3, 3.13).

Rows that changed their owner stand in `holder_merge_item`; values that changed stand in the
journal, under the merge's number as batch, and are put back from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, Connection, Date, Integer, Table, insert, select

from card_server.db.base import PREFIX, Moment
from card_server.db.change_log import ChangeLog, journal
from card_server.holders import tables
from card_server.http.routes import Ids


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """One merge at work: the transaction, its journal, and who is merged into whom."""

    connection: Connection
    ids: Ids
    log: ChangeLog
    """Its editor's batch is the merge."""
    now: datetime
    user_id: int
    merge_id: int
    survivor_id: int
    duplicate_id: int

    def keep(self, kind: str, object_id: int, old_owner: int | None = None) -> None:
        """Remember that a row went over to the survivor."""
        self.connection.execute(
            insert(tables.holder_merge_item).values(
                merge_id=self.merge_id,
                kind=kind,
                object_id=object_id,
                old_owner_id=self.duplicate_id if old_owner is None else old_owner,
            )
        )

    def kept(self, kind: str) -> list[int]:
        """What went over, in the order of ids."""
        item = tables.holder_merge_item
        rows = self.connection.execute(
            select(item.c.object_id)
            .where(item.c.merge_id == self.merge_id, item.c.kind == kind)
            .order_by(item.c.object_id)
        )
        return list(rows.scalars())

    def move(self, table: Table, kind: str, *where: Any, owner: str = "holder_id") -> list[int]:
        """Rows of the duplicate become the survivor's; gives back their ids."""
        (key,) = table.primary_key.columns
        rows = self.connection.execute(
            select(key).where(table.c[owner] == self.duplicate_id, *where).order_by(key)
        )
        found = list(rows.scalars())
        for object_id in found:
            self.log.edit(table, {key.name: object_id}, {owner: self.survivor_id})
            self.keep(kind, object_id)
        return found

    def move_back(self, table: Table, kind: str, owner: str = "holder_id") -> list[int]:
        """Rows that went over and are still the survivor's go back; gives back their ids."""
        (key,) = table.primary_key.columns
        moved = []
        for object_id in self.kept(kind):
            where = (key == object_id, table.c[owner] == self.survivor_id)
            if self.connection.execute(select(key).where(*where)).first() is not None:
                self.log.edit(table, {key.name: object_id}, {owner: self.duplicate_id})
                moved.append(object_id)
        return moved

    def put_back(self, table: Table, key: Mapping[str, Any]) -> None:
        """Every value that the merge changed in a row and nobody since is as it was before."""
        changed = _changes(self.connection, table, key, self.merge_id)
        where = [table.c[name] == value for name, value in key.items()]
        row = self.connection.execute(select(table).where(*where)).mappings().one_or_none()
        if row is None:
            return
        back = {
            name: old for name, (old, new) in changed.items() if row[name] == new and old != new
        }
        if back:
            self.log.edit(table, key, back)


def _changes(
    connection: Connection, table: Table, key: Mapping[str, Any], merge_id: int
) -> dict[str, tuple[Any, Any]]:
    """Field -> what it was before the merge's first edit of it, and after the last one."""
    heads, values = journal("change_set"), journal("change_value")
    rows = connection.execute(
        select(values.c.field_name, values.c.old_value, values.c.new_value)
        .join(heads, heads.c.change_id == values.c.change_id)
        .where(
            heads.c.table_name == table.name.removeprefix(PREFIX),
            heads.c.row_key == ",".join(str(value) for value in key.values()),
            heads.c.batch_id == merge_id,
            values.c.erased_at.is_(None),
        )
        .order_by(values.c.change_id)
    )
    found: dict[str, tuple[Any, Any]] = {}
    for name, old, new in rows:
        column = table.c[name]
        first = found[name][0] if name in found else _value(column, old)
        found[name] = (first, _value(column, new))
    return found


def _value(column: Column[Any], text: str | None) -> Any:
    """A value as the journal tells it, as the column holds it."""
    if text is None:
        return None
    if isinstance(column.type, Boolean):
        return text == "1"
    if isinstance(column.type, Moment):
        return datetime.fromisoformat(text)
    if isinstance(column.type, Date):
        return date.fromisoformat(text)
    return int(text) if isinstance(column.type, Integer) else text
