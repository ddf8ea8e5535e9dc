"""Keeps the states of licences up to the day while the server runs, for the health page too.

Cards and holders are counted on a reading connection, so that no till waits for it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
import structlog
from sqlalchemy import Connection

from card_server.db.change_log import ChangeIds, ChangeLog, Editor
from card_server.licences.records import Counts
from card_server.licences.repository import count_now
from card_server.licences.service import settle
from shared.wire.errors import AppError
from shared.wire.licences import Licensing

log = structlog.get_logger(__name__)
LOOK_S: Final = 3600.0
"""How often the server looks; a licence that ends at midnight stops within the hour."""


EDITOR: Final = Editor(application="licence check")


class Pipeline(Protocol):
    """The server's database, as far as this room needs it."""

    @property
    def ids(self) -> ChangeIds:
        """Ids inside a change."""

    def read(self, work: Callable[[Connection], Any], done: Callable[[Any], None]) -> None:
        """Ask on a reading connection."""

    def edit(
        self, work: Callable[[Connection, datetime], Any], done: Callable[[Any], None]
    ) -> None:
        """Change in the writer's transaction."""


class LicenceWatch:
    """Looks when it is told to; `shown` is what it saw last."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._seen: Licensing | None = None

    @property
    def shown(self) -> dict[str, object] | None:
        """How the installation stands, for the health page; None before the first look."""
        if self._seen is None:
            return None
        found: dict[str, object] = msgspec.to_builtins(self._seen)
        return found

    def look(self) -> None:
        """Count, then settle; a database that is busy is asked again the next time."""
        self._pipeline.read(count_now, self._counted)

    def _counted(self, found: Counts | AppError) -> None:
        if isinstance(found, AppError):
            log.warning("licences were not counted", code=found.code.value)
            return

        def change(connection: Connection, now: datetime) -> Licensing:
            log = ChangeLog(connection, self._pipeline.ids, EDITOR, now)
            return settle(connection, log, found, now)

        self._pipeline.edit(change, self._settled)

    def _settled(self, found: Licensing | AppError) -> None:
        if isinstance(found, AppError):
            log.warning("licences were not settled", code=found.code.value)
            return
        self._seen = found
