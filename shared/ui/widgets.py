"""Small pieces that windows are put together from: labels by role, buttons, bars, notices."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from shared.i18n.texts import Text, tr
from shared.ui.icons import icon
from shared.ui.theme import STEP, Tone

HIDE = tr("Скрыть сообщение", "Hide the message")


def label(text: Text | str = "", role: str | None = None, parent: QWidget | None = None) -> QLabel:
    """A label; `role` is title, heading, figure, faint or fault."""
    made = QLabel(str(text), parent)
    if role is not None:
        made.setProperty("role", role)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


def wrapped(text: Text | str, role: str | None = None, parent: QWidget | None = None) -> QLabel:
    """A label of several lines that can be copied from."""
    made = label(text, role, parent)
    made.setWordWrap(True)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made


def button(
    text: Text | str,
    pressed: Callable[[], object] | None = None,
    role: str | None = None,
    parent: QWidget | None = None,
) -> QPushButton:
    """A button; `role` is main, danger or link."""
    made = QPushButton(str(text), parent)
    if role is not None:
        made.setProperty("role", role)
    made.setAutoDefault(False)
    if pressed is not None:
        made.clicked.connect(lambda *_: pressed())
    return made


def tool(
    name: str,
    tip: Text,
    pressed: Callable[[], object] | None = None,
    parent: QWidget | None = None,
) -> QToolButton:
    """A button with an icon and a tip that is also its accessible name."""
    made = QToolButton(parent)
    made.setIcon(icon(name))
    made.setIconSize(QSize(18, 18))
    made.setProperty("role", "button")
    made.setToolTip(str(tip))
    made.setAccessibleName(str(tip))
    if pressed is not None:
        made.clicked.connect(lambda *_: pressed())
    return made


def rows(*parts: QWidget | QLayout, margin: int = 0, spacing: int = STEP) -> QVBoxLayout:
    """Parts below each other."""
    made = QVBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(spacing)
    for part in parts:
        _add(made, part)
    return made


def line(*parts: QWidget | QLayout | None, margin: int = 0, spacing: int = STEP) -> QHBoxLayout:
    """Parts beside each other; None takes the room that is left."""
    made = QHBoxLayout()
    made.setContentsMargins(margin, margin, margin, margin)
    made.setSpacing(spacing)
    for part in parts:
        if part is None:
            made.addStretch(1)
        else:
            _add(made, part)
    return made


def _add(layout: QHBoxLayout | QVBoxLayout, part: QWidget | QLayout) -> None:
    if isinstance(part, QWidget):
        layout.addWidget(part)
    else:
        layout.addLayout(part)


def frame(role: str, layout: QLayout, parent: QWidget | None = None) -> QFrame:
    """A frame by role: card, bar, side or notice."""
    made = QFrame(parent)
    made.setProperty("role", role)
    made.setLayout(layout)
    return made


def restyle(widget: QWidget) -> None:
    """A property that the sheet of styles looks at was changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while layout.count():
        item = layout.takeAt(0)
        if item is None:
            return
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


class Notice(QFrame):
    """A strip that says something where it matters; with a button for what to do."""

    pressed = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None, *, can_close: bool = True) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self.text = wrapped("", None, self)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = button("", self.pressed.emit, "link", self)
        self._close = tool("close", HIDE, self._hide, self)
        self._close.setAutoRaise(True)
        self._close.setProperty("role", "")
        self._close.setVisible(can_close)
        self.setLayout(line(self.text, self.action, self._close, margin=STEP))
        self.hide()

    def tell(self, text: Text | str, tone: Tone = Tone.BAD, action: Text | None = None) -> None:
        """Show a sentence."""
        self.setProperty("tone", tone.value)
        restyle(self)
        self.text.setText(str(text))
        self.action.setVisible(action is not None)
        self.action.setText("" if action is None else str(action))
        self.show()

    def _hide(self) -> None:
        self.hide()
        self.closed.emit()
