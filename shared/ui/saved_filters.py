"""Sets of filters that a person named, and the ones that stood when the list was left."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from shared.i18n.texts import tr
from shared.ui.dialogs import ask_form
from shared.ui.fields import TextField
from shared.ui.filter_bar import FilterBar
from shared.ui.form import Section
from shared.ui.icons import icon
from shared.ui.workplace import Workplace

TIP = tr("Сохранённые фильтры", "Saved filters")
KEEP = tr("Сохранить фильтр…", "Save this filter…")
FORGET = tr("Удалить «{name}»", 'Delete "{name}"')
TITLE = tr("Сохранить фильтр", "Save the filter")
NAME = TextField(name="name", label=tr("Название", "Name"), needed=True, longest=60)


class SavedFilters(QToolButton):
    """A menu of named filters."""

    def __init__(
        self, workplace: Workplace, code: str, bar: FilterBar, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workplace = workplace
        self._key = f"filters.{code}"
        self._last = f"filter.{code}"
        self._bar = bar
        self.setIcon(icon("tag"))
        self.setProperty("role", "button")
        self.setToolTip(str(TIP))
        self.setAccessibleName(str(TIP))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        self.setVisible(bool(bar.filters))
        bar.changed.connect(self._remember)

    def names(self) -> dict[str, dict[str, Any]]:
        """Named filters."""
        return self._workplace.memory.get(self._key, dict[str, dict[str, Any]], {})

    def restore(self) -> None:
        """The filters that stood when the list was left."""
        last = self._workplace.memory.get(self._last, dict[str, Any], {})
        if last:
            self._bar.put(last)

    def keep(self, name: str) -> None:
        """Name what is set now."""
        self._workplace.memory.put(self._key, {**self.names(), name: self._bar.values()})

    def forget(self, name: str) -> None:
        """Take a name away."""
        left = {known: values for known, values in self.names().items() if known != name}
        self._workplace.memory.put(self._key, left)

    def _remember(self) -> None:
        self._workplace.memory.put(self._last, self._bar.values())

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        known = self.names()
        for name, values in known.items():
            menu.addAction(name).triggered.connect(partial(self._put, values))
        if known:
            menu.addSeparator()
        keep = menu.addAction(str(KEEP))
        keep.setEnabled(bool(self._bar.values()))
        keep.triggered.connect(lambda: self._workplace.start(self, self._ask_name()))
        for name in known:
            menu.addAction(FORGET.of(name=name)).triggered.connect(
                lambda _=False, name=name: self.forget(name)
            )

    def _put(self, values: dict[str, Any], *_: Sequence[object]) -> None:
        self._bar.put(values)

    async def _ask_name(self) -> None:
        async def submit(values: dict[str, Any], _: str) -> None:
            self.keep(str(values["name"]))

        await ask_form(self._workplace, self, TITLE, (Section(None, (NAME,)),), submit)
