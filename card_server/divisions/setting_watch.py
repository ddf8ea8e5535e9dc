"""Finds stored settings that have no effect and says so: on the health page and in the log.

Whoever reads a setting takes its default when the row holds rubbish, so that a hand in the database
stops no till (domain 6.1); but somebody must hear that what he wrote does not hold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
import structlog
from sqlalchemy import Connection, select

from card_server.divisions import tables
from card_server.divisions.repository import RULES_VERSION_KEY
from shared.settings.card_server import SETTINGS
from shared.settings.declare import nearest
from shared.wire.errors import AppError, ErrorCode

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 60.0
"""How often the server looks; a row is as often written by a script as by a window."""
SHOWN: Final = 20
"""How many the health page names; it counts them all."""
SHOWN_VALUE: Final = 60
OUR_OWN: Final = frozenset({RULES_VERSION_KEY, "system.demo"})
"""Rows that the server keeps for itself; nobody declares them."""


class IdleSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A row without effect; `code` says why: SETTING_BAD or SETTING_UNKNOWN.

    `facts` are those of the refusal: the value and what is allowed, or the nearest key.
    """

    key: str
    scope: int
    scope_id: int
    code: str
    facts: tuple[tuple[str, str], ...]


class Reader(Protocol):
    """The server's database, as far as this room needs it."""

    def read(self, work: Callable[[Connection], Any], done: Callable[[Any], None]) -> None:
        """Ask on a reading connection."""


def idle_settings(connection: Connection) -> list[IdleSetting]:
    """Every stored setting that nobody can obey, in the order of scopes and keys."""
    table = tables.setting
    rows = connection.execute(
        select(table.c.setting_key, table.c.scope, table.c.scope_id, table.c.value)
        .where(table.c.deleted_at.is_(None))
        .order_by(table.c.scope, table.c.scope_id, table.c.setting_key)
    )
    found = []
    for key, scope, scope_id, value in rows:
        fault = fault_of(key, value)
        if fault is not None:
            facts = tuple((name, str(fact)[:SHOWN_VALUE]) for name, fact in fault.facts.items())
            found.append(
                IdleSetting(
                    key=key, scope=scope, scope_id=scope_id, code=fault.code.value, facts=facts
                )
            )
    return found


def fault_of(key: str, value: str) -> AppError | None:
    """Why a row has no effect; a key of an older version is one that nobody reads any more."""
    if key in OUR_OWN:
        return None
    setting = SETTINGS.get(key)
    if setting is None or setting.key != key:
        like = nearest(key, SETTINGS) if setting is None else setting.key
        return AppError(ErrorCode.SETTING_UNKNOWN, key=key, nearest=like)
    try:
        setting.value_of(value)
    except AppError as error:
        return error
    return None


class SettingWatch:
    """Looks when it is told to; `shown` is what it saw last, the log has each finding once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._seen: list[IdleSetting] | None = None

    @property
    def shown(self) -> dict[str, object] | None:
        """For the health page, which anybody may read: no values. None before the first look."""
        if self._seen is None:
            return None
        first = [
            {"key": one.key, "scope": one.scope, "scope_id": one.scope_id, "code": one.code}
            for one in self._seen[:SHOWN]
        ]
        return {"count": len(self._seen), "first": first}

    def look(self) -> None:
        """Read the table; a database that is busy is asked again the next time."""
        self._reader.read(idle_settings, self._found)

    def _found(self, found: list[IdleSetting] | AppError) -> None:
        if isinstance(found, AppError):
            log.warning("stored settings were not looked at", code=found.code.value)
            return
        before = set(self._seen or ())
        self._seen = found
        for one in found:
            if one not in before:
                facts = {**dict(one.facts), "scope": one.scope, "scope_id": one.scope_id}
                log.warning("a stored setting has no effect", code=one.code, **facts)
        if before and not found:
            log.info("every stored setting has its effect again")
