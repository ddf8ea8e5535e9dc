"""The view of every list: pills, flashes, blanks; TSV, column chooser, remembered widths."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from shared.i18n.texts import tr
from shared.ui.memory import Memory
from shared.ui.table_model import BLANK_ROLE, DISPLAY, FLASH_ROLE, TONE_ROLE, RecordTableModel
from shared.ui.theme import ROW, colors

COLUMNS = tr("Столбцы", "Columns")
MARGIN: Final = 8
MOST_COPIED: Final = 100_000


class CellDelegate(QStyledItemDelegate):
    """Draws coloured words, rows that just changed, and rows that are still on their way."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One cell."""
        c = colors()
        if index.data(FLASH_ROLE):
            painter.fillRect(_rect(option), QColor(c.flash))
        if index.data(BLANK_ROLE):
            bar = _rect(option).adjusted(MARGIN, 12, -MARGIN * 4, -12)
            painter.fillRect(bar, QColor(c.calm_back))
            return
        tone = index.data(TONE_ROLE)
        if tone is None:
            super().paint(painter, option, index)
            return
        self._back(painter, option, index)
        text = str(index.data(DISPLAY) or "")
        ink, back = c.of(tone)
        metrics = QFontMetrics(_font(option))
        rect = _rect(option)
        width = min(metrics.horizontalAdvance(text) + 18, rect.width() - 4)
        pill = QRect(rect.left() + MARGIN - 2, rect.center().y() - 10, width, 21)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(back))
        painter.drawRoundedRect(pill, 10, 10)
        painter.setPen(QPen(QColor(ink)))
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width - 12)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), shown)
        painter.restore()

    def _back(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """What lies under a coloured word: chosen, every second row, or nothing."""
        empty = QStyleOptionViewItem(option)
        self.initStyleOption(empty, index)
        empty.text = ""
        widget: QWidget | None = option.widget
        style = widget.style() if widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, empty, painter, widget)

    def sizeHint(  # noqa: N802 - Qt's name
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Rows of one height; columns as wide as their text."""
        text = str(index.data(DISPLAY) or "")
        return QSize(QFontMetrics(_font(option)).horizontalAdvance(text) + 4 * MARGIN, ROW)


def _rect(option: QStyleOptionViewItem) -> QRect:
    found: QRect = option.rect
    return found


def _font(option: QStyleOptionViewItem) -> Any:
    return option.font


class RecordTableView(QTableView):
    """A list as every page shows it; `memory_key` is where its columns are remembered."""

    opened = Signal(object)
    """A record was opened: Enter or double click."""

    def __init__(
        self,
        model: RecordTableModel,
        memory: Memory,
        memory_key: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.records = model
        self._memory = memory
        self._key = f"columns.{memory_key}"
        self._restoring = True
        self.setModel(model)
        self.setItemDelegate(CellDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.setDefaultSectionSize(ROW)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.hide()
        head = self.horizontalHeader()
        head.setSectionsMovable(True)
        head.setHighlightSections(False)
        head.setStretchLastSection(True)
        head.setMinimumSectionSize(48)
        head.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        head.customContextMenuRequested.connect(self._choose_at)
        self._restore()
        head.sectionResized.connect(self._remember)
        head.sectionMoved.connect(self._remember)
        self.activated.connect(self._open)

    # ------------------------------------------------------------------ columns

    def shown_columns(self) -> list[int]:
        """Columns in the order in which they are shown."""
        head = self.horizontalHeader()
        places = (head.logicalIndex(place) for place in range(len(self.records.columns)))
        return [column for column in places if not head.isSectionHidden(column)]

    def show_column(self, column: int, *, is_shown: bool) -> None:
        """Show or hide one; the last one stays."""
        if is_shown or len(self.shown_columns()) > 1:
            self.setColumnHidden(column, not is_shown)
        self._remember()

    def column_menu(self) -> QMenu:
        """Every column with a mark if it is shown."""
        menu = QMenu(str(COLUMNS), self)
        for place, column in enumerate(self.records.columns):
            action = QAction(str(column.title), menu)
            action.setCheckable(True)
            action.setChecked(not self.isColumnHidden(place))
            action.toggled.connect(
                lambda on, place=place: self.show_column(place, is_shown=bool(on))
            )
            menu.addAction(action)
        return menu

    def _choose_at(self, point: QPoint) -> None:
        menu = self.column_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.horizontalHeader().mapToGlobal(point))

    def _restore(self) -> None:
        known = self._memory.get(self._key, dict[str, list[int]], {})
        head = self.horizontalHeader()
        for place, column in enumerate(self.records.columns):
            at, width, is_shown = known.get(column.name, [place, column.width, column.is_shown])
            self.setColumnWidth(place, max(int(width), 48))
            self.setColumnHidden(place, not is_shown)
            if 0 <= at < len(self.records.columns):
                head.moveSection(head.visualIndex(place), int(at))
        self._restoring = False

    def _remember(self, *_: object) -> None:
        if self._restoring or not self.isVisible():
            return
        head = self.horizontalHeader()
        self._memory.put(
            self._key,
            {
                column.name: [
                    head.visualIndex(place),
                    self.columnWidth(place) or column.width,
                    int(not self.isColumnHidden(place)),
                ]
                for place, column in enumerate(self.records.columns)
            },
        )

    # ------------------------------------------------------------------ records

    def chosen_rows(self) -> list[int]:
        """Places of chosen rows, in order."""
        selection = self.selectionModel().selection()
        parts = [selection.at(place) for place in range(selection.count())]
        rows = {
            row
            for part in parts
            for row in range(part.top(), min(part.bottom() + 1, part.top() + MOST_COPIED))
        }
        return sorted(rows)

    def chosen(self) -> list[Any]:
        """Chosen records that are in memory, in order."""
        found = (self.records.record(row) for row in self.chosen_rows())
        return [record for record in found if record is not None]

    def current(self) -> Any:
        """The record the cursor is on."""
        return self.records.record(self.currentIndex().row())

    def copy(self) -> str:
        """Chosen rows as TSV with titles, as shown; also put on the clipboard."""
        columns = [self.records.columns[place] for place in self.shown_columns()]
        lines = ["\t".join(str(column.title) for column in columns)]
        lines += [
            "\t".join(column.text(record, self.records.names) for column in columns)
            for record in self.chosen()
        ]
        text = "\n".join(lines)
        QApplication.clipboard().setText(text)
        return text

    def _open(self, index: QModelIndex) -> None:
        record = self.records.record(index.row())
        if record is not None:
            self.opened.emit(record)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Ctrl+C copies rows; Enter opens."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)
