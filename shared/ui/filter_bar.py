"""The bar of a list's filters: a widget for each kind, as wide as what is chosen in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from shared.i18n import formats
from shared.i18n.texts import Text, tr
from shared.ui.field_widgets import DayWidget, StillCombo
from shared.ui.fields import DayField
from shared.ui.filters import (
    LIVE,
    PERIODS,
    ChoiceFilter,
    DeletedFilter,
    Filter,
    NameFilter,
    PeriodFilter,
    TextFilter,
)
from shared.ui.flow import FlowLayout
from shared.ui.theme import STEP
from shared.ui.widgets import button
from shared.ui.workplace import Workplace
from shared.wire.base import Condition

ALL: Final = tr("{label}: все", "{label}: all")
SHOWN: Final = tr("{label}: {value}", "{label}: {value}")
RESET: Final = tr("Сбросить", "Reset")
FROM, TO = tr("с", "from"), tr("по", "to")
TYPING_MS: Final = 300
WIDEST: Final = 260


class FilterBar(QWidget):
    """All filters of a list in a row; `changed` when one of them is."""

    changed = Signal()

    def __init__(
        self, workplace: Workplace, filters: Sequence[Filter], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workplace = workplace
        self.filters = tuple(filters)
        self._widgets: dict[str, _FilterWidget] = {}
        layout = FlowLayout(self, STEP)
        for one in self.filters:
            widget = _widget_of(one, workplace, self)
            widget.changed.connect(self._on_change)
            self._widgets[one.name] = widget
            layout.addWidget(widget)
        self.reset_button = button(RESET, self.reset, "link", self)
        layout.addWidget(self.reset_button)
        self.reset_button.hide()
        self.setVisible(bool(self.filters))

    def values(self) -> dict[str, Any]:
        """What is set, by the filter's name."""
        return {n: w.value() for n, w in self._widgets.items() if w.value() is not None}

    def put(self, values: Mapping[str, Any]) -> None:
        """Set all of them; what cannot be set is left out."""
        for name, widget in self._widgets.items():
            widget.put(values.get(name))
        self._on_change()

    def reset(self) -> None:
        """Take all of them off."""
        self.put({})

    def conditions(self) -> list[Condition]:
        """What the server is asked for."""
        values, today = self.values(), self._workplace.today
        return [
            condition
            for one in self.filters
            if one.name in values
            for condition in one.conditions(values[one.name], today)
        ]

    def own(self) -> dict[str, Any]:
        """Fields of the query itself."""
        values = self.values()
        found: dict[str, Any] = {}
        for one in self.filters:
            if one.name in values:
                found.update(one.own(values[one.name]))
        return found

    def _on_change(self) -> None:
        self.reset_button.setVisible(bool(self.values()))
        self.changed.emit()


class _FilterWidget(QWidget):
    changed = Signal()

    def value(self) -> Any:
        """What is set; None is nothing."""
        raise NotImplementedError

    def put(self, value: Any) -> None:
        """Set it without telling."""
        raise NotImplementedError


class _Combo(_FilterWidget):
    """Choices, names, periods: one list that says what it is about."""

    def __init__(self, one: Filter, parent: QWidget) -> None:
        super().__init__(parent)
        self.filter = one
        self.nothing: Text | str = LIVE if isinstance(one, DeletedFilter) else ""
        self.combo = StillCombo(self)
        self.combo.setObjectName(one.name)
        self.combo.setAccessibleName(str(one.label))
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.addWidget(self.combo)
        self.combo.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.combo.currentTextChanged.connect(lambda _: self._fit())

    def _fit(self) -> None:
        """As wide as what is chosen, not as the longest choice."""
        width = self.combo.fontMetrics().horizontalAdvance(self.combo.currentText())
        self.combo.setFixedWidth(min(width + 44, WIDEST))
        popup = self.combo.view()
        popup.setMinimumWidth(popup.sizeHintForColumn(0) + 24)
        self.updateGeometry()

    def offer(self, choices: Sequence[tuple[Any, str]]) -> None:
        present = self.combo.currentData()
        label = str(self.filter.label)
        with QSignalBlocker(self.combo):
            self.combo.clear()
            self.combo.addItem(str(self.nothing) or ALL.of(label=label), None)
            for key, text in choices:
                self.combo.addItem(SHOWN.of(label=label, value=text), key)
        self.put(present)

    def value(self) -> Any:
        return self.combo.currentData()

    def put(self, value: Any) -> None:
        with QSignalBlocker(self.combo):
            found = [p for p in range(self.combo.count()) if self.combo.itemData(p) == value]
            self.combo.setCurrentIndex(found[0] if found else 0)
        self._fit()


class _Names(_Combo):
    def __init__(self, one: NameFilter, workplace: Workplace, parent: QWidget) -> None:
        super().__init__(one, parent)
        self._dictionary = one.dictionary
        self._names = workplace.names
        self._pending: Any = None
        self._names.changed.connect(self._refill)
        self._refill()

    def put(self, value: Any) -> None:
        super().put(value)
        self._pending = value if self.combo.currentData() != value else None

    def _refill(self) -> None:
        rows = self._names.rows(self._dictionary).items()
        named = [(key, str(getattr(row, self._dictionary.name))) for key, row in rows]
        pending = self._pending
        self.offer(sorted(named, key=lambda pair: pair[1].casefold()))
        if pending is not None:
            self.put(pending)
            if self.value() == pending:
                self.changed.emit()


class _Line(_FilterWidget):
    def __init__(self, one: TextFilter, parent: QWidget) -> None:
        super().__init__(parent)
        self.line = QLineEdit(self)
        self.line.setObjectName(one.name)
        self.line.setPlaceholderText(str(one.label))
        self.line.setAccessibleName(str(one.label))
        self.line.setClearButtonEnabled(True)
        self.line.setMinimumWidth(160)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.line)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(TYPING_MS)
        self._typing.timeout.connect(self.changed)
        self.line.textChanged.connect(lambda _: self._typing.start())

    def value(self) -> Any:
        return self.line.text().strip() or None

    def put(self, value: Any) -> None:
        with QSignalBlocker(self.line):
            self.line.setText(value if isinstance(value, str) else "")


class _Period(_Combo):
    def __init__(self, one: PeriodFilter, parent: QWidget) -> None:
        super().__init__(one, parent)
        self._ends = [
            DayWidget(DayField(name=f"{one.name}_{end}", label=text), self)
            for end, text in (("from", FROM), ("to", TO))
        ]
        for end, text in zip(self._ends, (FROM, TO), strict=True):
            end.line.setPlaceholderText(str(text))
            end.line.setFixedWidth(120)
            end.edited.connect(self._typed)
            self.row.addWidget(end.line)
        self.offer([(key, str(text)) for key, text in PERIODS.items()])
        self.combo.currentIndexChanged.connect(lambda _: self._show_ends())
        self._show_ends()

    def value(self) -> Any:
        chosen = self.combo.currentData()
        if chosen != "own":
            return chosen
        days = [formats.read_day(end.line.text()) for end in self._ends]
        if days == [None, None]:
            return None
        return [None if day is None else day.isoformat() for day in days]

    def put(self, value: Any) -> None:
        is_own = isinstance(value, list)
        super().put("own" if is_own else value)
        parts = value if is_own else [None, None]
        for end, part in zip(self._ends, parts, strict=False):
            end.put(formats.day(date.fromisoformat(part)) if part else "")
        self._show_ends()

    def _show_ends(self) -> None:
        for end in getattr(self, "_ends", []):
            end.line.setVisible(self.combo.currentData() == "own")

    def _typed(self) -> None:
        texts = [end.line.text().strip() for end in self._ends]
        if all(not text or formats.read_day(text) is not None for text in texts):
            self.changed.emit()


DELETED: Final = tr("удалённые", "deleted")


def _widget_of(one: Filter, workplace: Workplace, parent: QWidget) -> _FilterWidget:
    if isinstance(one, NameFilter):
        return _Names(one, workplace, parent)
    if isinstance(one, PeriodFilter):
        return _Period(one, parent)
    if isinstance(one, TextFilter):
        return _Line(one, parent)
    combo = _Combo(one, parent)
    if isinstance(one, ChoiceFilter):
        combo.offer([(key, str(text)) for key, text in one.choices.items()])
    elif isinstance(one, DeletedFilter):
        combo.offer([(True, str(DELETED))])
    return combo
