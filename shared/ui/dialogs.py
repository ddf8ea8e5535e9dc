"""Dialogs that are opened and awaited, never run in a loop of their own (architecture 7).

`await ask(...)` for a question, `await ask_form(...)` for a few declared fields and a deed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QLayout, QPushButton, QScrollArea, QWidget

from shared.client.client import Refused, new_operation_id
from shared.i18n.texts import Text, tr
from shared.ui.courier import until
from shared.ui.fields import Fault
from shared.ui.form import Form, Section
from shared.ui.theme import STEP, Tone
from shared.ui.widgets import Notice, button, label, line, rows, wrapped
from shared.ui.workplace import Workplace, sentence
from shared.wire.errors import AppError

CANCEL = tr("Отмена", "Cancel")
SAVE = tr("Сохранить", "Save")
WIDTH: Final = 460

Submit = Callable[[dict[str, Any], str], Awaitable[Any]]


class Dialog(QDialog):
    """A dialog over its window; `answer` waits for its end."""

    def __init__(self, title: Text | str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(str(title))
        self.outcome: Any = None

    async def answer(self) -> Any:
        """Open it, and wait; None when it was cancelled."""
        self.open()
        await until(self.finished)
        outcome = self.outcome
        self.deleteLater()
        return outcome

    def end(self, outcome: Any) -> None:
        """Close with an outcome."""
        self.outcome = outcome
        self.accept()


class Question(Dialog):
    """A sentence and two or three answers."""

    def __init__(
        self,
        title: Text | str,
        text: Text | str,
        answers: Sequence[tuple[str, Text, str | None]],
        parent: QWidget | None,
    ) -> None:
        super().__init__(title, parent)
        self.buttons: dict[str, QPushButton] = {}
        for code, name, role in answers:
            made = button(name, partial(self.end, code), role, self)
            self.buttons[code] = made
        heading = label(title, "heading", self)
        told = wrapped(text, None, self)
        told.setMinimumWidth(WIDTH - 60)
        below = line(None, *self.buttons.values())
        self.setLayout(rows(heading, told, below, margin=2 * STEP, spacing=2 * STEP))
        last = list(self.buttons.values())[-1]
        last.setDefault(True)
        last.setFocus()


async def ask(
    parent: QWidget,
    title: Text | str,
    text: Text | str,
    yes: Text,
    *,
    is_danger: bool = False,
) -> bool:
    """Ask whether to do something that cannot simply be taken back."""
    answers = [("no", CANCEL, None), ("yes", yes, "danger" if is_danger else "main")]
    found = await Question(title, text, answers, parent.window()).answer()
    return bool(found == "yes")


class FormDialog(Dialog):
    """A few fields and one deed; it stays open with everything typed until the deed is done."""

    def __init__(
        self,
        workplace: Workplace,
        title: Text | str,
        sections: Sequence[Section],
        submit: Submit,
        parent: QWidget | None,
        *,
        main: Text = SAVE,
        text: Text | str = "",
        is_danger: bool = False,
        above: QWidget | None = None,
    ) -> None:
        super().__init__(title, parent)
        self._workplace = workplace
        self._submit = submit
        self._sent: tuple[dict[str, Any], str] | None = None
        count = sum(len(section.fields) for section in sections)
        self.form = Form(workplace, sections, self, columns=1 if count <= 6 else 2)  # noqa: PLR2004 - a long form takes two columns
        self.notice = Notice(self)
        self.main = button(main, self.save, "danger" if is_danger else "main", self)
        self.main.setDefault(True)
        self.cancel = button(CANCEL, self.reject, None, self)
        parts: list[QWidget | QLayout] = [label(title, "heading", self)]
        if str(text):
            parts.append(wrapped(text, "faint", self))
        if above is not None:
            parts.append(above)
        parts += [self.notice, self._scrolled(), line(None, self.cancel, self.main)]
        self.setLayout(rows(*parts, margin=2 * STEP, spacing=STEP + 4))
        self.setMinimumWidth(WIDTH if count <= 6 else WIDTH + 240)  # noqa: PLR2004 - as above
        QShortcut(QKeySequence.StandardKey.Save, self, self.save)
        QShortcut(QKeySequence("Ctrl+Return"), self, self.save)

    def _scrolled(self) -> QWidget:
        """A long form scrolls, a short one is as high as it needs."""
        area = QScrollArea(self)
        area.setWidget(self.form)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        wanted = self.form.sizeHint().height() + 4
        area.setMinimumHeight(min(wanted, 520))
        bar = area.verticalScrollBar().sizeHint().width()
        area.setMinimumWidth(self.form.minimumSizeHint().width() + bar)
        return area

    def save(self) -> None:
        """Do the deed with what is typed."""
        if not self.main.isEnabled() or self.form.show_all_faults():
            return
        values = self.form.values()
        if self._sent is None or self._sent[0] != values:
            # the same content keeps its id: a repeat after a lost answer is harmless
            self._sent = (values, new_operation_id())
        self.main.setEnabled(False)
        self.notice.hide()
        self._workplace.start(self, self._do(*self._sent), refused=self._refused)

    async def _do(self, values: dict[str, Any], operation_id: str) -> None:
        try:
            outcome = await self._submit(values, operation_id)
        except Fault as fault:
            self.notice.tell(str(fault), Tone.BAD)
            return
        finally:
            self.main.setEnabled(True)
        self.end(True if outcome is None else outcome)

    def _refused(self, error: AppError) -> None:
        self._sent = None if isinstance(error, Refused) else self._sent
        field = error.field if isinstance(error, Refused) else None
        if field is None or not self.form.show_fault(field, sentence(error)):
            self.notice.tell(sentence(error), Tone.BAD)

    def reject(self) -> None:
        """Esc or Cancel; what was typed is not thrown away silently."""
        if self.form.is_changed and self.isVisible():
            self._workplace.start(self, self._leave())
        else:
            super().reject()

    async def _leave(self) -> None:
        if await ask(self, LEAVE_TITLE, LEAVE_TEXT, LEAVE_YES, is_danger=True):
            super().reject()


LEAVE_TITLE = tr("Закрыть без сохранения?", "Close without saving?")
LEAVE_TEXT = tr("Введённое будет потеряно.", "What you typed will be lost.")
LEAVE_YES = tr("Не сохранять", "Do not save")


async def ask_form(
    workplace: Workplace,
    parent: QWidget,
    title: Text | str,
    sections: Sequence[Section],
    submit: Submit,
    *,
    values: Mapping[str, Any] | None = None,
    main: Text = SAVE,
    text: Text | str = "",
    is_danger: bool = False,
) -> Any:
    """Fields, a deed, and its outcome; None when it was cancelled.

    `submit(values, operation_id)` asks the server; its refusal is shown in the dialog.
    """
    dialog = FormDialog(
        workplace,
        title,
        sections,
        submit,
        parent.window(),
        main=main,
        text=text,
        is_danger=is_danger,
    )
    if values:
        dialog.form.load(values)
    return await dialog.answer()
