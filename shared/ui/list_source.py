"""Fetches what a long list shows: the first page at once, then its length, then what is looked at.

Answers of a question that was overtaken are dropped. News of the server make the visible pages be
read again: selection and scroll stay, changed rows flash.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from shared.ui.table_model import RecordTableModel
from shared.ui.workplace import Workplace
from shared.wire.base import Condition, ListQuery, Sort
from shared.wire.errors import AppError

SETTLE_MS: Final = 300
"""News are gathered this long before the list is read again."""


class ListSource(QObject):
    """The pages of one list query, kept in a model."""

    started = Signal()
    """A list is read from its beginning."""
    ready = Signal()
    """Its first page is shown."""
    counted = Signal(int)
    """All rows that fit the filter."""
    failed = Signal(object)
    """The `AppError` that kept a page from being read."""

    def __init__(
        self,
        workplace: Workplace,
        model: RecordTableModel,
        query: ListQuery[Any],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workplace = workplace
        self._model = model
        self._base = query
        self.query = query
        self._wanted: list[int] = []
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._fetch_wanted)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self.visible: Callable[[], tuple[int, int]] = lambda: (0, 0)
        """First and last row on the screen; set by the page."""
        model.wanted.connect(self._want)

    def ask(self, where: list[Condition], sort: Sort | None = None, **own: Any) -> None:
        """Show the list by these conditions, from its beginning; `own` are the query's fields."""
        both = [*self._base.where, *where]
        self.query = msgspec.structs.replace(self._base, where=both, sort=sort, **own)
        self.restart()

    def restart(self) -> None:
        """Read the list from its beginning."""
        self._wanted.clear()
        self.started.emit()
        self._workplace.start(self, self._first(), lane="list", refused=self.failed.emit)

    def news(self) -> None:
        """Something of the list changed: read again what is shown, soon."""
        self._settle.start()

    def refresh(self) -> None:
        """Read again what is shown, in its place."""
        self._workplace.start(self, self._again(), lane="list", refused=self.failed.emit)

    # ------------------------------------------------------------------ errands

    async def _first(self) -> None:
        query = self.query
        size = self._model.rows.page
        page = await self._workplace.ask(msgspec.structs.replace(query, limit=size, after=None))
        self._model.restart()
        self._model.show_page(0, page.rows, page.next)
        self.ready.emit()
        await self._measure(query, more=page.next is not None)

    async def _measure(self, query: ListQuery[Any], *, more: bool) -> None:
        if not more:
            self.counted.emit(self._model.rows.total or 0)
            return
        size = self._model.rows.page
        asked = msgspec.structs.replace(query, limit=1, after=None, count=True, marks=size)
        found = await self._workplace.ask(asked)
        self._model.measure(found.total or 0, found.marks)
        self.counted.emit(found.total or 0)
        if self._wanted:
            self._later.start()

    async def _again(self) -> None:
        query, rows = self.query, self._model.rows
        first, last = self.visible()
        pages = range(rows.page_of(first), rows.page_of(max(last, first)) + 1)
        more = True
        for number in pages:
            if not rows.can_start(number):
                break
            asked = msgspec.structs.replace(query, limit=rows.page, after=rows.start(number))
            page = await self._workplace.ask(asked)
            self._model.show_page(number, page.rows, page.next)
            more = page.next is not None
        self.ready.emit()
        await self._measure(query, more=more or len(pages) == 0)

    def _want(self, page: int) -> None:
        if page not in self._wanted:
            self._wanted.append(page)
            self._later.start()

    def _fetch_wanted(self) -> None:
        rows = self._model.rows
        first, last = self.visible()
        near = {rows.page_of(first), rows.page_of(max(last, first))}
        # what was scrolled past is not fetched any more
        self._wanted = [page for page in self._wanted if page in near and not rows.holds(page)]
        ready = [page for page in self._wanted if rows.can_start(page)]
        if ready:
            self._wanted = [page for page in self._wanted if page not in ready]
            self._workplace.start(self, self._fetch(ready), lane="pages", refused=self._lost)

    async def _fetch(self, pages: list[int]) -> None:
        rows, query = self._model.rows, self.query
        for number in pages:
            asked = msgspec.structs.replace(query, limit=rows.page, after=rows.start(number))
            page = await self._workplace.ask(asked)
            if rows is self._model.rows:
                self._model.show_page(number, page.rows, page.next)

    def _lost(self, error: AppError) -> None:
        self.failed.emit(error)
