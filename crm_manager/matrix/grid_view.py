"""The grid on the screen: programs' names over their blocks, till lines chosen from a menu."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from crm_manager.matrix.columns import COLUMNS, KINDS
from crm_manager.matrix.grid_model import GridModel
from shared.i18n.texts import tr
from shared.ui.theme import ROW, colors

BAND: Final = 30
HEAD: Final = 34
NAME: Final = tr("Матрица доступа", "Matrix of access")


class GridDelegate(QStyledItemDelegate):
    """Lays the colour of a cell under it: closed, changed, or of its program's block."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One field."""
        area: QRect = option.rect
        back = index.data(Qt.ItemDataRole.BackgroundRole)
        if back is not None:
            painter.fillRect(area, back)
        super().paint(painter, option, index)
        painter.setPen(QColor(colors().line))
        painter.drawLine(area.bottomLeft(), area.bottomRight())


class ProgramHeader(QHeaderView):
    """Column titles, and above each block the name of its program."""

    def __init__(self, model: GridModel, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._grid = model
        self.setSectionsClickable(True)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Two storeys."""
        return QSize(super().sizeHint().width(), BAND + HEAD)

    def paintSection(  # noqa: N802 - Qt's name
        self,
        painter: QPainter,
        rect: QRect,
        logicalIndex: int,  # noqa: N803 - Qt's name
    ) -> None:
        """A title in the lower storey."""
        super().paintSection(painter, rect.adjusted(0, BAND, 0, 0), logicalIndex)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """The titles, then the names of the programs over them."""
        super().paintEvent(event)
        c = colors()
        painter = QPainter(self.viewport())
        font = self.font()
        font.setBold(True)
        painter.setFont(font)
        for block, program in enumerate(self._grid.programs):
            first = block * len(COLUMNS)
            left = self.sectionViewportPosition(first)
            width = sum(self.sectionSize(first + i) for i in range(len(COLUMNS)))
            area = QRect(left, 0, width, BAND)
            painter.fillRect(area, QColor(c.chosen if block % 2 == 0 else c.calm_back))
            painter.setPen(QColor(c.text))
            # the name stays in sight while its block is scrolled
            seen = area.intersected(self.viewport().rect()).adjusted(8, 0, -8, 0)
            painter.drawText(
                seen, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), program.name
            )
        painter.end()


class GridView(QTableView):
    """The grid."""

    refused = Signal(str)
    """A figure that was not taken, and why."""

    def __init__(self, model: GridModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._grid = model
        self.setAccessibleName(str(NAME))
        self.setHorizontalHeader(ProgramHeader(model, self))
        self.setModel(model)
        self.setItemDelegate(GridDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(
            triggers.DoubleClicked
            | triggers.EditKeyPressed
            | triggers.AnyKeyPressed
            | triggers.SelectedClicked
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.verticalHeader().setMinimumWidth(160)
        self.clicked.connect(self._on_click)
        model.modelReset.connect(self._widths)

    def _widths(self) -> None:
        for section in range(self._grid.columnCount()):
            self.setColumnWidth(section, COLUMNS[section % len(COLUMNS)].width)

    def commitData(self, editor: QWidget) -> None:  # noqa: N802 - Qt's name
        """What was typed is taken, or told why not."""
        super().commitData(editor)
        if self._grid.fault:
            self.refused.emit(self._grid.fault)
            self._grid.fault = ""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter and the blank choose till lines too."""
        index = self.currentIndex()
        is_choice = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if is_choice and index.isValid() and self._grid.column_at(index).kind == "kinds":
            self._on_click(index)
            return
        super().keyPressEvent(event)

    def _on_click(self, index: QModelIndex) -> None:
        """Till lines: a menu with a tick for each."""
        if self._grid.is_locked or self._grid.column_at(index).kind != "kinds":
            return
        menu = self.kinds_menu(index)
        menu.popup(self.viewport().mapToGlobal(self.visualRect(index).bottomLeft()))

    def kinds_menu(self, index: QModelIndex) -> QMenu:
        """The menu of a cell's till lines."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        bits = self._grid.values(self._grid.key_at(index))["pos_kinds"]
        for bit, text in KINDS.items():
            action = menu.addAction(str(text))
            action.setCheckable(True)
            action.setChecked(bool(bits & bit))
            action.toggled.connect(partial(self._turn, self._grid.key_at(index), bit))
        return menu

    def _turn(self, key: tuple[int, int], bit: int, is_on: bool) -> None:  # noqa: FBT001 - a signal
        bits = self._grid.values(key)["pos_kinds"]
        self._grid.change(key, {"pos_kinds": bits | bit if is_on else bits & ~bit})
