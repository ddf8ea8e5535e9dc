"""The command palette (Ctrl+K): pages, deeds of the page, and records found while typing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QWidget

from shared.i18n.texts import tr
from shared.ui.icons import icon
from shared.ui.theme import STEP
from shared.ui.widgets import rows
from shared.ui.workplace import Workplace

TITLE = tr("Найти и выполнить", "Find and do")
HINT = tr("Страница, действие, гость, карта, телефон…", "A page, a deed, a guest, a card, a phone…")
SEARCH_MS: Final = 200
SHORTEST: Final = 2
SHOWN: Final = 12
WIDTH: Final = 560


@dataclass(frozen=True)
class Entry:
    """A line of the palette."""

    text: str
    run: Callable[[], object]
    hint: str = ""
    icon: str = "list"


Finder = Callable[[str], Awaitable[Sequence[Entry]]]


def score(text: str, asked: str) -> int | None:
    """How well a line fits what was typed: less is better; None does not fit."""
    low, words = text.casefold(), asked.casefold().split()
    total = 0
    for word in words:
        place = low.find(word)
        if place < 0:
            return None
        starts = place == 0 or not low[place - 1].isalnum()
        total += place + (0 if starts else 50)
    return total


class Palette(QDialog):
    """A line and what fits it."""

    def __init__(
        self,
        workplace: Workplace,
        entries: Sequence[Entry],
        finders: Sequence[Finder],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(str(TITLE))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workplace = workplace
        self._entries = tuple(entries)
        self._finders = tuple(finders)
        self._found: list[Entry] = []
        self.line = QLineEdit(self)
        self.line.setPlaceholderText(str(HINT))
        self.line.setAccessibleName(str(TITLE))
        self.line.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.list = QListWidget(self)
        self.list.setProperty("role", "palette")
        self.list.setAccessibleName(str(TITLE))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLayout(rows(self.line, self.list, margin=STEP + 4))
        self.setFixedWidth(WIDTH)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(SEARCH_MS)
        self._typing.timeout.connect(self._search)
        self.line.textChanged.connect(self._on_text)
        self.line.installEventFilter(self)
        self.list.itemClicked.connect(self._run)
        self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Arrows choose, Enter does."""
        del watched
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        steps = {int(Qt.Key.Key_Down): 1, int(Qt.Key.Key_Up): -1}
        if event.key() in steps:
            row = self.list.currentRow() + steps[event.key()]
            self.list.setCurrentRow(max(0, min(row, self.list.count() - 1)))
            return True
        if event.key() in (int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter)):
            item = self.list.currentItem()
            if item is not None:
                self._run(item)
            return True
        return False

    def _on_text(self, text: str) -> None:
        self._found = []
        self._fill()
        if len(text.strip()) >= SHORTEST and self._finders:
            self._typing.start()

    def _search(self) -> None:
        self._workplace.start(self, self._ask(self.line.text().strip()), lane="find")

    async def _ask(self, text: str) -> None:
        found: list[Entry] = []
        for finder in self._finders:
            found += await finder(text)
        self._found = found
        self._fill()

    def _fill(self) -> None:
        asked = self.line.text().strip()
        scored = [(score(entry.text, asked), entry) for entry in self._entries]
        fits = sorted(
            ((mark, entry) for mark, entry in scored if mark is not None), key=lambda pair: pair[0]
        )
        self.list.clear()
        for entry in [*(entry for _, entry in fits), *self._found][: SHOWN * 4]:
            shown = f"{entry.text}    {entry.hint}" if entry.hint else entry.text
            item = QListWidgetItem(icon(entry.icon), shown)
            item.setData(Qt.ItemDataRole.UserRole, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0 if self.list.count() else -1)
        height = sum(self.list.sizeHintForRow(row) for row in range(min(self.list.count(), SHOWN)))
        self.list.setFixedHeight(max(height, 40) + 6)
        self.adjustSize()

    def _run(self, item: QListWidgetItem) -> None:
        entry = item.data(Qt.ItemDataRole.UserRole)
        self.accept()
        entry.run()
