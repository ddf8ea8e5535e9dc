"""The journal of edits: who changed which field of which row, from what, to what (domain 1.11).

Written in the transaction of the edit itself. The journal's own tables belong to the subject
`users`, which stands above this room, so they are found by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import IntEnum
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import Connection, Table, insert, select, update

from card_server.db.base import PREFIX, metadata
from shared.wire.errors import AppError, ErrorCode

SECRETS: Final = frozenset({"password_hash", "pin_hash", "code_hash"})
"""Fields that are journalled as changed, without values."""

SECRET_FIELDS: Final = frozenset({("classifier", "code")})
"""Likewise, in one table only: the code of a program is its key to the door."""

PERSONAL_TABLES: Final = frozenset({"person", "person_photo", "contact", "address", "message"})
PERSONAL_FIELDS: Final = frozenset({("holder", "external_code"), ("consent", "evidence")})
"""What an erasure empties in the journal (domain 1.3, "Where person data lives")."""

SERVICE_FIELDS: Final = frozenset(
    {"created_at", "created_by", "updated_at", "updated_by", "version", "deleted_at"}
)
"""Standard columns: the change set itself says when and by whom."""

CHANGED: Final = "changed"
KEY_WIDTH: Final = 60


class Action(IntEnum):
    """What happened to a row; the numbers are stored."""

    INSERT = 1
    UPDATE = 2
    DELETE = 3
    RESTORE = 4


class Editor(msgspec.Struct, frozen=True, kw_only=True):
    """Who edits: a user of the suite, or a program by its classifier; from where."""

    user_id: int | None = None
    classifier_id: int | None = None
    host: str | None = None
    application: str | None = None
    reason: str | None = None
    batch_id: int | None = None


class ChangeIds(Protocol):
    """Where a change set gets its id."""

    def take(self, kind: str) -> int:
        """The next id of the kind `change`."""


class ChangeLog:
    """Edits rows of `+std` tables and journals what changed, in the caller's transaction."""

    def __init__(
        self, connection: Connection, ids: ChangeIds, editor: Editor, now: datetime
    ) -> None:
        self._connection = connection
        self._ids = ids
        self._editor = editor
        self._now = now

    def insert(
        self, table: Table, values: Mapping[str, Any], *, is_personal: bool = False
    ) -> int | None:
        """Insert a row with its standard columns; returns the change set."""
        stamps = {
            "created_at": self._now,
            "created_by": self._editor.user_id,
            "updated_at": self._now,
            "updated_by": self._editor.user_id,
        }
        row = {**values, **{k: v for k, v in stamps.items() if k in table.c}}
        self._connection.execute(insert(table).values(**row))
        key = {column.name: row[column.name] for column in table.primary_key}
        return self.record(table, key, Action.INSERT, {}, values, is_personal=is_personal)

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows at once; the journal names each, its values stand in the row itself."""
        if not rows:
            return
        self.insert_rows(table, rows)
        sets = [
            self._change_set(table, {c.name: row[c.name] for c in table.primary_key}, Action.INSERT)
            for row in rows
        ]
        self._connection.execute(insert(journal("change_set")), sets)

    def insert_rows(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows with their standard columns; whoever calls journals them."""
        stamps = {
            "created_at": self._now,
            "created_by": self._editor.user_id,
            "updated_at": self._now,
            "updated_by": self._editor.user_id,
        }
        stamps = {name: value for name, value in stamps.items() if name in table.c}
        self._connection.execute(insert(table), [{**row, **stamps} for row in rows])

    def edit(
        self,
        table: Table,
        key: Mapping[str, Any],
        changes: Mapping[str, Any],
        *,
        expected_version: int | None = None,
        action: Action = Action.UPDATE,
        is_personal: bool = False,
    ) -> int | None:
        """Write the fields that really change and journal them; None when nothing changes.

        Raises `STALE_EDIT` when the row has another version than the editor saw, or is gone.
        """
        where = [table.c[name] == value for name, value in key.items()]
        found = self._connection.execute(select(table).where(*where)).mappings().one_or_none()
        before = dict(found or {})
        seen = before.get("version")
        if found is None or expected_version not in (None, seen):
            raise _stale(before)
        changed = {name: value for name, value in changes.items() if before[name] != value}
        if not changed:
            return None
        statement = update(table).where(*where).values(**changed, **self._stamps(table))
        if "version" in table.c:
            statement = statement.where(table.c.version == before["version"])
        if self._connection.execute(statement).rowcount == 0:
            raise _stale(before)
        return self.record(table, key, action, before, changed, is_personal=is_personal)

    def delete(
        self, table: Table, key: Mapping[str, Any], *, expected_version: int | None = None
    ) -> int | None:
        """Mark a row as deleted."""
        return self.edit(
            table,
            key,
            {"deleted_at": self._now},
            expected_version=expected_version,
            action=Action.DELETE,
        )

    def restore(self, table: Table, key: Mapping[str, Any]) -> int | None:
        """Take the mark of deletion back."""
        return self.edit(table, key, {"deleted_at": None}, action=Action.RESTORE)

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
        """Journal a change that was written elsewhere; returns the change set's id."""
        change = self._change_set(table, key, action)
        change_id: int = change["change_id"]
        self._connection.execute(insert(journal("change_set")).values(**change))
        rows = [
            {"change_id": change_id, **row}
            for row in value_rows(table, key, before, after, is_personal=is_personal)
        ]
        if rows:
            self._connection.execute(insert(journal("change_value")), rows)
        return change_id

    def _change_set(self, table: Table, key: Mapping[str, Any], action: Action) -> dict[str, Any]:
        return {"change_id": self._ids.take("change"), **self.head(table, key, action)}

    def head(self, table: Table, key: Mapping[str, Any], action: Action) -> dict[str, Any]:
        """A change set without its number."""
        editor = self._editor
        return {
            "at": self._now,
            "user_id": editor.user_id,
            "classifier_id": editor.classifier_id,
            "host": editor.host,
            "application": editor.application,
            "table_name": _name(table),
            "row_key": _key_text(key),
            "action": int(action),
            "reason": editor.reason,
            "batch_id": editor.batch_id,
        }

    def _stamps(self, table: Table) -> dict[str, Any]:
        stamps: dict[str, Any] = {}
        if "updated_at" in table.c:
            stamps |= {"updated_at": self._now, "updated_by": self._editor.user_id}
        if "version" in table.c:
            stamps["version"] = table.c.version + 1
        return stamps


def value_rows(
    table: Table,
    key: Mapping[str, Any],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    is_personal: bool,
) -> list[dict[str, Any]]:
    """Field by field what a change made; what was empty and stays so is left out."""
    rows = [
        {
            "field_name": name,
            **_values(name, before, after, is_secret=_is_secret(table, name)),
            "is_personal": is_personal or _is_personal(table, name),
        }
        for name in after
        if name not in SERVICE_FIELDS and name not in key
    ]
    return [row for row in rows if (row["old_value"], row["new_value"]) != (None, None)]


def _stale(found: Mapping[str, Any]) -> AppError:
    """Somebody else was faster; says who and when, as far as the row tells."""
    when = value_text(found.get("updated_at"))
    return AppError(ErrorCode.STALE_EDIT, user=found.get("updated_by"), time=when)


def journal(name: str) -> Table:
    """A table of the journal."""
    return metadata.tables[PREFIX + name]


def _name(table: Table) -> str:
    return table.name.removeprefix(PREFIX)


def _key_text(key: Mapping[str, Any]) -> str:
    return ",".join(str(value) for value in key.values())[:KEY_WIDTH]


def _is_personal(table: Table, field: str) -> bool:
    name = _name(table)
    return name in PERSONAL_TABLES or (name, field) in PERSONAL_FIELDS


def _is_secret(table: Table, field: str) -> bool:
    return field in SECRETS or (_name(table), field) in SECRET_FIELDS


def _values(
    field: str, before: Mapping[str, Any], after: Mapping[str, Any], *, is_secret: bool
) -> dict[str, str | None]:
    if is_secret or isinstance(after[field], bytes):
        return {"old_value": None, "new_value": CHANGED}
    if isinstance(before.get(field), bytes):
        return {"old_value": CHANGED, "new_value": value_text(after[field])}
    return {"old_value": value_text(before.get(field)), "new_value": value_text(after[field])}


def value_text(value: Any) -> str | None:
    """A field's value as the journal keeps it: None as NULL, flags 1 or 0, moments in ISO."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value)
