"""What every page of a window answers to, and the states it may be in instead of its content."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QProgressBar, QStackedWidget, QWidget

from shared.i18n.texts import Text, tr
from shared.ui.theme import STEP
from shared.ui.widgets import button, label, line, rows, wrapped
from shared.ui.workplace import Workplace, sentence
from shared.wire.errors import AppError

if TYPE_CHECKING:
    from shared.ui.shell import Shell

RETRY = tr("Повторить", "Try again")
WENT_WRONG = tr("Не получилось показать", "This could not be shown")
NO_RIGHT = tr("Нет права", "No right")
NO_RIGHT_WHY = tr(
    "Для этой страницы нужно право «{right}». Его даёт администратор в программе пользователей.",
    'This page needs the right "{right}". The administrator grants it in the user manager.',
)
CONTENT: Final = 0


@dataclass(frozen=True)
class Deed:
    """Something the person can do: a button, a key, a line of the palette."""

    code: str
    text: Text
    run: Callable[[Any, list[Any]], Coroutine[Any, Any, Any]]
    """`run(page, records)`: an errand."""
    needs: str = "nothing"
    """Chosen records: "nothing", "one" or "some"."""
    right: str = ""
    key: str = ""
    is_main: bool = False
    is_danger: bool = False
    fits: Callable[[Any], bool] | None = None
    """May be done to this record."""
    asks: bool = True
    """Opens a dialog before anything is done."""
    when: Callable[[Any], bool] | None = None
    """Is there at all on this page now."""


class Page(QWidget):
    """One page of a window."""

    retitled = Signal()

    def __init__(self, shell: Shell, title: Text | str) -> None:
        super().__init__()
        self.shell = shell
        self.workplace: Workplace = shell.workplace
        self._title = title

    @property
    def title(self) -> str:
        """What the window and the way back call it."""
        return str(self._title)

    def entered(self) -> None:
        """The page is shown (again)."""

    def refresh(self) -> None:
        """F5."""

    def search_here(self) -> None:
        """Ctrl+F."""

    def is_unsaved(self) -> bool:
        """Something typed here would be lost."""
        return False

    def deeds(self) -> list[tuple[Text, Callable[[], object]]]:
        """What can be done here now, for the palette."""
        return []


class States(QStackedWidget):
    """Content, or what stands there instead: loading, empty, an error, no right."""

    retry = Signal()

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        self.addWidget(content)
        self._instead: QWidget | None = None

    def show_content(self) -> None:
        """The page itself."""
        self._replace(None)

    def show_empty(
        self,
        title: Text | str,
        text: Text | str,
        action: tuple[Text, Callable[[], object]] | None = None,
    ) -> None:
        """Nothing is here yet, and what the next step is."""
        self._replace(_message(title, text, action))

    def show_error(self, error: AppError) -> None:
        """What happened, what to do, and a button to try again."""
        code = label(error.code.value, "faint")
        self._replace(_message(WENT_WRONG, sentence(error), (RETRY, self.retry.emit), code))

    def show_no_right(self, right: str) -> None:
        """Which right is missing."""
        self._replace(_message(NO_RIGHT, NO_RIGHT_WHY.of(right=right), None))

    @property
    def is_content(self) -> bool:
        """The content is shown."""
        return self._instead is None

    def _replace(self, widget: QWidget | None) -> None:
        before = self._instead
        self._instead = widget
        if widget is not None:
            self.addWidget(widget)
            self.setCurrentWidget(widget)
        else:
            self.setCurrentIndex(CONTENT)
        if before is not None:
            self.removeWidget(before)
            before.deleteLater()


def _message(
    title: Text | str,
    text: Text | str,
    action: tuple[Text, Callable[[], object]] | None,
    below: QWidget | None = None,
) -> QWidget:
    heading = label(title, "heading")
    heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
    told = wrapped(text, "faint")
    told.setAlignment(Qt.AlignmentFlag.AlignCenter)
    told.setMaximumWidth(520)
    told.setMinimumWidth(420)
    column = rows(heading, line(None, told, None), spacing=STEP)
    if action is not None:
        column.addLayout(line(None, button(action[0], action[1], "main"), None))
    if below is not None:
        column.addLayout(line(None, below, None))
    made = QWidget()
    outer = rows()
    outer.addStretch(2)
    outer.addLayout(column)
    outer.addStretch(3)
    made.setLayout(outer)
    return made


class Thread(QProgressBar):
    """A thin line that moves while something is asked; it takes its room also when it is still."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "thin")
        self.setTextVisible(False)
        self.setFixedHeight(3)
        self.setRange(0, 1)
        keep = self.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.setSizePolicy(keep)
        self.hide()

    def run(self, *, is_busy: bool) -> None:
        """Move or stand still."""
        self.setRange(0, 0 if is_busy else 1)
        self.setVisible(is_busy)
