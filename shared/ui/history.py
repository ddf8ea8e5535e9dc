"""The history of a record: who changed what, when, from what to what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from PySide6.QtWidgets import QWidget

from shared.i18n.texts import tr
from shared.ui.column import choice_column, code_column, moment_column, text_column
from shared.ui.editor import EditorSpec
from shared.ui.page import States, Thread
from shared.ui.table_model import RecordTableModel
from shared.ui.table_view import RecordTableView
from shared.ui.theme import Tone
from shared.ui.widgets import rows
from shared.ui.workplace import Workplace
from shared.wire.errors import AppError
from shared.wire.roles import GetHistory, RowHistory

ACTIONS: Final = {
    1: (tr("добавлено", "added"), Tone.GOOD),
    2: (tr("изменено", "changed"), Tone.ACCENT),
    3: (tr("удалено", "deleted"), Tone.BAD),
    4: (tr("восстановлено", "restored"), Tone.WARN),
}
EMPTY = tr("Изменений не было", "No changes so far")
EMPTY_WHY = tr("Здесь появится, кто и что изменил.", "Who changed what appears here.")
HEIGHT: Final = 220


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One field of one change."""

    key: str
    at: Any
    action: int
    user_id: int | None
    field_name: str
    old_value: str | None
    new_value: str | None
    reason: str | None


COLUMNS: Final = (
    moment_column("at", tr("Когда", "When"), width=150),
    choice_column("action", tr("Что", "What"), ACTIONS, width=120),
    text_column("field_name", tr("Поле", "Field"), width=160),
    text_column("old_value", tr("Было", "Was"), width=180),
    text_column("new_value", tr("Стало", "Became"), width=180),
    text_column("reason", tr("Причина", "Reason"), width=180),
    code_column("user_id", tr("Кто", "Who"), width=80),
)


def lines_of(found: RowHistory, spec: EditorSpec) -> list[HistoryLine]:
    """Changes as lines, fields by the labels of the form."""
    labels = {field.name: field.label for part in spec.sections for field in part.fields}
    return [
        HistoryLine(
            key=f"{change.change_id}.{place}",
            at=change.at,
            action=change.action,
            user_id=change.user_id,
            field_name=str(labels.get(field.field_name, field.field_name)),
            old_value=field.old_value,
            new_value=field.new_value,
            reason=change.reason,
        )
        for change in found.changes
        for place, field in enumerate(found.fields.get(change.change_id, []))
    ]


async def history_of(
    workplace: Workplace, spec: EditorSpec, tables: Sequence[str], key: Any
) -> list[HistoryLine]:
    """The changes of a record that lies in one table or several, newest first."""
    lines: list[HistoryLine] = []
    for table in tables:
        found = await workplace.ask(GetHistory(table_name=table, row_key=str(key)))
        lines += lines_of(found, spec)
    return sorted(lines, key=lambda one: one.at, reverse=True)


class HistoryView(QWidget):
    """The history under an editor."""

    def __init__(
        self, workplace: Workplace, spec: EditorSpec, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workplace = workplace
        self._spec = spec
        self._key: Any = None
        self.model = RecordTableModel(COLUMNS, lambda row: row.key, None, self)
        self.table = RecordTableView(self.model, workplace.memory, "history", self)
        self.table.setMinimumHeight(HEIGHT)
        self.states = States(self.table, self)
        self.thread_line = Thread(self)
        self.setLayout(rows(self.thread_line, self.states, spacing=0))
        self.states.retry.connect(lambda: self.open(self._key))

    def open(self, key: Any) -> None:
        """Read the history of a record."""
        self._key = key
        self.thread_line.run(is_busy=True)
        self._workplace.start(self, self._read(), lane="read", refused=self._failed)

    async def _read(self) -> None:
        tables = [self._spec.history] if self._spec.history is not None else []
        lines = await history_of(self._workplace, self._spec, tables, self._key)
        self.model.show_all(lines)
        self.thread_line.run(is_busy=False)
        if lines:
            self.states.show_content()
        else:
            self.states.show_empty(EMPTY, EMPTY_WHY)

    def _failed(self, error: AppError) -> None:
        self.thread_line.run(is_busy=False)
        self.states.show_error(error)
