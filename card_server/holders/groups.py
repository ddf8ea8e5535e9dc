"""Groups of holders and of cards: one shape, one counter, a tree, defaults of accounts (1.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, func, insert, select

from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import Action
from card_server.db.editing import check_reference
from card_server.dictionaries.editor import Change, Editor
from card_server.holders import tables
from card_server.http.routes import Editing
from shared.wire import groups as wire
from shared.wire.base import Notice
from shared.wire.errors import AppError, ErrorCode

DEFAULT_GROUP: Final = "holder.default_group"
LARGEST: Final = 10**15
MOST: Final = 200
_DEFAULT: Final = tables.group_account_default


def next_group_id(connection: Connection, _table: Table) -> int:
    """The next id of both kinds of groups: a Group_ID never means two things."""
    highest = 0
    for name in ("holder_group", "card_group"):
        table = metadata.tables[PREFIX + name]
        highest = max(highest, connection.execute(select(func.max(table.c.group_id))).scalar() or 0)
    return highest + 1


def defaults_of_group(connection: Connection, group_id: int) -> list[wire.GroupDefaultRow]:
    """What accounts of the group's members get, by account type."""
    names = wire.GroupDefaultRow.__struct_fields__
    rows = connection.execute(
        select(*(_DEFAULT.c[name] for name in names))
        .where(_DEFAULT.c.group_id == group_id)
        .order_by(_DEFAULT.c.account_type_id)
    )
    return [wire.GroupDefaultRow(**dict(zip(names, row, strict=True))) for row in rows]


def write_defaults(asked: Any, editing: Editing, group_id: int) -> bool:
    """Make the defaults of a group those that were sent; whether anything changed."""
    if asked.defaults is None:
        return False
    connection = editing.connection
    if len(asked.defaults) > MOST:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(asked.defaults), limit=MOST)
    for place, one in enumerate(asked.defaults):
        _check_default(connection, one, f"defaults[{place}]")
    rows = sorted(map(columns_of, asked.defaults), key=lambda row: row["account_type_id"] or 0)
    kinds = [row["account_type_id"] for row in rows]
    if len(set(kinds)) < len(kinds):
        raise AppError(ErrorCode.VALUE_TAKEN, field="account_type_id", value=str(kinds)[:60])
    before = list(map(columns_of, defaults_of_group(connection, group_id)))
    if before == rows:
        return False
    connection.execute(delete(_DEFAULT).where(_DEFAULT.c.group_id == group_id))
    if rows:
        connection.execute(insert(_DEFAULT), [{"group_id": group_id, **row} for row in rows])
    old, new = {"defaults": _shown(before)}, {"defaults": _shown(rows)}
    editing.log.record(_DEFAULT, {"group_id": group_id}, Action.UPDATE, old, new)
    return True


def columns_of(default: wire.GroupDefault) -> dict[str, int | None]:
    """A default as columns."""
    return {name: getattr(default, name) for name in default.__struct_fields__}


def _check_default(connection: Connection, one: wire.GroupDefault, place: str) -> None:
    kind, level = metadata.tables[PREFIX + "account_type"], metadata.tables[PREFIX + "level"]
    name = f"{place}.account_type_id"
    check_reference(connection, kind, "account_type_id", one.account_type_id, name=name)
    check_reference(connection, level, "level_id", one.level_id, name=f"{place}.level_id")
    if one.level_id is not None:
        owner = connection.execute(
            select(level.c.account_type_id).where(level.c.level_id == one.level_id)
        ).scalar()
        if owner != one.account_type_id:
            value = str(one.level_id)
            raise AppError(ErrorCode.FIELD_BAD, field=f"{place}.level_id", value=value)
    depth = one.credit_depth
    if depth is not None and not 0 <= depth <= LARGEST:
        raise AppError(ErrorCode.FIELD_BAD, field=f"{place}.credit_depth", value=str(depth))


def _shown(rows: list[dict[str, int | None]]) -> str:
    return "; ".join(", ".join(f"{k}={v}" for k, v in row.items()) for row in rows)


def settle_holder_group(connection: Connection, key: int, change: Change) -> list[Notice]:
    """The group of new holders stays."""
    if change.after.get("deleted_at") is not None:
        setting = metadata.tables[PREFIX + "setting"]
        used = connection.execute(
            select(func.count())
            .select_from(setting)
            .where(
                setting.c.setting_key == DEFAULT_GROUP,
                setting.c.value == str(key),
                setting.c.deleted_at.is_(None),
            )
        ).scalar_one()
        if used:
            raise AppError(ErrorCode.IN_USE, where="setting", n=used)
    return []


def _show(connection: Connection, row: Mapping[str, Any]) -> wire.HolderGroup:
    defaults = defaults_of_group(connection, row["group_id"])
    return wire.HolderGroup(row=HOLDER_GROUPS.record_of(row), defaults=defaults)


HOLDER_GROUPS: Final = Editor(
    table=tables.holder_group,
    record=wire.HolderGroupRow,
    tree="parent_id",
    used_by=("holder_group.parent_id", "card_range.holder_group_id", "holder.group_id"),
    new_id=next_group_id,
    links=write_defaults,
    settle=settle_holder_group,
    show=_show,
)
