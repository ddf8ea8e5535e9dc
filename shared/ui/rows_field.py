"""A field of rows that belong to a record and are saved with it: levels, rates, periods, items.

The value is a tuple of records of the wire. A row is added, changed and taken away in a small form
of declared fields; nothing reaches the server before the whole record is saved.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec
from PySide6.QtWidgets import QWidget

from shared.i18n.texts import Text, tr
from shared.ui.column import Column
from shared.ui.dialogs import ask_form
from shared.ui.field_widgets import FieldWidget
from shared.ui.fields import Field
from shared.ui.form import Section
from shared.ui.table_model import RecordTableModel
from shared.ui.table_view import RecordTableView
from shared.ui.theme import ROW
from shared.ui.widgets import button, line, rows
from shared.ui.workplace import Workplace

ADD = tr("Добавить…", "Add…")
CHANGE = tr("Изменить…", "Change…")
REMOVE = tr("Убрать", "Take away")
TAKE = tr("Готово", "Done")
HEAD: Final = 40


class Drawing(Protocol):
    """Shows the rows as a picture beside the table."""

    def show_rows(self, found: tuple[Any, ...]) -> None:
        """Draw these."""
        ...


@dataclass(frozen=True, kw_only=True)
class RowsField(Field):
    """Rows of a record."""

    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    """The form of one row."""
    record: type[msgspec.Struct]
    """What a row is on the wire."""
    one: Text
    """Of a row, as its form is headed."""
    order: Callable[[Any], Any] | None = None
    """Rows are kept in this order."""
    begin: Callable[[tuple[Any, ...]], dict[str, Any]] | None = None
    """What a new row begins with, by the rows there are."""
    draw: Callable[[QWidget, Workplace], Any] | None = None
    lines: int = 5
    default: Any = ()
    wide: bool = True
    kind: str = "rows"

    def read(self, typed: Any) -> Any:
        """The rows in their order."""
        return tuple(typed) if self.order is None else tuple(sorted(typed, key=self.order))

    def write(self, value: Any) -> Any:
        """The rows as records that can be sent."""
        names = self.record.__struct_fields__
        plain = [self.record(**{n: getattr(row, n) for n in names}) for row in value or ()]
        return self.read(plain)

    def shown(self, value: Any) -> str:
        """The first words of the rows."""
        first = self.columns[0]
        return "; ".join(first.text(row) for row in value or ())

    def own_widget(self, parent: Any, workplace: Any) -> Any:
        """The table with its buttons."""
        return RowsWidget(self, parent, workplace)


class RowsWidget(FieldWidget):
    """The rows."""

    def __init__(self, field: RowsField, parent: QWidget, workplace: Workplace) -> None:
        box = QWidget(parent)
        super().__init__(field, box)
        self._rows_field = field
        self._workplace = workplace
        self._rows: tuple[Any, ...] = ()
        self._is_locked = False
        self.model = RecordTableModel(field.columns, id, workplace.names, box)
        self.table = RecordTableView(self.model, workplace.memory, f"rows_{field.name}", box)
        self.table.setAccessibleName(str(field.label))
        self.table.setFixedHeight(HEAD + field.lines * ROW)
        self.add_button = button(ADD, self.add, None, box)
        self.change_button = button(CHANGE, self.change, None, box)
        self.remove_button = button(REMOVE, self.remove, None, box)
        parts: list[Any] = []
        self.drawing: Any = None
        if field.draw is not None:
            self.drawing = field.draw(box, workplace)
            parts.append(self.drawing)
        buttons = line(None, self.add_button, self.change_button, self.remove_button)
        box.setLayout(rows(*parts, self.table, buttons, spacing=4))
        box.setFocusProxy(self.table)
        self.table.opened.connect(lambda _: self.change())
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._on_choice())
        self._on_choice()

    # ------------------------------------------------------------------ the field

    def typed(self) -> Any:
        """The rows."""
        return self._rows

    def put(self, typed: Any) -> None:
        """Show rows."""
        self._rows = self._rows_field.write(typed)
        self.model.show_all(list(self._rows))
        if self.drawing is not None:
            self.drawing.show_rows(self._rows)
        self._on_choice()

    def lock(self, *, is_locked: bool) -> None:
        """The rows can be read."""
        self._is_locked = is_locked
        self._on_choice()

    def _on_choice(self) -> None:
        chosen = len(self.table.chosen_rows())
        for one in (self.add_button, self.change_button, self.remove_button):
            one.setVisible(not self._is_locked)
        self.change_button.setEnabled(chosen == 1)
        self.remove_button.setEnabled(chosen > 0)

    # ------------------------------------------------------------------ rows

    def add(self) -> None:
        """A new row, in a form."""
        begin = self._rows_field.begin
        values = {} if begin is None else begin(self._rows)
        self._workplace.start(self, self._ask(None, values), lane="row")

    def change(self) -> None:
        """The chosen row, in a form."""
        chosen = self.table.chosen_rows()
        if len(chosen) != 1 or self._is_locked:
            return
        place = chosen[0]
        row = self._rows[place]
        values = {name: getattr(row, name) for name in self._rows_field.record.__struct_fields__}
        self._workplace.start(self, self._ask(place, values), lane="row")

    def remove(self) -> None:
        """Take the chosen rows away."""
        gone = set(self.table.chosen_rows())
        if gone and not self._is_locked:
            self._set(tuple(row for i, row in enumerate(self._rows) if i not in gone))

    async def _ask(self, place: int | None, values: dict[str, Any]) -> None:
        field = self._rows_field

        async def submit(typed: dict[str, Any], _operation_id: str) -> None:
            made = field.record(**{**values, **typed})
            kept = list(self._rows)
            if place is None:
                kept.append(made)
            else:
                kept[place] = made
            self._set(tuple(kept))

        await ask_form(
            self._workplace,
            self.widget,
            field.one,
            field.sections,
            submit,
            values=values,
            main=TAKE,
        )

    def _set(self, found: tuple[Any, ...]) -> None:
        self.put(found)
        self.edited.emit()
