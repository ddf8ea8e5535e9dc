"""What fields look like: a widget for each kind of field, all with the same few words.

`typed()` is what the widget holds, `put()` fills it without telling, `edited` tells that a person
changed it.
"""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QDate, QObject, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QWheelEvent
from PySide6.QtWidgets import (
    QCalendarWidget,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from shared.i18n import formats
from shared.i18n.texts import tr
from shared.ui.fields import ChoiceField, DayField, Field, NameField, TextField
from shared.ui.icons import icon
from shared.ui.workplace import Workplace

PICK_DAY = tr("Выбрать день", "Pick a day")
NOTHING = tr("не указано", "not set")
LINE: Final = 22


class FieldWidget(QObject):
    """One field on the screen."""

    edited = Signal()

    def __init__(self, field: Field, widget: QWidget) -> None:
        super().__init__(widget)
        self.field = field
        self.widget = widget
        widget.setObjectName(field.name)
        widget.setAccessibleName(str(field.label))
        if field.help is not None:
            widget.setToolTip(str(field.help))
            widget.setAccessibleDescription(str(field.help))

    def typed(self) -> Any:
        """What the widget holds."""
        raise NotImplementedError

    def put(self, typed: Any) -> None:
        """Fill the widget."""
        raise NotImplementedError

    def value(self) -> Any:
        """The field's value; raises `Fault`."""
        return self.field.parse(self.typed())

    def mark(self, *, is_wrong: bool) -> None:
        """Draw the frame of a wrong value."""
        if bool(self.widget.property("fault")) != is_wrong:
            self.widget.setProperty("fault", is_wrong)
            self.widget.style().unpolish(self.widget)
            self.widget.style().polish(self.widget)

    def lock(self, *, is_locked: bool) -> None:
        """Let it be read, not changed."""
        self.widget.setEnabled(not is_locked)


class LineWidget(FieldWidget):
    """One line: texts, numbers, money, phones."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        self.line = QLineEdit(parent)
        super().__init__(field, self.line)
        if field.kind == "secret":
            self.line.setEchoMode(QLineEdit.EchoMode.Password)
        if field.kind == "number":
            self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        if isinstance(field, TextField):
            self.line.setMaxLength(max(field.longest * 2, 40))
        self.line.textEdited.connect(self.edited)
        self.line.editingFinished.connect(self._tidy)

    def typed(self) -> Any:
        """The text."""
        return self.line.text()

    def put(self, typed: Any) -> None:
        """Set the text."""
        with QSignalBlocker(self.line):
            self.line.setText("" if typed is None else str(typed))
            self.line.setCursorPosition(0)

    def lock(self, *, is_locked: bool) -> None:
        """Text of a locked field can still be copied."""
        self.line.setReadOnly(is_locked)

    def _tidy(self) -> None:
        """Show what was understood in its usual form."""
        if self.line.isReadOnly() or self.field.kind in ("secret", "text"):
            return
        try:
            value = self.value()
        except Exception:  # noqa: BLE001 - the form shows the fault beside the field
            return
        if value is not None:
            self.put(self.field.write(value))


class DayWidget(LineWidget):
    """A day, typed or picked."""

    def __init__(self, field: DayField, parent: QWidget) -> None:
        super().__init__(field, parent)
        if field.is_last:
            self.line.setPlaceholderText(formats.last_day(None))
        self._pick = QAction(icon("calendar"), str(PICK_DAY), self.line)
        self._pick.triggered.connect(self._open)
        self.line.addAction(self._pick, QLineEdit.ActionPosition.TrailingPosition)

    def _open(self) -> None:
        if self.line.isReadOnly():
            return
        calendar = QCalendarWidget(self.line)
        calendar.setWindowFlag(Qt.WindowType.Popup)
        calendar.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)
        known = formats.read_day(self.line.text())
        if known is not None:
            calendar.setSelectedDate(QDate(known.year, known.month, known.day))
        calendar.activated.connect(lambda day: self._picked(calendar, day))
        calendar.clicked.connect(lambda day: self._picked(calendar, day))
        calendar.move(self.line.mapToGlobal(QPoint(0, self.line.height())))
        calendar.show()

    def _picked(self, calendar: QCalendarWidget, day: QDate) -> None:
        calendar.close()
        self.put(formats.day(day.toPython()))  # type: ignore[arg-type] # a date, as PySide says
        self.edited.emit()


class TextWidget(FieldWidget):
    """Several lines; Tab leaves the field."""

    def __init__(self, field: TextField, parent: QWidget) -> None:
        self.text = QPlainTextEdit(parent)
        super().__init__(field, self.text)
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(field.lines * LINE + 14)
        self.text.textChanged.connect(self.edited)

    def typed(self) -> Any:
        """The text."""
        return self.text.toPlainText()

    def put(self, typed: Any) -> None:
        """Set the text."""
        with QSignalBlocker(self.text):
            self.text.setPlainText("" if typed is None else str(typed))

    def lock(self, *, is_locked: bool) -> None:
        """Text of a locked field can still be copied."""
        self.text.setReadOnly(is_locked)


class FlagWidget(FieldWidget):
    """A box to tick."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        self.box = QCheckBox(str(field.label), parent)
        super().__init__(field, self.box)
        self.box.toggled.connect(self.edited)

    def typed(self) -> Any:
        """Ticked."""
        return self.box.isChecked()

    def put(self, typed: Any) -> None:
        """Tick it or not."""
        with QSignalBlocker(self.box):
            self.box.setChecked(bool(typed))


class StillCombo(QComboBox):
    """A list of choices that a wheel over the form does not change."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Only when it has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ChoiceWidget(FieldWidget):
    """One of a few choices."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        self.combo = StillCombo(parent)
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.combo.setMinimumContentsLength(12)
        super().__init__(field, self.combo)
        if isinstance(field, ChoiceField):
            choices = [(key, str(text)) for key, text in field.choices.items()]
            if not field.needed and field.default is None and None not in field.choices:
                choices.insert(0, (None, str(NOTHING)))
            self.offer(choices)
        self.combo.currentIndexChanged.connect(lambda _: self.edited.emit())

    def offer(self, choices: list[tuple[Any, str]]) -> None:
        """The choices; the present one stays chosen."""
        present = self.typed()
        with QSignalBlocker(self.combo):
            self.combo.clear()
            for key, text in choices:
                self.combo.addItem(text, key)
        if present is not None:
            self.put(present)

    def typed(self) -> Any:
        """The chosen key."""
        return self.combo.currentData()

    def put(self, typed: Any) -> None:
        """Choose; a key that is not offered is offered by its number, so that it is not lost."""
        with QSignalBlocker(self.combo):
            for place in range(self.combo.count()):
                if self.combo.itemData(place) == typed:
                    self.combo.setCurrentIndex(place)
                    return
            self.combo.addItem(str(NOTHING) if typed is None else f"№ {typed}", typed)
            self.combo.setCurrentIndex(self.combo.count() - 1)


class NameWidget(ChoiceWidget):
    """One row of a dictionary, found by typing in a long one."""

    def __init__(self, field: NameField, parent: QWidget, workplace: Workplace) -> None:
        super().__init__(field, parent)
        self._field = field
        self._names = workplace.names
        self._names.changed.connect(self._refill)
        self._refill()

    def _refill(self) -> None:
        rows = self._names.rows(self._field.dictionary)
        present = self.typed()
        found = [
            (key, str(getattr(row, self._field.dictionary.name)))
            for key, row in rows.items()
            if key == present or self._field.dictionary.usable(row)
        ]
        choices: list[tuple[Any, str]] = sorted(found, key=lambda one: one[1].casefold())
        if not self._field.needed or present is None:
            choices.insert(0, (None, str(NOTHING)))
        self.offer(choices)
