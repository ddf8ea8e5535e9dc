"""The item model of every list: immutable records, declared columns, pages by key.

`RecordTableModel` shows a `RowWindow`; rows that are not in memory are drawn as blanks and asked
for by `wanted`. Painting asks thousands of times a second: `data` returns early for roles it does
not serve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from shared.ui.column import Column
from shared.ui.names import Names
from shared.ui.row_window import RowWindow
from shared.ui.theme import Tone

Index = QModelIndex | QPersistentModelIndex
DISPLAY: Final = int(Qt.ItemDataRole.DisplayRole)
ALIGN: Final = int(Qt.ItemDataRole.TextAlignmentRole)
TIP: Final = int(Qt.ItemDataRole.ToolTipRole)
SPOKEN: Final = int(Qt.ItemDataRole.AccessibleTextRole)
TONE_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
FLASH_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 2
BLANK_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 3
SERVED: Final = frozenset({DISPLAY, ALIGN, TIP, SPOKEN, TONE_ROLE, FLASH_ROLE, BLANK_ROLE})
RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
FLASH_MS: Final = 1200
NOWHERE: Final = QModelIndex()
KeyOf = Callable[[Any], Any]


class RecordTableModel(QAbstractTableModel):
    """Records in rows, `Column` declarations in columns."""

    wanted = Signal(int)
    """A page that is looked at and not in memory."""

    def __init__(
        self,
        columns: Sequence[Column],
        key_of: KeyOf,
        names: Names | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.key_of = key_of
        self.names = names
        self.rows = RowWindow()
        self._shown = 0
        self._flashing: set[Any] = set()
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(FLASH_MS)
        self._calm.timeout.connect(self._end_flash)
        if names is not None:
            names.changed.connect(self.repaint_all)

    # ------------------------------------------------------------------ what Qt asks

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Rows that can be reached."""
        return 0 if parent.isValid() else self._shown

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Declared columns, shown or not."""
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = DISPLAY) -> Any:
        """What a cell shows."""
        if role not in SERVED:
            return None
        column = self.columns[index.column()]
        if role == ALIGN:
            return RIGHT if column.is_right else LEFT
        record = self.rows.record(index.row())
        if record is not None:
            return self._shown_as(role, column, record)
        if role == BLANK_ROLE:
            self.wanted.emit(self.rows.page_of(index.row()))
            return True
        return None

    def _shown_as(self, role: int, column: Column, record: Any) -> Any:
        if role == TONE_ROLE:
            return column.tone(record)
        if role == FLASH_ROLE:
            return bool(self._flashing) and self.key_of(record) in self._flashing
        return False if role == BLANK_ROLE else column.text(record, self.names)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = DISPLAY
    ) -> Any:
        """Titles of columns."""
        if orientation is not Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        if role == ALIGN:
            return RIGHT if self.columns[section].is_right else LEFT
        return str(self.columns[section].title) if role == DISPLAY else None

    # ------------------------------------------------------------------ what pages do

    def record(self, row: int) -> Any:
        """The record of a row, None while it is not in memory."""
        return self.rows.record(row) if 0 <= row < self._shown else None

    def restart(self) -> None:
        """Another list begins."""
        self.beginResetModel()
        self.rows = RowWindow()
        self._shown = 0
        self._flashing.clear()
        self.endResetModel()

    def show_all(self, records: Sequence[Any]) -> None:
        """A short list that is known whole; what changed flashes."""
        before = self._by_key()
        self.beginResetModel()
        self.rows = RowWindow(page=max(len(records), 1))
        self.rows.put(0, records, None)
        self._shown = len(records)
        self.endResetModel()
        self._flash(before, records)

    def show_page(self, page: int, records: Sequence[Any], following: str | None) -> None:
        """A page came; what is different from what was shown there flashes."""
        before = self._by_key() if self.rows.holds(page) else {}
        self.rows.put(page, records, following)
        self._fit()
        first = page * self.rows.page
        last = min(first + len(records), self._shown) - 1
        if last >= first:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
        self._flash(before, records)

    def measure(self, total: int, marks: Sequence[str]) -> None:
        """The length of the list is known."""
        self.rows.measure(total, marks)
        self._fit()

    def repaint_all(self) -> None:
        """Draw everything again."""
        if self._shown:
            last = self.index(self._shown - 1, len(self.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def retitle(self) -> None:
        """The language changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.repaint_all()

    def _fit(self) -> None:
        count = self.rows.count
        if count > self._shown:
            self.beginInsertRows(NOWHERE, self._shown, count - 1)
            self._shown = count
            self.endInsertRows()
        elif count < self._shown:
            self.beginRemoveRows(NOWHERE, count, self._shown - 1)
            self._shown = count
            self.endRemoveRows()

    # ------------------------------------------------------------------ flashing

    def _by_key(self) -> dict[Any, Any]:
        return {
            self.key_of(record): record
            for page in self.rows.loaded()
            for row in range(page * self.rows.page, (page + 1) * self.rows.page)
            if (record := self.rows.record(row)) is not None
        }

    def _flash(self, before: dict[Any, Any], records: Sequence[Any]) -> None:
        if not before:
            return
        fresh = {
            self.key_of(record)
            for record in records
            if before.get(self.key_of(record), record) != record
        }
        if fresh:
            self._flashing |= fresh
            self._calm.start()

    def _end_flash(self) -> None:
        self._flashing.clear()
        self.repaint_all()

    def tone(self, row: int, column: int) -> Tone | None:
        """The colour of a cell."""
        record = self.record(row)
        return None if record is None else self.columns[column].tone(record)
