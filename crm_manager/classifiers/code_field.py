"""The code of a program: typed, or made by the server in one of three forms (crm-xml.md 4.1).

The value is the code with its kind: what is typed by hand is of kind 9, whatever it was before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton, QWidget

from shared.i18n.texts import Text, tr
from shared.ui.field_widgets import FieldWidget
from shared.ui.fields import NEEDED, Fault, Field
from shared.ui.widgets import label, line, rows
from shared.ui.workplace import Workplace
from shared.wire.classifiers import MakeCode

TYPED: Final = 9
LONGEST: Final = 20
KINDS: Final[dict[int, Text]] = {
    1: tr("20 цифр", "20 digits"),
    2: tr("20 шестнадцатеричных знаков", "20 hexadecimal characters"),
    3: tr("20 букв и цифр", "20 letters and digits"),
}
BY_HAND = tr("введён вручную", "typed by hand")
MADE = tr("сгенерирован: {kind}", "generated: {kind}")
MAKE = tr("Сгенерировать", "Generate")
TOO_LONG = tr("Не больше {limit} знаков, сейчас {n}", "At most {limit} characters, now {n}")
BLANK = tr("Без пробелов", "No blanks")


@dataclass(frozen=True, kw_only=True)
class CodeField(Field):
    """A code and its kind."""

    default: Any = ("", TYPED)
    kind: str = "code"

    def read(self, typed: Any) -> Any:
        """The code trimmed, with its kind."""
        code, kind = str(typed[0]).strip(), int(typed[1])
        if not code:
            raise Fault(str(NEEDED))
        if len(code) > LONGEST:
            raise Fault(TOO_LONG.of(limit=LONGEST, n=len(code)))
        if " " in code or not code.isprintable():
            raise Fault(str(BLANK))
        return code, kind

    def write(self, value: Any) -> Any:
        """As it is."""
        return tuple(value)

    def shown(self, value: Any) -> str:
        """The code alone."""
        return str(value[0])

    def own_widget(self, parent: Any, workplace: Any) -> Any:
        """A line with the generator beside it."""
        return CodeWidget(self, parent, workplace)


class CodeWidget(FieldWidget):
    """The line, the generator's menu, and what kind of code it is."""

    def __init__(self, field: CodeField, parent: QWidget, workplace: Workplace) -> None:
        box = QWidget(parent)
        super().__init__(field, box)
        self._workplace = workplace
        self._kind = TYPED
        self.line = QLineEdit(box)
        self.line.setAccessibleName(str(field.label))
        self.line.setMaxLength(2 * LONGEST)
        self.line.textEdited.connect(self._on_typing)
        self.make_button = QToolButton(box)
        self.make_button.setText(str(MAKE) + " ▾")
        self.make_button.setProperty("role", "button")
        self.make_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.make_button)
        for kind, name in KINDS.items():
            menu.addAction(str(name)).triggered.connect(partial(self._make_slot, kind))
        self.make_button.setMenu(menu)
        self.told = label("", "faint", box)
        box.setLayout(rows(line(self.line, self.make_button), self.told, spacing=3))
        box.setFocusProxy(self.line)

    def typed(self) -> Any:
        """What is in the line, and its kind."""
        return self.line.text(), self._kind

    def put(self, typed: Any) -> None:
        """Show a code."""
        code, self._kind = typed
        with QSignalBlocker(self.line):
            self.line.setText(str(code))
        self._tell()

    def lock(self, *, is_locked: bool) -> None:
        """A locked code can still be copied."""
        self.line.setReadOnly(is_locked)
        self.make_button.setVisible(not is_locked)

    def make(self, kind: int) -> None:
        """Ask the server for a code that no program has."""
        self._workplace.start(self, self._make(kind), lane="make")

    def _make_slot(self, kind: int, *_: object) -> None:
        self.make(kind)

    async def _make(self, kind: int) -> None:
        found = await self._workplace.ask(MakeCode(kind=kind))
        self.put((found.code, kind))
        self.edited.emit()

    def _on_typing(self) -> None:
        self._kind = TYPED
        self._tell()
        self.edited.emit()

    def _tell(self) -> None:
        known = KINDS.get(self._kind)
        kind = str(BY_HAND) if known is None else MADE.of(kind=known)
        self.told.setText(kind if self.line.text() else "")
