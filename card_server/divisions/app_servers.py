"""Registration of the application server: one row of the settings, journalled as any other."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import Connection, select

from card_server.db.change_log import ChangeLog
from card_server.divisions import tables
from card_server.divisions.repository import read_value
from card_server.http.routes import Editing, Reading
from shared.settings.declare import Scope
from shared.settings.house import APP_SERVER
from shared.wire import app_servers as wire
from shared.wire.base import Done
from shared.wire.errors import AppError, ErrorCode

ADDRESS: Final = re.compile(r"(?:https?://)?(?:[\w.-]{1,200}|\[[0-9a-fA-F:.]{2,45}\]):(\d{1,5})")
LARGEST_PORT: Final = 65_535
_TABLE: Final = tables.setting


def checked(address: str) -> str:
    """An address as it is kept; `FIELD_BAD` for anything but `host:port`."""
    text = address.strip().rstrip("/")
    found = ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found[1]) <= LARGEST_PORT:
        raise AppError(ErrorCode.FIELD_BAD, field="address", value=address[:60])
    return text


def get_app_server(_asked: wire.GetAppServer, reading: Reading) -> wire.AppServer:
    """What is registered."""
    return wire.AppServer(address=read_value(reading.connection, APP_SERVER))


def register(asked: wire.RegisterAppServer, editing: Editing) -> Done:
    """Keep the address."""
    address = checked(asked.address)
    keep(editing.connection, editing.log, address)
    return Done()


def cancel(_asked: wire.CancelAppServer, editing: Editing) -> Done:
    """Forget it; what is not registered stays so."""
    keep(editing.connection, editing.log, "")
    return Done()


def keep(connection: Connection, log: ChangeLog, address: str) -> None:
    """Write the setting, as an edit with its journal."""
    key: dict[str, Any] = {"setting_key": APP_SERVER.key, "scope": int(Scope.SYSTEM), "scope_id": 0}
    where = [_TABLE.c[name] == value for name, value in key.items()]
    row = connection.execute(select(_TABLE).where(*where)).first()
    if row is None:
        if address:
            log.insert(_TABLE, {**key, "value": address})
        return
    if row.deleted_at is not None:
        log.restore(_TABLE, key)
    log.edit(_TABLE, key, {"value": address})
