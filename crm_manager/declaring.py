"""What the dictionaries of the Card Editor have in common: the same fields, commands and lists.

Their commands are all of one shape (`shared.wire.editing`): a key, a version, plain fields, and
beside them what belongs to the row and is sent whole (`parts`: rights, levels, rates).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from shared.i18n.texts import Text, tr
from shared.ui.column import Column, flag_column, number_column, text_column
from shared.ui.editor import EditorSpec
from shared.ui.fields import Field, FlagField, NumberField, TextField
from shared.ui.filters import DeletedFilter, Filter, TextFilter
from shared.ui.form import Section
from shared.ui.list_page import ListPage
from shared.ui.list_spec import EMPTY, EMPTY_WHY, ListSpec
from shared.ui.record_dialog import editing_deeds, opens
from shared.ui.shell import Shell
from shared.wire.base import Command, ListQuery, Query
from shared.wire.errors import AppError, ErrorCode

LARGEST_ORDER: Final = 32_000
LARGEST_NUMBER: Final = (1 << 31) - 1
ORDER: Final = NumberField(
    name="sort_no", label=tr("Порядок в списках", "Order in lists"), default=0, high=LARGEST_ORDER
)
ACTIVE: Final = FlagField(name="is_active", label=tr("Действует", "Active"), default=True)
NAME_COLUMN: Final = text_column("name", tr("Название", "Name"), width=260, is_sortable=True)
LAST_COLUMNS: Final = (
    number_column("sort_no", tr("Порядок", "Order"), width=90),
    flag_column("is_active", tr("Действует", "Active"), width=110),
)


def name_field(longest: int = 100) -> Field:
    """The name that every dictionary has."""
    return TextField(name="name", label=tr("Название", "Name"), needed=True, longest=longest)


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A dictionary: its words, its commands, what is shown and what is edited."""

    code: str
    title: Text
    one: Text
    new: Text
    table: str
    key: str
    """The field of a row that is its key."""
    right: str
    query: ListQuery[Any]
    get: Callable[[Any], Query[Any]]
    fields: type[msgspec.Struct]
    add: Callable[..., Command[Any]]
    edit: Callable[..., Command[Any]]
    delete: Callable[..., Command[Any]] | None
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    parts: tuple[str, ...] = ()
    """Fields of the form that are sent beside the plain ones, as lists."""
    plain_lists: tuple[str, ...] = ()
    """Fields of the form that are lists among the plain ones."""
    see: str = ""
    """The right to see the list, where it takes one."""
    begin: Callable[[Any], Mapping[str, Any]] | None = None
    filters: tuple[Filter, ...] = ()
    empty: Text = EMPTY
    empty_why: Text = EMPTY_WHY

    def names(self) -> tuple[str, ...]:
        """Fields of the form."""
        return tuple(field.name for section in self.sections for field in section.fields)

    def key_of(self, row: Any) -> Any:
        """The key of a row."""
        return getattr(row, self.key)


def values_of(subject: Subject, reply: Any) -> dict[str, Any]:
    """What the form shows of a record that may have its row inside."""
    row = row_of(reply)
    found = {}
    for name in subject.names():
        value = getattr(row if hasattr(row, name) else reply, name)
        is_list = name in subject.parts or name in subject.plain_lists
        found[name] = tuple(value) if is_list else value
    return found


def row_of(reply: Any) -> Any:
    """The row in a reply: inside a record, the only one of a list, or the reply itself."""
    rows = getattr(reply, "rows", None)
    if rows is None:
        return getattr(reply, "row", reply)
    if not rows:
        raise AppError(ErrorCode.ROW_NOT_FOUND, what="", id="")
    return rows[0]


def _split(subject: Subject, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the form as a command has them."""
    plain = {
        name: list(value) if name in subject.plain_lists else value
        for name, value in values.items()
        if name not in subject.parts
    }
    parts = {name: list(value) for name, value in values.items() if name in subject.parts}
    return {"fields": subject.fields(**plain), **parts}


def editor_of(
    subject: Subject, values: Callable[[Any], Mapping[str, Any]] | None = None
) -> EditorSpec:
    """The editor of a dictionary's row."""

    def edit(key: int, version: int, operation_id: str, changes: dict[str, Any]) -> Command[Any]:
        sent = _split(subject, changes)
        return subject.edit(operation_id=operation_id, key=key, version=version, **sent)

    def add(operation_id: str, typed: dict[str, Any]) -> Command[Any]:
        # what is left empty follows from the rest (the unit of an account type from its class)
        given = {name: value for name, value in typed.items() if value is not None}
        return subject.add(operation_id=operation_id, **_split(subject, given))

    return EditorSpec(
        code=subject.code,
        title=subject.one,
        title_new=subject.new,
        sections=subject.sections,
        fields=subject.fields,
        own=frozenset(subject.parts),
        right=subject.right,
        get=subject.get,
        values=values or (lambda reply: values_of(subject, reply)),
        version=lambda reply: int(row_of(reply).version),
        edit=edit,
        add=add,
        tables=frozenset({subject.table}),
        history=subject.table,
    )


def list_of(
    subject: Subject, editor: EditorSpec, code: str, more: tuple[Any, ...] = ()
) -> ListSpec:
    """The list of a dictionary; `more` are deeds of its own."""

    def delete(row: Any, operation_id: str) -> Command[Any]:
        if subject.delete is None:
            raise TypeError(subject.code)
        key = subject.key_of(row)
        return subject.delete(operation_id=operation_id, key=key, version=row.version)

    deletes = None if subject.delete is None else delete
    deeds = editing_deeds(editor, subject.key_of, deletes, new=subject.new, values=subject.begin)
    return ListSpec(
        code=code,
        title=subject.title,
        query=subject.query,
        columns=subject.columns,
        key=subject.key_of,
        right=subject.see,
        tables=frozenset({subject.table}),
        filters=(
            TextFilter(name="name", label=tr("Название", "Name")),
            *subject.filters,
            *(() if subject.delete is None else (DeletedFilter(),)),
        ),
        deeds=(*deeds, *more),
        opens=opens(editor, subject.key_of),
        empty=subject.empty,
        empty_why=subject.empty_why,
    )


def maker(spec: ListSpec) -> Callable[[Shell], ListPage]:
    """Makes the page of a list."""
    return lambda shell: ListPage(shell, spec)
