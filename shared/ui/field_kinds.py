"""Which widget shows which kind of field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtWidgets import QWidget

from shared.ui.check_tree import ChecksWidget
from shared.ui.field_widgets import (
    ChoiceWidget,
    DayWidget,
    FieldWidget,
    FlagWidget,
    LineWidget,
    NameWidget,
    TextWidget,
)
from shared.ui.fields import ChecksField, DayField, Field, NameField, TextField
from shared.ui.workplace import Workplace

OWN: Final[tuple[tuple[type[Field], Callable[[Any, QWidget, Workplace], FieldWidget]], ...]] = (
    (NameField, NameWidget),
    (ChecksField, ChecksWidget),
    (DayField, lambda field, parent, _: DayWidget(field, parent)),
)
PLAIN: Final[dict[str, Callable[[Field, QWidget], FieldWidget]]] = {
    "choice": ChoiceWidget,
    "flag": FlagWidget,
}


def widget_of(field: Field, parent: QWidget, workplace: Workplace) -> FieldWidget:
    """The widget of a field."""
    own = field.own_widget(parent, workplace)
    if isinstance(own, FieldWidget):
        return own
    for kind, make in OWN:
        if isinstance(field, kind):
            return make(field, parent, workplace)
    if isinstance(field, TextField) and field.lines > 1:
        return TextWidget(field, parent)
    return PLAIN.get(field.kind, LineWidget)(field, parent)
