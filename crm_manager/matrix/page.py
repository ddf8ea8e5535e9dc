"""The matrix of account types and programs: one grid, edited in place, saved as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut

from crm_manager.matrix.editor import NAMES, SECTIONS
from crm_manager.matrix.grid_model import CellKey, GridModel
from crm_manager.matrix.grid_view import GridView
from shared.client.client import Refused, new_operation_id
from shared.i18n.error_texts import window_text
from shared.i18n.formats import number
from shared.i18n.texts import Text, counted, language, tr
from shared.ui.dialogs import ask_form
from shared.ui.page import Page, States, Thread
from shared.ui.shell import Shell
from shared.ui.theme import STEP, Tone
from shared.ui.widgets import Notice, button, frame, label, line, rows, wrapped
from shared.ui.workplace import sentence
from shared.wire.changes import Changes
from shared.wire.classifiers import CellEdit, EditMatrix, GetMatrix, MatrixChanged
from shared.wire.errors import AppError, ErrorCode

TITLE = tr("Матрица счетов", "Account matrix")
TEXT = tr(
    "Что каждая программа может делать с каждым типом счёта. Серое закрыто: отметьте право, и оно "
    "откроется. Изменённое подсвечено до сохранения.",
    "What each program may do with each account type. Grey is closed: tick a right to open it. "
    "What is changed is marked until it is saved.",
)
SAVE = tr("Сохранить", "Save")
REVERT = tr("Вернуть", "Revert")
DETAILS = tr("Подробно…", "Details…")
CLOSE = tr("Закрыть доступ", "Close access")
DETAILS_OF = tr("{program}: {kind}", "{program}: {kind}")
SAVED = tr("Сохранено: {n} {cells}", "Saved: {n} {cells}")
CELLS = counted(("ячейка", "ячейки", "ячеек"), ("cell", "cells"))
CHANGED = tr("Изменено: {n} {cells}", "Changed: {n} {cells}")
MEANWHILE = tr(
    "Пока вы правили, матрицу сохранил кто-то другой. Его изменения показаны, ваши подсвечены и "
    "остались: проверьте и сохраните ещё раз",
    "Somebody else saved the matrix meanwhile. Their changes are shown, yours are marked and kept: "
    "check and save again",
)
RIGHT = "classifier.edit"
READ_ONLY = tr(
    "Только просмотр: для изменения нужно право «{right}»",
    'View only: changing needs the right "{right}"',
)
EMPTY = tr("Матрица пуста", "The matrix is empty")
EMPTY_WHY = tr(
    "Добавьте программу и тип счёта: здесь появится их пересечение.",
    "Add a program and an account type: their crossing appears here.",
)
TABLES = frozenset({"classifier", "account_type", "classifier_account_type"})


class MatrixPage(Page):
    """The grid with its buttons."""

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell, TITLE)
        self.model = GridModel(self)
        self.view = GridView(self.model, self)
        self.states = States(self.view, self)
        self.thread_line = Thread(self)
        self.notice = Notice(self)
        self.count = label("", "faint", self)
        self.details_button = button(DETAILS, self.details, None, self)
        self.close_button = button(CLOSE, self.close_access, None, self)
        self.revert_button = button(REVERT, self.revert, None, self)
        self.save_button = button(SAVE, self.save, "main", self)
        self._sent: tuple[list[CellEdit], str] | None = None
        buttons = (self.details_button, self.close_button, self.revert_button, self.save_button)
        head = line(label(TITLE, "title", self), None, *buttons)
        box = frame("plain", rows(self.thread_line, self.states, spacing=0), self)
        whole = rows(head, wrapped(TEXT, "faint", self), self.notice, margin=2 * STEP)
        whole.addWidget(box, 1)
        whole.addWidget(self.count)
        self.setLayout(whole)
        self._connect()
        self._on_rights()

    def _connect(self) -> None:
        self.states.retry.connect(self.refresh)
        self.model.dataChanged.connect(lambda *_: self._on_change())
        self.model.modelReset.connect(self._on_change)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._on_change())
        self.view.refused.connect(lambda text: self.notice.tell(text, Tone.BAD))
        self.workplace.live.changed.connect(self._news)
        self.workplace.me_changed.connect(self._on_rights)
        save = QShortcut(QKeySequence.StandardKey.Save, self, self.save)
        save.setContext(save.context().WidgetWithChildrenShortcut)

    # ------------------------------------------------------------------ reading

    def entered(self) -> None:
        """Read it anew; what was changed stays."""
        self.refresh()

    def refresh(self) -> None:
        """Read it (again)."""
        self.thread_line.run(is_busy=True)
        self.workplace.start(self, self._read(), lane="read", refused=self._read_refused)

    async def _read(self) -> None:
        found = await self.workplace.ask(GetMatrix())
        place = self.view.currentIndex()
        at = place.row(), place.column()
        self.model.show_matrix(found)
        self.view.setCurrentIndex(self.model.index(*at))
        self.thread_line.run(is_busy=False)
        if found.classifiers and found.account_types:
            self.states.show_content()
        else:
            self.states.show_empty(EMPTY, EMPTY_WHY)

    def _read_refused(self, error: AppError) -> None:
        self.thread_line.run(is_busy=False)
        self.states.show_error(error)

    def _news(self, changes: Changes) -> None:
        if changes.reload or any(change.table in TABLES for change in changes.changes):
            self.refresh()

    # ------------------------------------------------------------------ what can be done

    def is_unsaved(self) -> bool:
        """Changed cells would be lost."""
        return self.model.changed > 0

    def deeds(self) -> list[tuple[Text, Callable[[], object]]]:
        """For the palette."""
        return [(SAVE, self.save)] if self.save_button.isEnabled() else []

    def _on_rights(self) -> None:
        may = self.workplace.may(RIGHT)
        self.model.is_locked = not may
        buttons = (self.details_button, self.close_button, self.revert_button, self.save_button)
        for one in buttons:
            one.setVisible(may)
        if not may:
            self.notice.tell(READ_ONLY.of(right=RIGHT), Tone.CALM)
        self._on_change()

    def _on_change(self) -> None:
        changed = self.model.changed
        self.save_button.setEnabled(changed > 0 and self._sent is None)
        self.revert_button.setEnabled(changed > 0)
        told = CHANGED.of(n=number(changed), cells=CELLS.word(changed))
        self.count.setText(told if changed else "")
        key = self._current()
        self.details_button.setEnabled(key is not None)
        self.close_button.setEnabled(key is not None and self.model.is_open(key))

    def _current(self) -> CellKey | None:
        index = self.view.currentIndex()
        return self.model.key_at(index) if index.isValid() else None

    def revert(self) -> None:
        """Throw the changes away."""
        self.notice.hide()
        self.model.forget()

    def close_access(self) -> None:
        """Take the current cell away."""
        key = self._current()
        if key is not None:
            self.model.close(key)

    def details(self) -> None:
        """Everything of the current cell in a form."""
        key = self._current()
        if key is not None:
            self.workplace.start(self, self._details(key), lane="details")

    async def _details(self, key: CellKey) -> None:
        values = self.model.values(key)

        async def submit(typed: dict[str, Any], _operation_id: str) -> None:
            self.model.change(key, {n: v for n, v in typed.items() if v != values[n]})

        program = next(p.name for p in self.model.programs if p.classifier_id == key[0])
        kind = next(t.name for t in self.model.types if t.account_type_id == key[1])
        title = DETAILS_OF.of(program=program, kind=kind)
        begin = {name: values[name] for name in NAMES}
        await ask_form(self.workplace, self, title, SECTIONS, submit, values=begin, main=TAKE)

    # ------------------------------------------------------------------ saving

    def save(self) -> None:
        """Save all changed cells, or none."""
        edits = self.model.edits()
        if not edits or not self.workplace.may(RIGHT):
            return
        if self._sent is None or self._sent[0] != edits:
            # the same content keeps its id: a repeat after a lost answer is harmless
            self._sent = edits, new_operation_id()
        self.save_button.setEnabled(False)
        self.notice.hide()
        self.workplace.start(self, self._save(*self._sent), lane="save", refused=self._refused)

    async def _save(self, edits: list[CellEdit], operation_id: str) -> None:
        reply = await self.workplace.ask(EditMatrix(operation_id=operation_id, cells=edits))
        self._sent = None
        self.model.forget()
        await self._read()
        self._tell(reply)

    def _tell(self, reply: MatrixChanged) -> None:
        count = len(reply.cells)
        self.workplace.say(SAVED.of(n=number(count), cells=CELLS.word(count)))
        told = [window_text(ErrorCode(n.code), language(), n.facts) for n in reply.notices]
        if told:
            self.notice.tell("\n".join(told), Tone.WARN)

    def _refused(self, error: AppError) -> None:
        if isinstance(error, Refused):
            self._sent = None
        if error.code is ErrorCode.STALE_EDIT:
            self.notice.tell(MEANWHILE, Tone.WARN)
            self.refresh()
            return
        self.notice.tell(sentence(error), Tone.BAD)
        self.save_button.setEnabled(True)


TAKE = tr("Взять", "Take")


def make(shell: Shell) -> MatrixPage:
    """The page."""
    return MatrixPage(shell)
