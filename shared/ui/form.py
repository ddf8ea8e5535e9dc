"""A declared form: sections of fields, faults beside them, changed marks, undo, mine and theirs.

The form keeps three values of a field: what was loaded, what is typed now, and, after somebody
else saved, theirs. `changes()` is what an edit sends: only fields that are different.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QGridLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from shared.i18n.texts import Text, tr
from shared.ui.field_kinds import widget_of
from shared.ui.field_widgets import FieldWidget, FlagWidget
from shared.ui.fields import Fault, Field
from shared.ui.theme import STEP
from shared.ui.workplace import Workplace

CHANGED = tr("изменено, было: {old}", "changed, was: {old}")
EMPTY = tr("пусто", "empty")
COLUMNS: Final = 2


@dataclass(frozen=True)
class Section:
    """Fields under one heading."""

    title: Text | None
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed."""

    field: Field
    mine: Any
    theirs: Any


class _Cell:
    """Label, widget and fault of one field."""

    def __init__(self, form: Form, field: Field, workplace: Workplace) -> None:
        self.field = field
        self.box = QWidget(form)
        column = QVBoxLayout(self.box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self.shown: FieldWidget = widget_of(field, self.box, workplace)
        self.label = QLabel(str(field.label) + (" *" if field.needed else ""), self.box)
        self.label.setProperty("role", "faint")
        self.label.setBuddy(self.shown.widget)
        self.label.setVisible(not isinstance(self.shown, FlagWidget))
        self.fault = QLabel(self.box)
        self.fault.setProperty("role", "fault")
        self.fault.setWordWrap(True)
        self.fault.hide()
        if not isinstance(self.shown, FlagWidget):
            column.addWidget(self.label)
        column.addWidget(self.shown.widget)
        column.addWidget(self.fault)
        column.addStretch(1)

    def show(self, fault: str | None, *, is_changed: bool, was: str) -> None:
        """Draw the fault and the mark of a change."""
        self.fault.setText(fault or "")
        self.fault.setVisible(fault is not None)
        self.shown.mark(is_wrong=fault is not None)
        role = "changed" if is_changed else "faint"
        if self.label.property("role") != role:
            self.label.setProperty("role", role)
            self.label.style().unpolish(self.label)
            self.label.style().polish(self.label)
        self.label.setToolTip(was if is_changed else "")


class Form(QWidget):
    """Fields of one record on the screen."""

    edited = Signal()
    """What may be saved changed."""

    def __init__(
        self,
        workplace: Workplace,
        sections: Sequence[Section],
        parent: QWidget | None = None,
        *,
        columns: int = COLUMNS,
    ) -> None:
        super().__init__(parent)
        self.sections = tuple(sections)
        self._cells: dict[str, _Cell] = {}
        self._loaded: dict[str, Any] = {}
        self._before: dict[str, Any] = {}
        self._undo: list[tuple[str, Any]] = []
        self._redo: list[tuple[str, Any]] = []
        self._typing: str | None = None
        self._told: dict[str, str] = {}
        self._touched: set[str] = set()
        self._is_locked = False
        self._lay_out(workplace, columns)
        self.load({})

    def _lay_out(self, workplace: Workplace, columns: int) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(3 * STEP)
        grid.setVerticalSpacing(STEP + 4)
        row = 0
        for section in self.sections:
            if section.title is not None:
                heading = QLabel(str(section.title), self)
                heading.setProperty("role", "heading")
                grid.addWidget(heading, row, 0, 1, columns)
                row += 1
            place = 0
            for field in section.fields:
                cell = self._cells[field.name] = _Cell(self, field, workplace)
                cell.shown.edited.connect(lambda name=field.name: self._on_edit(name))
                cell.shown.widget.installEventFilter(self)
                if field.wide and place:
                    row, place = row + 1, 0
                grid.addWidget(cell.box, row, place, 1, columns if field.wide else 1)
                place += columns if field.wide else 1
                if place >= columns:
                    row, place = row + 1, 0
            if place:
                row += 1
        for column in range(columns):
            grid.setColumnStretch(column, 1)
        grid.setRowStretch(row, 1)

    # ------------------------------------------------------------------ values

    @property
    def fields(self) -> tuple[Field, ...]:
        """All fields in their order."""
        return tuple(field for section in self.sections for field in section.fields)

    def widget(self, name: str) -> QWidget:
        """The widget of a field."""
        return self._cells[name].shown.widget

    def load(self, values: Mapping[str, Any]) -> None:
        """Show a record; fields that are not given get their defaults."""
        self._loaded = {f.name: values.get(f.name, f.default) for f in self.fields}
        for name, cell in self._cells.items():
            cell.shown.put(cell.field.write(self._loaded[name]))
        self._forget_steps()

    def fill(self, values: Mapping[str, Any]) -> None:
        """Type values in, as a person would."""
        for name, value in values.items():
            cell = self._cells[name]
            cell.shown.put(cell.field.write(value))
            self._on_edit(name)
            self._typing = None

    def value(self, name: str) -> Any:
        """What is typed in one field; raises `Fault`."""
        return self._cells[name].shown.value()

    def values(self) -> dict[str, Any]:
        """All values; only for a form without faults."""
        return {name: cell.shown.value() for name, cell in self._cells.items()}

    def changes(self) -> dict[str, Any]:
        """Values that are different from what was loaded."""
        return {name: value for name, value in self.values().items() if self._differs(name, value)}

    def _differs(self, name: str, value: Any) -> bool:
        loaded = self._loaded[name]
        return bool(value != loaded and not (value in (None, "") and loaded in (None, "")))

    def faults(self) -> dict[str, str]:
        """What is wrong, by field."""
        found = {}
        for name, cell in self._cells.items():
            try:
                cell.shown.value()
            except Fault as fault:
                found[name] = str(fault)
        return found

    @property
    def is_valid(self) -> bool:
        """Nothing is wrong."""
        return not self.faults()

    @property
    def is_changed(self) -> bool:
        """Something is different from what was loaded."""
        return any(self._is_changed(name) for name in self._cells)

    def _is_changed(self, name: str) -> bool:
        cell = self._cells[name]
        if cell.shown.typed() == cell.field.write(self._loaded[name]):
            return False
        try:
            return self._differs(name, cell.shown.value())
        except Fault:
            return True

    def lock(self, *, is_locked: bool) -> None:
        """Show only."""
        self._is_locked = is_locked
        for cell in self._cells.values():
            cell.shown.lock(is_locked=is_locked)

    def show_fault(self, name: str, text: str) -> bool:
        """What the server says about a field; false if the form has no such field."""
        last = name.rpartition(".")[2]
        if last not in self._cells:
            return False
        self._told[last] = text
        self._redraw()
        self._cells[last].shown.widget.setFocus()
        return True

    def show_all_faults(self) -> bool:
        """Draw faults of untouched fields too and go to the first; true if there are any."""
        self._touched = set(self._cells)
        self._redraw()
        faults = self.faults()
        for field in self.fields:
            if field.name in faults:
                self._cells[field.name].shown.widget.setFocus()
                return True
        return False

    # ------------------------------------------------------------------ mine and theirs

    def meet(self, theirs: Mapping[str, Any]) -> list[Conflict]:
        """Somebody saved meanwhile: take over what I did not touch; what both changed is told."""
        conflicts = []
        for name, cell in self._cells.items():
            if name not in theirs:
                continue
            if not self._is_changed(name):
                cell.shown.put(cell.field.write(theirs[name]))
            else:
                mine = cell.shown.value()
                if theirs[name] not in (self._loaded[name], mine):
                    conflicts.append(Conflict(cell.field, mine, theirs[name]))
            self._loaded[name] = theirs[name]
        self._forget_steps()
        return conflicts

    # ------------------------------------------------------------------ steps back

    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        """Do it again."""
        self._step(self._redo, self._undo)

    def _step(self, here: list[tuple[str, Any]], there: list[tuple[str, Any]]) -> None:
        if not here or self._is_locked:
            return
        name, typed = here.pop()
        cell = self._cells[name]
        there.append((name, cell.shown.typed()))
        cell.shown.put(typed)
        self._before[name] = typed
        self._typing = None
        cell.shown.widget.setFocus()
        self._redraw()
        self.edited.emit()

    def _forget_steps(self) -> None:
        self._before = {name: cell.shown.typed() for name, cell in self._cells.items()}
        self._undo.clear()
        self._redo.clear()
        self._typing = None
        self._told.clear()
        self._touched.clear()
        self._redraw()
        self.edited.emit()

    def _on_edit(self, name: str) -> None:
        typed = self._cells[name].shown.typed()
        if typed == self._before[name]:
            return
        if self._typing != name:
            self._undo.append((name, self._before[name]))
            self._typing = name
        self._redo.clear()
        self._before[name] = typed
        self._touched.add(name)
        self._told.pop(name, None)
        self._redraw()
        self.edited.emit()

    def _redraw(self) -> None:
        faults = self.faults()
        for name, cell in self._cells.items():
            fault = faults.get(name) if name in self._touched else None
            was = cell.field.shown(self._loaded[name]) or str(EMPTY)
            cell.show(
                fault or self._told.get(name),
                is_changed=self._is_changed(name),
                was=CHANGED.of(old=was),
            )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Ctrl+Z goes back over the whole form, F1 tells about the field."""
        kind = event.type()
        if kind == QEvent.Type.FocusOut:
            self._typing = None
        if not isinstance(event, QKeyEvent):
            return False
        is_step = event.matches(QKeySequence.StandardKey.Undo) or event.matches(
            QKeySequence.StandardKey.Redo
        )
        if kind == QEvent.Type.ShortcutOverride and is_step:
            event.accept()
            return True
        if kind == QEvent.Type.KeyPress and is_step:
            self.undo() if event.matches(QKeySequence.StandardKey.Undo) else self.redo()
            return True
        if kind == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_F1:
            return self._explain(watched)
        return False

    def _explain(self, watched: QObject) -> bool:
        if not isinstance(watched, QWidget) or not watched.toolTip():
            return False
        QToolTip.showText(
            watched.mapToGlobal(watched.rect().bottomLeft()), watched.toolTip(), watched
        )
        return True
