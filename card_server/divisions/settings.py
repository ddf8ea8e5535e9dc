"""Settings by scope: read against their declarations, changed all or nothing (domain 1.11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from card_server.db.base import PREFIX, metadata
from card_server.db.change_log import Action, journal
from card_server.db.editing import check_reference, row_of
from card_server.divisions import tables
from card_server.http.routes import Actor, Editing, Reading
from shared.settings.card_server import SETTINGS
from shared.settings.declare import Scope, Setting, nearest
from shared.settings.house import HOLDER_GROUP, MAILING_TEST
from shared.wire import settings as wire
from shared.wire.errors import AppError, ErrorCode

MOST: Final = 200
OWNERS: Final = {
    Scope.DIVISION: "division",
    Scope.UNIT: "unit",
    Scope.CLASSIFIER: "classifier",
    Scope.USER: "user",
    Scope.ROLE: "role",
}
REFERENCES: Final = {HOLDER_GROUP.key: "holder_group"}
"""Settings whose value is the id of a row."""
_TABLE: Final = tables.setting


def _scope_of(connection: Connection, actor: Actor, scope: int, scope_id: int) -> Scope:
    """The scope, if its owner exists and is the user's."""
    if scope not in list(Scope):
        raise AppError(ErrorCode.FIELD_BAD, field="scope", value=str(scope)[:60])
    found = Scope(scope)
    if found is Scope.SYSTEM:
        if scope_id:
            raise AppError(ErrorCode.FIELD_BAD, field="scope_id", value=str(scope_id)[:60])
        return found
    name = OWNERS[found]
    owner = row_of(connection, metadata.tables[PREFIX + name], {f"{name}_id": scope_id})
    if found in (Scope.DIVISION, Scope.UNIT):
        actor.need_division(owner.division_id)
    return found


def _rows(connection: Connection, scope: Scope, scope_id: int) -> dict[str, Any]:
    """Rows of a scope by key, deleted ones too."""
    rows = connection.execute(
        select(_TABLE).where(_TABLE.c.scope == int(scope), _TABLE.c.scope_id == scope_id)
    )
    return {row.setting_key: row for row in rows}


def _read(setting: Setting[Any], row: Any) -> str | None:
    """The text of a live row, as the declaration writes it; None where it is broken or none."""
    if row is None or row.deleted_at is not None:
        return None
    try:
        return setting.text_of(setting.value_of(row.value))
    except AppError:
        return None


def get_settings(asked: wire.GetSettings | wire.EditSettings, reading: Reading) -> wire.Settings:
    """Every declared setting of the scope; also what stands now, for a stale edit."""
    connection = reading.connection
    scope = _scope_of(connection, reading.actor, asked.scope, asked.scope_id)
    own = _rows(connection, scope, asked.scope_id)
    above = own if scope is Scope.SYSTEM else _rows(connection, Scope.SYSTEM, 0)
    values = [
        _value(setting, own.get(setting.key), above.get(setting.key))
        for setting in dict.fromkeys(SETTINGS.values())
        if scope in setting.scopes
    ]
    return wire.Settings(scope=asked.scope, scope_id=asked.scope_id, values=values)


def _value(setting: Setting[Any], row: Any, system: Any) -> wire.SettingValue:
    mine, default = _read(setting, row), setting.text_of(setting.default)
    live = row is not None and row.deleted_at is None
    upper = _read(setting, system)
    in_force = next(text for text in (mine, upper, default) if text is not None)
    return wire.SettingValue(
        key=setting.key,
        value=row.value if live and not setting.secret else None,
        in_force="" if setting.secret else in_force,
        default=default,
        is_broken=live and mine is None,
        version=row.version if live else None,
    )


# ---------------------------------------------------------------------- changing


def edit_settings(asked: wire.EditSettings, editing: Editing) -> wire.SettingsChanged:
    """Set or take back some settings; one that is refused refuses all."""
    if len(asked.changes) > MOST:
        raise AppError(ErrorCode.TOO_MANY_ITEMS, count=len(asked.changes), limit=MOST)
    connection = editing.connection
    scope = _scope_of(connection, editing.actor, asked.scope, asked.scope_id)
    rows = _rows(connection, scope, asked.scope_id)
    seen: set[str] = set()
    for change in asked.changes:
        setting = _declared(change.key, scope)
        if setting.key in seen:
            raise AppError(ErrorCode.FIELD_BAD, field="key", value=change.key[:60])
        seen.add(setting.key)
        row = {"setting_key": setting.key, "scope": int(scope), "scope_id": asked.scope_id}
        _write(editing, row, rows.get(setting.key), change, _text(editing, setting, change))
    if seen:
        _tell(editing, f"{scope.name.lower()} {asked.scope_id}: {', '.join(sorted(seen))}")
    after = _rows(connection, scope, asked.scope_id)
    return wire.SettingsChanged(
        versions=[
            wire.SettingVersion(key=key, version=_version(after.get(key))) for key in sorted(seen)
        ]
    )


def _tell(editing: Editing, details: str) -> None:
    """A line of the access journal; its table is of a storey above, so it is found by name."""
    actor = editing.actor
    editing.connection.execute(
        insert(journal("user_activity")).values(
            user_activity_id=editing.ids.take("change"),
            at=editing.now,
            user_id=actor.user_id or None,
            login=actor.login[:60] or None,
            what="settings_changed",
            host=actor.host[:60] or None,
            application=actor.application[:30] or None,
            details=details[:500],
        )
    )


def _declared(key: str, scope: Scope) -> Setting[Any]:
    setting = SETTINGS.get(key)
    if setting is None:
        shown = key[:60]
        raise AppError(ErrorCode.SETTING_UNKNOWN, key=shown, nearest=nearest(shown, SETTINGS))
    if scope not in setting.scopes:
        raise AppError(ErrorCode.FIELD_BAD, field="scope", value=str(int(scope)))
    return setting


def _text(editing: Editing, setting: Setting[Any], change: wire.SettingEdit) -> str | None:
    """The value as it is stored; checked against its declaration, its row and the rights."""
    value = setting.default if change.value is None else setting.value_of(change.value)
    if setting.key == MAILING_TEST.key and not value:
        editing.actor.need("mailing.live")
    if change.value is None:
        return None
    if setting.key in REFERENCES:
        target = metadata.tables[PREFIX + REFERENCES[setting.key]]
        check_reference(editing.connection, target, setting.key, value)
    return setting.text_of(value)


def _version(row: Any) -> int | None:
    return None if row is None or row.deleted_at is not None else row.version


def _write(
    editing: Editing, key: Mapping[str, Any], row: Any, change: wire.SettingEdit, text: str | None
) -> None:
    stands = _version(row)
    if change.version != stands:
        user, when = (row.updated_by, row.updated_at.isoformat()) if row is not None else (None, "")
        raise AppError(ErrorCode.STALE_EDIT, user=user, time=when)
    if text is None:
        if stands is not None:
            editing.log.delete(_TABLE, key, expected_version=stands)
    elif row is None:
        editing.log.insert(_TABLE, {**key, "value": text})
    elif stands is None:
        back = {"value": text, "deleted_at": None}
        editing.log.edit(_TABLE, key, back, action=Action.RESTORE)
    else:
        editing.log.edit(_TABLE, key, {"value": text}, expected_version=stands)
