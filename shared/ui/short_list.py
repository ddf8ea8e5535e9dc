"""A short list that is read whole: what belongs to one record, in a tab or beside a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPushButton, QWidget

from shared.i18n.texts import Text, tr
from shared.ui.column import Column
from shared.ui.page import Deed, Page, States, Thread
from shared.ui.table_model import RecordTableModel
from shared.ui.table_view import RecordTableView
from shared.ui.theme import STEP
from shared.ui.widgets import button, label, line, rows
from shared.wire.errors import AppError

Load = Callable[[], Awaitable[Sequence[Any]]]
EMPTY = tr("Пока пусто", "Nothing yet")
NO_WHY = tr("Записи появятся здесь, когда их добавят.", "Rows appear here once they are added.")


class ShortList(QWidget):
    """Records with deeds; `page` is the page it stands on, which deeds get."""

    def __init__(
        self,
        page: Page,
        code: str,
        columns: Sequence[Column],
        key: Callable[[Any], Any],
        load: Load,
        *,
        title: Text | None = None,
        deeds: Sequence[Deed] = (),
        opens: Callable[[Any, Any], object] | None = None,
        empty: Text = EMPTY,
        empty_why: Text = NO_WHY,
    ) -> None:
        super().__init__(page)
        self.page = page
        self._deeds = tuple(deeds)
        self._load = load
        self._opens = opens
        self._empty = (empty, empty_why)
        place = page.workplace
        self.model = RecordTableModel(columns, key, place.names, self)
        self.table = RecordTableView(self.model, place.memory, code, self)
        self.table.setAccessibleName(str(title) if title is not None else code)
        self.states = States(self.table, self)
        self.thread_line = Thread(self)
        self._buttons: list[tuple[Deed, QPushButton]] = []
        for deed in self._deeds:
            role = "danger" if deed.is_danger else None
            made = button(deed.text, partial(self.run, deed), role, self)
            made.setObjectName(deed.code)
            self._buttons.append((deed, made))
        heading = label(title or "", "heading", self)
        head = line(heading, None, *(made for _, made in self._buttons))
        whole = rows(head, self.thread_line, spacing=STEP)
        whole.addWidget(self.states, 1)
        self.setLayout(whole)
        self.states.retry.connect(self.reload)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._on_choice())
        self.table.opened.connect(self._open)
        place.me_changed.connect(self._on_choice)
        for deed in self._deeds:
            if deed.key:
                shortcut = QShortcut(QKeySequence(deed.key), self, partial(self.run, deed))
                shortcut.setContext(shortcut.context().WidgetWithChildrenShortcut)
        self._on_choice()

    def reload(self) -> None:
        """Read it (again)."""
        self.thread_line.run(is_busy=True)
        self.page.workplace.start(self, self._read(), lane="read", refused=self._failed)

    async def _read(self) -> None:
        self.show_records(await self._load())

    def show_records(self, records: Sequence[Any]) -> None:
        """Show what was read elsewhere."""
        chosen = {self.model.key_of(record) for record in self.table.chosen()}
        self.model.show_all(records)
        self.thread_line.run(is_busy=False)
        if records:
            self.states.show_content()
            for row, record in enumerate(records):
                if self.model.key_of(record) in chosen:
                    self.table.selectRow(row)
        else:
            first = next((d for d in self._deeds if d.needs == "nothing" and self._may(d)), None)
            action = None if first is None else (first.text, partial(self.run, first))
            self.states.show_empty(*self._empty, action)
        self._on_choice()

    def _failed(self, error: AppError) -> None:
        self.thread_line.run(is_busy=False)
        self.states.show_error(error)

    # ------------------------------------------------------------------ deeds

    def _may(self, deed: Deed) -> bool:
        return self.page.workplace.may(deed.right)

    def _is_ready(self, deed: Deed) -> bool:
        if not self._may(deed) or deed.needs == "nothing":
            return self._may(deed)
        chosen = self.table.chosen()
        if not chosen or (deed.needs == "one" and len(chosen) != 1):
            return False
        return deed.fits is None or any(deed.fits(record) for record in chosen)

    def _on_choice(self) -> None:
        for deed, made in self._buttons:
            made.setVisible(self._may(deed))
            made.setEnabled(self._is_ready(deed))

    def run(self, deed: Deed) -> None:
        """Do a deed with what is chosen; the list is read again afterwards."""
        if not self._is_ready(deed):
            return
        chosen = [] if deed.needs == "nothing" else self.table.chosen()
        if deed.fits is not None:
            chosen = [record for record in chosen if deed.fits(record)]
        self.page.workplace.start(self, self._do(deed, chosen))

    async def _do(self, deed: Deed, chosen: list[Any]) -> None:
        await deed.run(self.page, chosen)
        self.page.refresh()

    def _open(self, record: Any) -> None:
        if self._opens is not None:
            self._opens(self.page, record)
            return
        first = next((deed for deed in self._deeds if deed.needs == "one"), None)
        if first is not None:
            self.run(first)
