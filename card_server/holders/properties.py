"""Properties of guests and cards: read, set, taken away, journalled (domain 1.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select, update

from card_server.db.change_log import Action
from card_server.db.editing import row_of
from card_server.holders import tables
from card_server.holders.desk import own_holder
from card_server.holders.property_rules import COLUMNS, Kind, value_of
from card_server.http.routes import Editing
from shared.wire import details as wire
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode
from shared.wire.holders import PropertyValue

OWNER_HOLDER, OWNER_CARD = 1, 2
"""`property_link.owner_kind`, and the bit of `property.applies_to`."""
MOST: Final = 100
VALUES: Final = ("property_value_id", "value_text", "value_num", "value_date")
_link = tables.property_link


def properties_of(connection: Connection, owner_kind: int, owner_id: int) -> list[PropertyValue]:
    """What an owner has, by property."""
    names = PropertyValue.__struct_fields__
    rows = connection.execute(
        select(*(_link.c[name] for name in names))
        .where(_link.c.owner_kind == owner_kind, _link.c.owner_id == owner_id)
        .order_by(_link.c.property_id)
    )
    return [PropertyValue(**dict(zip(names, row, strict=True))) for row in rows]


def set_holder_properties(asked: wire.SetHolderProperties, editing: Editing) -> Done:
    """Set or take away properties of a guest of the user's divisions."""
    own_holder(editing, asked.holder_id)
    holder, key = tables.holder, {"holder_id": asked.holder_id}
    editing.log.edit(holder, key, {}, expected_version=asked.version)
    if write_properties(editing, OWNER_HOLDER, asked.holder_id, asked.properties):
        editing.connection.execute(
            update(holder)
            .where(holder.c.holder_id == asked.holder_id)
            .values(version=holder.c.version + 1, updated_at=editing.now)
        )
    return Done(version=row_of(editing.connection, holder, key).version)


def write_properties(
    editing: Editing, owner_kind: int, owner_id: int, given: Sequence[wire.GivenProperty]
) -> bool:
    """Write what really changes; whether anything did. One refusal undoes all of it."""
    if len(given) > MOST:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(given), limit=MOST)
    connection = editing.connection
    before = {row.property_id: row for row in properties_of(connection, owner_kind, owner_id)}
    changed = False
    seen: set[int] = set()
    for one in given:
        if one.property_id in seen:
            raise AppError(ErrorCode.FIELD_BAD, field="property_id", value=str(one.property_id))
        seen.add(one.property_id)
        row = _property(connection, owner_kind, one.property_id)
        old = before.get(one.property_id)
        value = value_of(_kind(connection, row), one)
        column = COLUMNS[row.property_type]
        if value != (None if old is None else getattr(old, column)):
            key = (owner_kind, owner_id, one.property_id)
            _write(editing, key, column, value, old=old, is_personal=row.is_personal)
            changed = True
    return changed


def _property(connection: Connection, owner_kind: int, property_id: int) -> Any:
    """A property that such owners have; `DICT_VALUE_UNKNOWN` for any other."""
    kind = tables.property_
    row = connection.execute(
        select(kind).where(
            kind.c.property_id == property_id, kind.c.is_active, kind.c.deleted_at.is_(None)
        )
    ).one_or_none()
    if row is None or not row.applies_to & owner_kind:
        raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field="property_id", value=property_id)
    return row


def _kind(connection: Connection, row: Any) -> Kind:
    item = tables.property_value
    items = connection.execute(
        select(item.c.property_value_id).where(item.c.property_id == row.property_id)
    ).scalars()
    return Kind(
        property_id=row.property_id,
        property_type=row.property_type,
        code_name=row.code_name,
        required=row.required,
        values=frozenset(items),
    )


def _write(
    editing: Editing,
    key: tuple[int, int, int],
    column: str,
    value: int | str | date | None,
    *,
    old: PropertyValue | None,
    is_personal: bool,
) -> None:
    connection = editing.connection
    named = dict(zip(("owner_kind", "owner_id", "property_id"), key, strict=True))
    where = [_link.c[name] == number for name, number in named.items()]
    before: Mapping[str, Any] = {} if old is None else {n: getattr(old, n) for n in VALUES}
    if value is None:
        connection.execute(delete(_link).where(*where))
        action, after = Action.DELETE, dict.fromkeys(before)
    else:
        after = {**dict.fromkeys(VALUES), column: value}
        if old is None:
            connection.execute(insert(_link).values(**named, **after))
        else:
            connection.execute(update(_link).where(*where).values(**after))
        action = Action.INSERT if old is None else Action.UPDATE
    editing.log.record(_link, named, action, before, after, is_personal=is_personal)
