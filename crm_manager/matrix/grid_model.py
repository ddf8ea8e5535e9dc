"""The matrix as an item model: account types in rows, a block of columns for each program.

It holds what the server said and, beside it, what was changed since: only the changed fields of the
changed cells, so that a matrix that somebody else saved meanwhile is taken in below them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from crm_manager.matrix.columns import COLUMNS, GridColumn, begin_of, kinds_text
from shared.i18n.texts import tr
from shared.ui.fields import Fault
from shared.ui.theme import colors
from shared.wire.classifiers import Cell, CellEdit, CellFields, ClassifierRow, Matrix, MatrixType

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
NOWHERE: Final = QModelIndex()
RIGHT: Final = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT: Final = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
WAS = tr("изменено, было: {old}", "changed, was: {old}")
NO_CELL = tr("Программе этот счёт не открыт", "This account is closed to the program")
EMPTY: Final = Matrix(classifiers=[], account_types=[], cells=[])

CellKey = tuple[int, int]
"""Program and account type."""


@dataclass
class Draft:
    """What was changed in one cell."""

    fields: dict[str, Any] = field(default_factory=dict)
    remove: bool = False

    def is_empty(self) -> bool:
        """Nothing is left of the change."""
        return not self.fields and not self.remove


class GridModel(QAbstractTableModel):
    """The grid."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.programs: list[ClassifierRow] = []
        self.types: list[MatrixType] = []
        self.is_locked = False
        self._cells: dict[CellKey, Cell] = {}
        self._drafts: dict[CellKey, Draft] = {}
        self.fault = ""
        """Why the last figure was not taken."""

    # ------------------------------------------------------------------ content

    def show_matrix(self, matrix: Matrix) -> None:
        """Take the server's matrix in; what was changed here stays changed."""
        self.beginResetModel()
        self.programs, self.types = matrix.classifiers, matrix.account_types
        self._cells = {(c.classifier_id, c.account_type_id): c for c in matrix.cells}
        keys = {(p.classifier_id, t.account_type_id) for p in self.programs for t in self.types}
        for key in list(self._drafts):
            if key not in keys:
                del self._drafts[key]
            else:
                self._tidy(key)
        self.endResetModel()

    def forget(self) -> None:
        """Throw the changes away."""
        self.beginResetModel()
        self._drafts.clear()
        self.endResetModel()

    @property
    def changed(self) -> int:
        """How many cells are changed."""
        return len(self._drafts)

    def edits(self) -> list[CellEdit]:
        """The changed cells as the command has them."""
        found = []
        for key, draft in sorted(self._drafts.items()):
            cell = self._cells.get(key)
            found.append(
                CellEdit(
                    classifier_id=key[0],
                    account_type_id=key[1],
                    version=None if cell is None else cell.version,
                    remove=draft.remove,
                    fields=CellFields() if draft.remove else CellFields(**draft.fields),
                )
            )
        return found

    # ------------------------------------------------------------------ one cell

    def key_at(self, index: Index) -> CellKey:
        """The program and type of a place in the grid."""
        program = self.programs[index.column() // len(COLUMNS)]
        return program.classifier_id, self.types[index.row()].account_type_id

    def place_of(self, program: int, account_type: int, name: str) -> QModelIndex:
        """Where a field of a cell stands."""
        block = next(i for i, p in enumerate(self.programs) if p.classifier_id == program)
        row = next(i for i, t in enumerate(self.types) if t.account_type_id == account_type)
        column = next(i for i, c in enumerate(COLUMNS) if c.name == name)
        return self.index(row, block * len(COLUMNS) + column)

    def is_open(self, key: CellKey) -> bool:
        """There is a cell, or there will be one."""
        draft = self._drafts.get(key)
        if draft is None:
            return key in self._cells
        return not draft.remove

    def values(self, key: CellKey) -> dict[str, Any]:
        """The cell as it would be saved; of a closed one, what it would begin with."""
        begun = self._stands(key)
        draft = self._drafts.get(key)
        return begun if draft is None else {**begun, **draft.fields}

    def _stands(self, key: CellKey) -> dict[str, Any]:
        cell = self._cells.get(key)
        names = CellFields.__struct_fields__
        if cell is not None:
            return {name: getattr(cell, name) for name in names}
        kind = next(t for t in self.types if t.account_type_id == key[1])
        return begin_of(kind.account_class)

    def change(self, key: CellKey, fields: Mapping[str, Any]) -> None:
        """Change some fields of a cell; a closed one is opened."""
        draft = self._drafts.setdefault(key, Draft())
        draft.remove = False
        draft.fields.update(fields)
        self._tidy(key)
        self._redraw(key)

    def close(self, key: CellKey) -> None:
        """Take a cell away."""
        if key in self._cells:
            self._drafts[key] = Draft(remove=True)
        else:
            self._drafts.pop(key, None)
        self._redraw(key)

    def _tidy(self, key: CellKey) -> None:
        """What is as it was is no change; a cell that is to be made keeps all that was said."""
        draft = self._drafts[key]
        if key not in self._cells:
            if draft.remove:
                del self._drafts[key]
            return
        stands = self._stands(key)
        draft.fields = {n: v for n, v in draft.fields.items() if stands[n] != v}
        if draft.is_empty():
            del self._drafts[key]

    def _redraw(self, key: CellKey) -> None:
        first = self.place_of(*key, COLUMNS[0].name)
        self.dataChanged.emit(first, self.place_of(*key, COLUMNS[-1].name))

    # ------------------------------------------------------------------ what Qt asks

    def rowCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """Account types."""
        return 0 if parent.isValid() else len(self.types)

    def columnCount(self, parent: Index = NOWHERE) -> int:  # noqa: N802 - Qt's name
        """A block for each program."""
        return 0 if parent.isValid() else len(self.programs) * len(COLUMNS)

    def column_at(self, index: Index) -> GridColumn:
        """What stands in a column."""
        return COLUMNS[index.column() % len(COLUMNS)]

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        """Names of the types at the left, of the columns above."""
        if orientation == Qt.Orientation.Vertical:
            return self.types[section].name if role == Role.DisplayRole else None
        column = COLUMNS[section % len(COLUMNS)]
        if role == Role.DisplayRole:
            return str(column.title)
        if role == Role.ToolTipRole:
            program = self.programs[section // len(COLUMNS)]
            return f"{program.name}: {column.tip}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Flags are ticked, figures typed."""
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if self.is_locked or not index.isValid():
            return found
        if self.column_at(index).kind == "flag":
            return found | Qt.ItemFlag.ItemIsUserCheckable
        if self.column_at(index).kind == "number":
            return found | Qt.ItemFlag.ItemIsEditable
        return found

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """One field of one cell."""
        key, column = self.key_at(index), self.column_at(index)
        is_open = self.is_open(key)
        if role == Role.CheckStateRole and column.kind == "flag":
            is_on = is_open and bool(self.values(key)[column.name])
            return Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked
        found: Any = None
        if role == Role.EditRole or (role == Role.DisplayRole and is_open):
            found = self._text(column, self.values(key)[column.name])
        elif role == Role.BackgroundRole:
            found = self._back(index, key, column, is_open=is_open)
        elif role == Role.TextAlignmentRole:
            found = RIGHT if column.kind == "number" else LEFT
        elif role == Role.ToolTipRole:
            found = self._tip(key, column, is_open=is_open)
        return found

    def _text(self, column: GridColumn, value: Any) -> str:
        if column.kind == "kinds":
            return kinds_text(value)
        return "" if column.field is None else str(column.field.write(value))

    def _is_changed(self, key: CellKey, column: GridColumn) -> bool:
        draft = self._drafts.get(key)
        return draft is not None and (draft.remove or column.name in draft.fields)

    def _back(self, index: Index, key: CellKey, column: GridColumn, *, is_open: bool) -> QColor:
        c = colors()
        if self._is_changed(key, column):
            return QColor(c.flash)
        if not is_open:
            return QColor(c.window)
        is_odd = index.column() // len(COLUMNS) % 2
        return QColor(c.alternate if is_odd else c.panel)

    def _tip(self, key: CellKey, column: GridColumn, *, is_open: bool) -> str:
        if self._is_changed(key, column) and key in self._cells:
            value = getattr(self._cells[key], column.name)
            old = str(value) if column.kind == "flag" else self._text(column, value)
            return WAS.of(old=old)
        return str(column.tip) if is_open else str(NO_CELL)

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:  # noqa: N802
        """A tick, or a figure that was typed."""
        key, column = self.key_at(index), self.column_at(index)
        self.fault = ""
        if self.is_locked:
            return False
        if role == Role.CheckStateRole and column.kind == "flag":
            is_on = Qt.CheckState(value) == Qt.CheckState.Checked
            self.change(key, {column.name: is_on})
            return True
        if role != Role.EditRole:
            return False
        try:
            found = value if column.field is None else column.field.parse(value)
        except Fault as fault:
            self.fault = f"{column.tip}: {fault}"
            return False
        if found != self.values(key)[column.name]:
            self.change(key, {column.name: found})
        return True
