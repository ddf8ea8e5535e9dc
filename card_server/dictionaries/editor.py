"""A dictionary as a declaration: what its rows show, need, allow, point at and are used by.

From the declaration come the list, the card, the three commands and the answer to a stale edit,
the same way for every dictionary (domain 0.1). What only one dictionary knows is a hook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select, update

from card_server.db.base import PREFIX, metadata
from card_server.db.editing import (
    check_reference,
    check_texts,
    check_unique,
    check_unused,
    need,
    row_of,
    sent,
)
from card_server.db.listing import Listing, list_rows
from card_server.dictionaries.parts import Parts, check_ranges, column_of
from card_server.divisions.repository import next_dictionary_id
from card_server.http.routes import Editing, Reading, Route, edit, question
from shared.wire.base import Done, Made, Notice, Page
from shared.wire.errors import AppError, ErrorCode

DEEPEST: Final = 5
"""Storeys of a tree of groups."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """An edit before it is written: `after` is the whole row as it would be."""

    editing: Editing
    key: int | None
    before: Mapping[str, Any]
    sent: Mapping[str, Any]
    after: Mapping[str, Any]


def _nothing(_change: Change) -> None:
    """No further rules."""


def _no_links(_asked: Any, _editing: Editing, _key: int) -> bool:
    """No link tables."""
    return False


def _no_notices(_connection: Connection, _key: int, _change: Change) -> list[Notice]:
    """Nothing to warn of."""
    return []


class Editor(msgspec.Struct, frozen=True, kw_only=True):
    """One dictionary."""

    table: Table
    record: type[Any]
    needs: tuple[str, ...] = ("name",)
    unique: tuple[str, ...] = ("name",)
    ranges: Mapping[str, tuple[int, int]] = {}
    references: Mapping[str, str] = {}
    """Field -> table that must have a live row of that id."""
    used_by: tuple[str, ...] = ()
    """`table.column` that keeps a row from being deleted."""
    columns: Mapping[str, str] = {}
    """Fields of the contract that are called otherwise in the table (`class` is a Python word)."""
    tree: str | None = None
    parts: tuple[Parts, ...] = ()
    default_sort: str = "sort_no"
    only: ColumnElement[bool] | None = None
    """Rows that are not of this dictionary are not there for it."""
    fill: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    """Defaults of a new row that depend on what was sent."""
    check: Callable[[Change], None] = _nothing
    links: Callable[[Any, Editing, int], bool] = _no_links
    """Writes link tables; whether anything changed."""
    settle: Callable[[Connection, int, Change], list[Notice]] = _no_notices
    """Looks at the whole after the change: refuses by raising, or warns."""
    show: Callable[[Connection, Mapping[str, Any]], Any] | None = None
    """The card of a row, where it shows more than the list."""
    new_id: Callable[[Connection, Table], int] = next_dictionary_id

    # ------------------------------------------------------------------ reading

    @property
    def key(self) -> str:
        """The table's key."""
        return str(next(iter(self.table.primary_key.columns)).name)

    @property
    def listing(self) -> Listing:
        """The list of the live rows."""
        table = self.table
        fields = {n: table.c[self.columns.get(n, n)] for n in self.record.__struct_fields__}
        return Listing(
            source=table,
            key=table.c[self.key],
            fields=fields,
            columns=list(fields.values()),
            default_sort=self.default_sort,
            deleted_at=table.c.deleted_at,
        )

    def page(self, asked: Any, reading: Reading) -> Page[Any]:
        """A page of the list."""
        only = [] if self.only is None else [self.only]
        found = list_rows(reading.connection, self.listing, asked, *only)
        names = self.record.__struct_fields__
        rows = [self.record(**dict(zip(names, row, strict=True))) for row in found.rows]
        return Page(rows=rows, next=found.next, total=found.total, marks=found.marks)

    def get(self, asked: Any, reading: Reading) -> Any:
        """One row; also the row as it stands, for who edited an older version."""
        row = self.row(reading.connection, asked.key)
        if self.show is not None:
            return self.show(reading.connection, row)
        return self.record_of(row)

    def record_of(self, row: Any) -> Any:
        """The record of a table's row."""
        names = self.record.__struct_fields__
        return self.record(**{name: row[self.columns.get(name, name)] for name in names})

    def row(self, connection: Connection, key: int) -> Mapping[str, Any]:
        """A live row of this dictionary; `ROW_NOT_FOUND`."""
        row: Mapping[str, Any] = row_of(connection, self.table, {self.key: key})._mapping  # noqa: SLF001 - SQLAlchemy's public name
        if self.only is not None:
            mine = select(self.table.c[self.key]).where(self.table.c[self.key] == key, self.only)
            if connection.execute(mine).first() is None:
                what = self.table.name.removeprefix(PREFIX)
                raise AppError(ErrorCode.ROW_NOT_FOUND, what=what, id=str(key))
        return row

    # ------------------------------------------------------------------ writing

    def add(self, asked: Any, editing: Editing) -> Made:
        """A new row with its parts and links."""
        change = self._change(asked, editing, None, defaults_of(self.table))
        need(change.sent, *(self.columns.get(name, name) for name in self.needs))
        self._check(change)
        key = self.new_id(editing.connection, self.table)
        editing.log.insert(self.table, {self.key: key, **change.sent})
        self._parts(asked, editing, key)
        self.links(asked, editing, key)
        return Made(key=key, notices=self.settle(editing.connection, key, change))

    def edit(self, asked: Any, editing: Editing) -> Done:
        """Change a row; parts and links that are sent count as a change of it."""
        connection, key = editing.connection, {self.key: asked.key}
        before = self.row(connection, asked.key)
        change = self._change(asked, editing, asked.key, before)
        self._check(change)
        wrote = editing.log.edit(self.table, key, change.sent, expected_version=asked.version)
        more = self._parts(asked, editing, asked.key)
        more = self.links(asked, editing, asked.key) or more
        if more and wrote is None:
            self._count_up(editing, asked.key)
        notices = self.settle(connection, asked.key, change)
        return Done(version=self.row(connection, asked.key)["version"], notices=notices)

    def delete(self, asked: Any, editing: Editing) -> Done:
        """Mark a row as deleted, if nothing uses it."""
        connection = editing.connection
        before = self.row(connection, asked.key)
        check_unused(connection, asked.key, [column_of(name) for name in self.used_by])
        key = {self.key: asked.key}
        editing.log.delete(self.table, key, expected_version=asked.version)
        after = {**before, "deleted_at": editing.now}
        change = Change(editing=editing, key=asked.key, before=before, sent={}, after=after)
        self.settle(connection, asked.key, change)
        return Done()

    def _change(
        self, asked: Any, editing: Editing, key: int | None, before: Mapping[str, Any]
    ) -> Change:
        values = {self.columns.get(n, n): value for n, value in sent(asked.fields).items()}
        if key is None:
            values = self.fill(values)
        return Change(
            editing=editing, key=key, before=before, sent=values, after={**before, **values}
        )

    def _check(self, change: Change) -> None:
        """Lengths, bounds, uniqueness, references, the tree, and the dictionary's own rules."""
        connection, values = change.editing.connection, change.sent
        try:
            check_texts(self.table, values)
            check_ranges(values, self.ranges)
            but = None if change.key is None else {self.key: change.key}
            for field in self.unique:
                if values.get(field) is not None:
                    check_unique(connection, self.table, field, values[field], but=but)
            for field, table in self.references.items():
                target = metadata.tables[PREFIX + table]
                check_reference(connection, target, field, values.get(field))
            if self.tree is not None and values.get(self.tree) is not None:
                self._check_tree(connection, change.key, values[self.tree])
            self.check(change)
        except AppError as error:
            told = error.facts.get("field")
            names = {column: name for name, column in self.columns.items()}
            if told in names:
                error.facts["field"] = names[str(told)]
            raise

    def _check_tree(self, connection: Connection, key: int | None, parent: int) -> None:
        """No row under itself, and no more than five storeys."""
        field = str(self.tree)
        column = self.table.c[field]
        check_reference(connection, self.table, field, parent)
        rows = connection.execute(select(self.table.c[self.key], column)).all()
        parents: dict[int, int | None] = {row[0]: row[1] for row in rows}
        at: int | None = parent
        depth = 1 + _height(parents, key)
        while at is not None:
            depth += 1
            if at == key or depth > DEEPEST:
                raise AppError(ErrorCode.FIELD_BAD, field=field, value=str(parent))
            at = parents.get(at)

    def _parts(self, asked: Any, editing: Editing, key: int) -> bool:
        changed = False
        for part in self.parts:
            wanted = getattr(asked, part.field)
            if wanted is not None:
                changed = part.replace(editing, key, wanted) or changed
        return changed

    def _count_up(self, editing: Editing, key: int) -> None:
        """The row itself stayed, but what belongs to it changed."""
        table = self.table
        stamps = {"updated_at": editing.now, "updated_by": editing.actor.user_id or None}
        editing.connection.execute(
            update(table)
            .where(table.c[self.key] == key)
            .values(**stamps, version=table.c.version + 1)
        )

    # ------------------------------------------------------------------ routes

    def routes(self, *requests: type[Any], changes_rules: bool = True) -> tuple[Route, ...]:
        """The routes of the list, the card, and the commands add, edit, delete, in this order."""
        rows, card, add, change, gone = requests
        return (
            question(rows, self.page),
            question(card, self.get),
            edit(add, self.add, changes_rules=changes_rules),
            edit(change, self.edit, present=self.get, changes_rules=changes_rules),
            edit(gone, self.delete, present=self.get, changes_rules=changes_rules),
        )


def _height(parents: Mapping[int, int | None], key: int | None) -> int:
    """How many storeys stand below a row."""
    below = 0
    level = {key} if key is not None else set()
    while level and below <= DEEPEST:
        level = {one for one, parent in parents.items() if parent in level}
        below += bool(level)
    return below


def defaults_of(table: Table) -> dict[str, Any]:
    """The values a new row gets where nothing is sent."""
    found: dict[str, Any] = {}
    for column in table.columns:
        default = getattr(getattr(column.server_default, "arg", None), "text", None)
        if default is not None:
            found[column.name] = int(default)
        elif str(getattr(column.server_default, "arg", "")) in ("true", "false"):
            found[column.name] = str(column.server_default.arg) == "true"  # type: ignore[union-attr] # it has one
        else:
            found[column.name] = None
    return found
