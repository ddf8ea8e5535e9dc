"""The editor of one record: a declared form that loads, saves, meets conflicts and keeps its text.

An `EditorSpec` says where the record comes from and which commands change it. `RecordEditor` is
the widget, `RecordDialog` puts it into a dialog; pages of records have it in a tab.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from shared.client.client import Refused, new_operation_id
from shared.i18n.texts import Text, tr
from shared.ui.form import Conflict, Form, Section
from shared.ui.theme import STEP, Tone
from shared.ui.widgets import Notice, button, clear, frame, label, line, rows, wrapped
from shared.ui.workplace import Workplace, sentence
from shared.wire.base import Command, Query, reply_type
from shared.wire.changes import Changes
from shared.wire.errors import AppError, ErrorCode

SAVE = tr("Сохранить", "Save")
REVERT = tr("Вернуть", "Revert")
SAVED = tr("Сохранено", "Saved")
READ_ONLY = tr(
    "Только просмотр: для изменения нужно право «{right}»",
    'View only: changing needs the right "{right}"',
)
MEANWHILE = tr(
    "Пока вы правили, запись сохранил кто-то другой. Его изменения показаны, ваши остались: "
    "проверьте и сохраните ещё раз",
    "Somebody else saved this record meanwhile. Their changes are shown, yours are kept: "
    "check and save again",
)
BOTH = tr("Эти поля изменили и вы, и кто-то другой", "You and somebody else changed these fields")
MINE = tr("моё: {value}", "mine: {value}")
THEIRS = tr("их: {value}", "theirs: {value}")
EMPTY = tr("пусто", "empty")
CHOOSE = tr("Взять выбранное", "Take the chosen")


@dataclass(frozen=True, kw_only=True)
class EditorSpec:
    """A record that can be edited."""

    code: str
    title: Text
    """Of a record, as the dialog is headed."""
    title_new: Text
    sections: tuple[Section, ...]
    fields: type[msgspec.Struct]
    """What an edit sends; every field of the form must be one of its fields, or in `own`."""
    own: frozenset[str] = frozenset()
    """Fields of the form that `add` and `edit` treat themselves."""
    right: str
    get: Callable[[Any], Query[Any]]
    """The question for a record by its key."""
    values: Callable[[Any], Mapping[str, Any]]
    """What the form shows of the reply."""
    version: Callable[[Any], int]
    edit: Callable[[Any, int, str, dict[str, Any]], Command[Any]]
    """`edit(key, version, operation_id, changes)`."""
    add: Callable[[str, dict[str, Any]], Command[Any]] | None = None
    """`add(operation_id, values)` for a new record."""
    tables: frozenset[str] = frozenset()
    """Tables of the change feed that the record is made of."""
    history: str | None = None
    """Table of the journal that tells its history."""


class RecordEditor(QWidget):
    """One record in a form, with its buttons."""

    loaded = Signal(object)
    saved = Signal(object)
    """The reply of the command."""
    edited = Signal()

    def __init__(
        self, workplace: Workplace, spec: EditorSpec, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.workplace = workplace
        self.spec = spec
        self.key: Any = None
        self._version = 0
        self._sent: tuple[dict[str, Any], int, str] | None = None
        self.form = Form(workplace, spec.sections, self)
        self.notice = Notice(self)
        self.conflicts = QWidget(self)
        self._choices: list[tuple[Conflict, QRadioButton]] = []
        self._conflict_rows = QGridLayout()
        pick = button(CHOOSE, self._take, "main", self.conflicts)
        box = frame("card", rows(label(BOTH, "heading"), self._conflict_rows, margin=2 * STEP))
        self.conflicts.setLayout(rows(box, line(None, pick)))
        self.conflicts.hide()
        self.save_button = button(SAVE, self.save, "main", self)
        self.revert_button = button(REVERT, self.revert, None, self)
        self.setLayout(
            rows(
                self.notice,
                self.conflicts,
                self.form,
                line(None, self.revert_button, self.save_button),
            )
        )
        self.form.edited.connect(self._on_edit)
        save = QShortcut(QKeySequence.StandardKey.Save, self, self.save)
        save.setContext(save.context().WidgetWithChildrenShortcut)
        workplace.live.changed.connect(self._news)
        workplace.me_changed.connect(self._on_rights)
        self._on_rights()

    # ------------------------------------------------------------------ loading

    def open(self, key: Any) -> None:
        """Show a record."""
        self.key = key
        self.workplace.start(self, self._load(), lane="load", refused=self._load_refused)

    def begin(self, values: Mapping[str, Any] | None = None) -> None:
        """A new record."""
        self.key = None
        self._version = 0
        self.form.load(values or {})
        self.form.setEnabled(True)

    async def _load(self) -> None:
        found = await self.workplace.ask(self.spec.get(self.key))
        self.show_record(found)

    def show_record(self, found: Any) -> None:
        """Show a reply that was asked for elsewhere."""
        self._version = self.spec.version(found)
        self.form.load(self.spec.values(found))
        self.loaded.emit(found)

    def _load_refused(self, error: AppError) -> None:
        self.notice.tell(sentence(error), Tone.BAD)

    def _news(self, changes: Changes) -> None:
        """The record was changed elsewhere: what nobody types in is simply shown anew."""
        if self.key is None or self.form.is_changed or self._sent is not None:
            return
        key = str(self.key)
        mine = any(c.table in self.spec.tables and c.key == key for c in changes.changes)
        if mine or changes.reload:
            self.open(self.key)

    def _on_rights(self) -> None:
        may = self.workplace.may(self.spec.right)
        self.form.lock(is_locked=not may)
        self.save_button.setVisible(may)
        self.revert_button.setVisible(may)
        if not may:
            self.notice.tell(READ_ONLY.of(right=self.spec.right), Tone.CALM)

    # ------------------------------------------------------------------ saving

    @property
    def is_unsaved(self) -> bool:
        """Something typed would be lost."""
        return self.form.is_changed and self.workplace.may(self.spec.right)

    def _on_edit(self) -> None:
        is_changed = self.form.is_changed
        ready = (is_changed or self.key is None) and self.form.is_valid
        self.save_button.setEnabled(ready and self._sent is None)
        self.revert_button.setEnabled(is_changed)
        self.edited.emit()

    def revert(self) -> None:
        """Throw away what was typed."""
        if self.key is None:
            self.begin()
        else:
            self.open(self.key)
        self.notice.hide()
        self.conflicts.hide()

    def save(self) -> None:
        """Send what changed."""
        if self._sent is not None or not self.workplace.may(self.spec.right):
            return
        if self.form.show_all_faults():
            return
        changes = self.form.values() if self.key is None else self.form.changes()
        if self.key is not None and not changes:
            return
        again = self._tried == (changes, self._version)
        operation_id = self._operation_id if again else new_operation_id()
        self._tried, self._operation_id = (changes, self._version), operation_id
        self._sent = (changes, self._version, operation_id)
        self._on_edit()
        self.notice.hide()
        self.workplace.start(self, self._send(*self._sent), refused=self._refused)

    _tried: tuple[dict[str, Any], int] | None = None
    _operation_id: str = ""

    async def _send(self, changes: dict[str, Any], version: int, operation_id: str) -> None:
        spec = self.spec
        try:
            if self.key is None and spec.add is not None:
                reply = await self.workplace.ask(spec.add(operation_id, changes))
                self.key = getattr(reply, "key", None)
            else:
                edit = spec.edit(self.key, version, operation_id, changes)
                reply = await self.workplace.ask(edit)
        finally:
            self._sent = None
            self._on_edit()
        self._tried = None
        self.saved.emit(reply)
        if self.key is not None:
            await self._load()

    def _refused(self, error: AppError) -> None:
        if isinstance(error, Refused):
            self._tried = None
            if error.code is ErrorCode.STALE_EDIT and self._meet(error):
                return
            if error.field is not None and self.form.show_fault(error.field, sentence(error)):
                return
        self.notice.tell(sentence(error), Tone.BAD)

    # ------------------------------------------------------------------ mine and theirs

    def _meet(self, error: Refused) -> bool:
        found = error.present(reply_type(type(self.spec.get(self.key))))
        if found is None:
            return False
        self._version = self.spec.version(found)
        conflicts = self.form.meet(self.spec.values(found))
        if not conflicts:
            self.notice.tell(MEANWHILE, Tone.WARN)
            return True
        clear(self._conflict_rows)
        self._choices = []
        for row, conflict in enumerate(conflicts):
            group = QButtonGroup(self.conflicts)
            field = conflict.field
            mine = QRadioButton(MINE.of(value=field.shown(conflict.mine) or EMPTY))
            theirs = QRadioButton(THEIRS.of(value=field.shown(conflict.theirs) or EMPTY))
            mine.setChecked(True)
            for column, widget in enumerate((wrapped(field.label), mine, theirs)):
                self._conflict_rows.addWidget(widget, row, column)
            group.addButton(mine)
            group.addButton(theirs)
            self._choices.append((conflict, theirs))
        self.conflicts.show()
        return True

    def _take(self) -> None:
        """The choice between mine and theirs was made."""
        self.form.fill(
            {c.field.name: c.theirs for c, theirs in self._choices if theirs.isChecked()}
        )
        self.conflicts.hide()
        self._on_edit()
