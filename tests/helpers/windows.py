"""Drives a real window over a real server in the same process: what GUI tests are written with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from crm_manager.contents import make_shell
from shared.i18n.texts import choose_language
from shared.ui.application import MakeShell, Program, make_application
from shared.ui.dialogs import FormDialog, Question
from shared.ui.list_page import ListPage
from shared.ui.memory import Memory
from shared.ui.page import Page
from shared.ui.shell import Shell
from shared.ui.theme import Tone
from tests.helpers.office import ADMINISTRATOR, Office

PICTURES: Final = "CRM_PICTURES"
"""Names a folder where tests leave what they saw."""
PATIENCE_MS: Final = 8000


def type_text(widget: QWidget, text: str) -> None:
    """Type as an input method does: `keyClicks` aborts at letters that no key carries."""
    if not widget.inputMethodQuery(Qt.InputMethodQuery.ImEnabled):
        return
    event = QInputMethodEvent()
    event.setCommitString(text)
    QApplication.sendEvent(widget, event)


def click(widget: QWidget) -> None:
    """Press the left button of the mouse on a widget."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def press_key(
    widget: QWidget, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    """Press a key while a widget has the focus."""
    QTest.keyClick(widget, key, modifier)


class Window:
    """A main window with somebody signed in, and short words for what a person does."""

    def __init__(self, qtbot: QtBot, office: Office, program: Program, shell: Shell) -> None:
        self.qtbot = qtbot
        self.office = office
        self.program = program
        self.shell = shell
        self.said: list[tuple[str, Tone]] = []
        shell.workplace.said.connect(lambda text, tone: self.said.append((text, tone)))

    # ------------------------------------------------------------------ waiting

    def until(self, fits: Callable[[], bool]) -> None:
        """Wait until something is so."""
        self.qtbot.waitUntil(fits, timeout=PATIENCE_MS)

    def settle(self) -> None:
        """Wait until nothing is asked any more."""
        courier = self.shell.workplace.courier
        self.qtbot.wait(1)
        for _ in range(3):
            self.until(courier.is_idle)
            self.qtbot.wait(1)

    # ------------------------------------------------------------------ going about

    def list_page(self, code: str) -> ListPage:
        """Open a list and wait for its rows."""
        page = self.shell.open_page(code)
        assert isinstance(page, ListPage)
        self.settle()
        page.refresh()
        self.settle()
        return page

    def record(self, kind: str, key: Any) -> Any:
        """Open the page of a record and wait for it."""
        page = self.shell.open_record(kind, key)
        self.settle()
        return page

    def choose(self, page: Any, *rows: int) -> None:
        """Choose rows of a list or a short list."""
        page.table.clearSelection()
        flags = page.table.selectionModel().SelectionFlag
        for row in rows:
            page.table.selectionModel().select(page.model.index(row, 0), flags.Select | flags.Rows)

    def press(self, page: QWidget, name: str) -> None:
        """Press a deed's button by its code."""
        found = next((b for b in page.findChildren(QWidget, name) if b.isVisible()), None)
        if found is None and isinstance(page, ListPage):
            page.run(next(deed for deed in page.spec.deeds if deed.code == name))
            return
        assert found is not None, name
        assert found.isEnabled(), name
        click(found)

    def dialog(self, kind: type[QDialog] = QDialog) -> Any:
        """The dialog that is open now; of a kind, where one stands over another."""
        self.until(lambda: any(isinstance(one, kind) for one in self.dialogs()))
        return [one for one in self.dialogs() if isinstance(one, kind)][-1]

    def dialogs(self) -> list[QDialog]:
        """Dialogs that are open."""
        tops = QApplication.topLevelWidgets()
        return [one for one in tops if isinstance(one, QDialog) and one.isVisible()]

    def fill(self, **values: Any) -> FormDialog:
        """Type into the dialog that is open."""
        dialog: FormDialog = self.dialog(FormDialog)
        dialog.form.fill(values)
        return dialog

    def save(self, **values: Any) -> None:
        """Type, save, and wait until the dialog is gone."""
        dialog = self.fill(**values)
        dialog.save()
        self.until(lambda: dialog not in self.dialogs())
        self.settle()

    def answer(self, code: str) -> None:
        """Answer the question that is open."""
        dialog = self.dialog(Question)
        click(dialog.buttons[code])
        self.settle()

    # ------------------------------------------------------------------ looking

    def texts(self, page: Any, column: str) -> list[str]:
        """What a column of a list shows."""
        place = next(i for i, c in enumerate(page.model.columns) if c.name == column)
        rows = range(page.model.rowCount())
        return [str(page.model.index(row, place).data() or "") for row in rows]

    def picture(self, name: str, widget: QWidget | None = None) -> None:
        """Keep what is seen, if the caller of the tests wants pictures."""
        folder = os.environ.get(PICTURES)
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            (widget or self.shell).grab().save(str(Path(folder) / f"{name}.png"))

    def expect(self, part: str) -> None:
        """A message that was told, and is looked for here."""
        self.until(lambda: any(part in text for text, _ in self.said))
        self.said = [one for one in self.said if part not in one[0]]

    @property
    def page(self) -> Page:
        """What is shown."""
        page = self.shell.page
        assert page is not None
        return page


@contextmanager
def open_window(
    qtbot: QtBot,
    office: Office,
    *,
    login: str = ADMINISTRATOR,
    language: str = "ru",
    scheme: str = "light",
    memory: Memory | None = None,
    make_shell: MakeShell = make_shell,
) -> Iterator[Window]:
    """The Card Editor, or another program, signed in; bad news that no test looked for fail it."""
    kept = memory or Memory()
    kept.put("language", language)
    kept.put("scheme", scheme)
    application = make_application("crm-manager", kept)
    program = Program(application, "crm-manager", kept, make_shell)
    shell = program.work(office.client(login), clock=lambda: office.shop.now)
    window = Window(qtbot, office, program, shell)
    try:
        yield window
    finally:
        for dialog in window.dialogs():
            dialog.hide()
            dialog.deleteLater()
        if program.shell is not None:
            program.shell.leave_now()
            program.shell.deleteLater()
        program.close()
        choose_language("ru")
    bad = [text for text, tone in window.said if tone is Tone.BAD]
    assert not bad, bad
