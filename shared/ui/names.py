"""Names behind ids: dictionaries of the server, read once and again when they changed.

`names.of(GROUPS, 3)` is for painting: it answers at once, and asks the server the first time;
`changed` tells when a name is better known. `await names.load(GROUPS)` is for choices in forms.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QObject, Signal

from shared.wire.base import Query
from shared.wire.changes import Changes
from shared.wire.errors import AppError

if TYPE_CHECKING:
    from shared.ui.workplace import Workplace

MOST: Final = 5000
Gather = Callable[[Callable[[Query[Any]], Awaitable[Any]]], Awaitable[list[Any]]]
"""`await gather(ask)`: rows that several questions are needed for."""


@dataclass(frozen=True)
class Dictionary:
    """A list of the server that gives names to ids."""

    query: type[Query[Any]]
    key: str
    tables: frozenset[str]
    """Tables of the change feed that it is made of."""
    name: str = "name"
    usable: Callable[[Any], bool] = field(default=lambda row: getattr(row, "is_active", True))
    """May be chosen for something new."""
    whole: str = ""
    """Field of the reply that has all rows, where the query is no list."""
    gather: Gather | None = None
    """Brings the rows together itself, where no one query has them."""


class Names(QObject):
    """Dictionaries by what declares them."""

    changed = Signal()

    def __init__(self, workplace: Workplace) -> None:
        super().__init__(workplace)
        self._workplace = workplace
        self._rows: dict[Dictionary, dict[int, Any]] = {}
        self._asked: set[Dictionary] = set()
        workplace.live.changed.connect(self._told)

    def of(self, dictionary: Dictionary, key: int | None) -> str:
        """The name of an id; its number while the name is not known."""
        if key is None:
            return ""
        row = self.rows(dictionary).get(key)
        return f"№ {key}" if row is None else str(getattr(row, dictionary.name))

    def rows(self, dictionary: Dictionary) -> Mapping[int, Any]:
        """What is known now; the first question is sent when it is missing."""
        known = self._rows.get(dictionary)
        if known is not None:
            return known
        if dictionary not in self._asked:
            self._asked.add(dictionary)
            self._workplace.start(self, self._fetch(dictionary), refused=lambda _: None)
        return {}

    async def load(self, dictionary: Dictionary) -> Mapping[int, Any]:
        """All rows, read if they are not known."""
        if dictionary not in self._rows:
            await self._fetch(dictionary)
        return self._rows[dictionary]

    async def _fetch(self, dictionary: Dictionary) -> None:
        self._asked.add(dictionary)
        rows: dict[int, Any] = {}
        try:
            if dictionary.gather is not None:
                found = await dictionary.gather(self._workplace.ask)
                rows = {getattr(one, dictionary.key): one for one in found}
            elif dictionary.whole:
                reply = await self._workplace.ask(dictionary.query())
                rows = {
                    getattr(one, dictionary.key): one for one in getattr(reply, dictionary.whole)
                }
            is_list = not dictionary.whole and dictionary.gather is None
            query = dictionary.query(limit=1000) if is_list else None
            while query is not None:
                page = await self._workplace.ask(query)
                rows.update({getattr(row, dictionary.key): row for row in page.rows})
                if page.next is None or len(rows) >= MOST:
                    break
                query = dictionary.query(limit=1000, after=page.next)
        except AppError:
            self._rows.setdefault(dictionary, {})
            raise
        self._rows[dictionary] = rows
        self.changed.emit()

    def _told(self, changes: Changes) -> None:
        tables = {change.table for change in changes.changes}
        stale = [d for d in self._rows if changes.reload or d.tables & tables]
        for dictionary in stale:
            self._workplace.start(self, self._fetch(dictionary), refused=lambda _: None)
