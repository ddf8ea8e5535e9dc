"""Rows that belong to a row and are edited with it: periods, rates, levels, list values.

The form sends all of them; the server finds out what is new, changed and gone. They have no
version of their own that a form would see: the owner's counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Table, delete, select, update

from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import Action
from card_server.db.editing import check_reference, check_texts, check_unused
from card_server.divisions.repository import next_dictionary_id
from card_server.http.routes import Editing
from shared.wire.errors import AppError, ErrorCode

MOST: Final = 200
"""Parts of one row at most."""


def no_check(_values: Mapping[str, Any]) -> None:
    """Nothing beyond lengths, ranges and references."""


def column_of(name: str) -> Column[Any]:
    """`table.column` of another subject, found by name."""
    table, _, column = name.partition(".")
    return metadata.tables[PREFIX + table].c[column]


def check_ranges(values: Mapping[str, Any], ranges: Mapping[str, tuple[int, int]]) -> None:
    """Refuse numbers outside their bounds (`FIELD_BAD`)."""
    for name, (least, most) in ranges.items():
        value = values.get(name)
        if value is not None and not least <= value <= most:
            raise AppError(ErrorCode.FIELD_BAD, field=name, value=str(value)[:60])


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a row, as declared by its subject."""

    field: str
    """The field of the commands that carries them all."""
    table: Table
    owner: str
    record: type[Any]
    ranges: Mapping[str, tuple[int, int]] = {}
    references: Mapping[str, str] = {}
    used_by: tuple[str, ...] = ()
    slot: str | None = None
    """A number that is unique among the parts of an owner and may be exchanged between them."""
    check: Callable[[Mapping[str, Any]], None] = no_check

    @property
    def key(self) -> str:
        """The parts' own key."""
        return str(next(iter(self.table.primary_key.columns)).name)

    def rows(self, connection: Any, owner_id: int) -> list[Any]:
        """The live rows of an owner."""
        statement = select(self.table).where(self.table.c[self.owner] == owner_id)
        if "deleted_at" in self.table.c:
            statement = statement.where(self.table.c.deleted_at.is_(None))
        order = self.table.c[self.slot or self.key]
        return list(connection.execute(statement.order_by(order)).mappings())

    def records(self, connection: Any, owner_id: int) -> list[Any]:
        """The parts as the contract shows them."""
        names = self.record.__struct_fields__
        return [
            self.record(**{name: row[name] for name in names})
            for row in self.rows(connection, owner_id)
        ]

    # ------------------------------------------------------------------ writing

    def replace(self, editing: Editing, owner_id: int, wanted: Sequence[Any]) -> bool:
        """Make the parts of an owner those that were sent; whether anything changed."""
        if len(wanted) > MOST:
            raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(wanted), limit=MOST)
        before = {row[self.key]: row for row in self.rows(editing.connection, owner_id)}
        changed: dict[int, dict[str, Any]] = {}
        new: list[dict[str, Any]] = []
        for place, part in enumerate(wanted):
            values = self._values(editing, part, place)
            key = values.pop(self.key)
            if key is None:
                new.append(values)
            elif key in before and key not in changed:
                changed[key] = values
            else:
                raise AppError(ErrorCode.ROW_NOT_FOUND, what=self.field, id=str(key))
        gone = [key for key in before if key not in changed]
        for key in gone:
            self._remove(editing, key, before[key])
        self._check_slots([*changed.values(), *new])
        touched = self._change(editing, before, changed)
        for values in new:
            key = next_dictionary_id(editing.connection, self.table)
            editing.log.insert(self.table, {self.key: key, self.owner: owner_id, **values})
        return bool(gone or touched or new)

    def _check_slots(self, wanted: Sequence[Mapping[str, Any]]) -> None:
        """No two parts on one number, before the index refuses them."""
        if self.slot is None:
            return
        seen: set[Any] = set()
        for values in wanted:
            number = values[self.slot]
            if number in seen:
                raise AppError(ErrorCode.VALUE_TAKEN, field=self.slot, value=str(number))
            seen.add(number)

    def _values(self, editing: Editing, part: Any, place: int) -> dict[str, Any]:
        """The values of one part; refusals name it as `periods[2].months`."""
        values = {name: getattr(part, name) for name in part.__struct_fields__}
        for name, value in values.items():
            if isinstance(value, str):
                values[name] = value.strip()
        plain = {name: value for name, value in values.items() if name != self.key}
        try:
            check_texts(self.table, plain)
            check_ranges(plain, self.ranges)
            for name, table in self.references.items():
                target = metadata.tables[PREFIX + table]
                check_reference(editing.connection, target, name, plain.get(name))
            self.check(plain)
        except AppError as error:
            field = error.facts.get("field")
            if field is not None:
                error.facts["field"] = f"{self.field}[{place}].{field}"
            raise
        return values

    def _remove(self, editing: Editing, key: int, row: Mapping[str, Any]) -> None:
        check_unused(editing.connection, key, [column_of(name) for name in self.used_by])
        if "deleted_at" in self.table.c:
            editing.log.delete(self.table, {self.key: key})
            return
        mine = self.table.c[self.key] == key
        editing.connection.execute(delete(self.table).where(mine))
        after = {name: None for name in row if name != self.key}
        editing.log.record(self.table, {self.key: key}, Action.DELETE, row, after)

    def _change(
        self,
        editing: Editing,
        before: Mapping[int, Mapping[str, Any]],
        wanted: Mapping[int, Mapping[str, Any]],
    ) -> bool:
        changes = {
            key: {name: value for name, value in values.items() if before[key][name] != value}
            for key, values in wanted.items()
        }
        changes = {key: values for key, values in changes.items() if values}
        self._park(editing, changes)
        for key, values in changes.items():
            write(editing, self.table, {self.key: key}, before[key], values)
        return bool(changes)

    def _park(self, editing: Editing, changes: Mapping[int, Mapping[str, Any]]) -> None:
        """Numbers that move step aside first, so that no two rows meet on one."""
        if self.slot is None:
            return
        column = self.table.c[self.slot]
        for key in (key for key, values in changes.items() if self.slot in values):
            mine = self.table.c[self.key] == key
            editing.connection.execute(update(self.table).where(mine).values({self.slot: -column}))


def write(
    editing: Editing,
    table: Table,
    key: Mapping[str, Any],
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
    action: Action = Action.UPDATE,
) -> None:
    """Write changes that the caller has checked, and journal them against what was there."""
    values = dict(changes)
    if "version" in table.c:
        actor = editing.actor.user_id or None
        stamps = {"updated_at": editing.now, "updated_by": actor, "version": table.c.version + 1}
        values |= stamps
    where = [table.c[name] == value for name, value in key.items()]
    editing.connection.execute(update(table).where(*where).values(**values))
    editing.log.record(table, key, action, before, changes)
