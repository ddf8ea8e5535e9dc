"""The journal of edits: who changed which row; the fields of a change open beside it."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtWidgets import QWidget

from shared.i18n.formats import moment
from shared.i18n.texts import tr
from shared.ui.column import choice_column, code_column, moment_column, name_column, text_column
from shared.ui.dialogs import Dialog
from shared.ui.filters import ChoiceFilter, NameFilter, PeriodFilter, TextFilter
from shared.ui.history import ACTIONS
from shared.ui.list_page import ListPage
from shared.ui.list_spec import ListSpec
from shared.ui.page import Deed, Page, States
from shared.ui.shell import Shell
from shared.ui.table_model import RecordTableModel
from shared.ui.table_view import RecordTableView
from shared.ui.theme import STEP
from shared.ui.widgets import button, label, line, rows
from shared.ui.workplace import Workplace
from shared.wire.base import Sort
from shared.wire.roles import ChangedField, ChangeRow, GetHistory, ListJournal
from user_manager.naming import CLASSIFIERS, USERS

OPEN = tr("Что изменилось…", "What changed…")
HEAD = tr("{table}, запись {key}", "{table}, row {key}")
NO_FIELDS = tr("Полей нет", "No fields")
NO_FIELDS_WHY = tr(
    "Это изменение не тронуло полей, или они стёрты вместе с анкетой.",
    "This change touched no field, or they were erased with the person.",
)
CLOSE = tr("Закрыть", "Close")
FIELDS: Final = (
    text_column("field_name", tr("Поле", "Field"), width=180),
    text_column("old_value", tr("Было", "Was"), width=240),
    text_column("new_value", tr("Стало", "Became"), width=240),
)


class ChangeDialog(Dialog):
    """The fields of one change."""

    def __init__(self, workplace: Workplace, change: ChangeRow, parent: QWidget | None) -> None:
        title = HEAD.of(table=change.table_name, key=change.row_key)
        super().__init__(title, parent)
        self._workplace = workplace
        self._change = change
        self.model = RecordTableModel(FIELDS, lambda row: row.field_name, None, self)
        self.table = RecordTableView(self.model, workplace.memory, "change", self)
        self.table.setMinimumSize(680, 260)
        self.states = States(self.table, self)
        told = moment(change.at)
        if change.reason:
            told += f" · {change.reason}"
        below = line(None, button(CLOSE, self.reject, "main", self))
        head = rows(label(title, "heading", self), label(told, "faint", self), spacing=2)
        self.setLayout(rows(head, self.states, below, margin=2 * STEP, spacing=STEP + 4))
        self.states.retry.connect(self.ask)
        self.ask()

    def ask(self) -> None:
        """Read the fields."""
        self._workplace.start(self, self._read(), lane="read", refused=self.states.show_error)

    async def _read(self) -> None:
        change = self._change
        found = await self._workplace.ask(
            GetHistory(table_name=change.table_name, row_key=change.row_key)
        )
        fields: list[ChangedField] = found.fields.get(change.change_id, [])
        self.model.show_all(fields)
        if fields:
            self.states.show_content()
        else:
            self.states.show_empty(NO_FIELDS, NO_FIELDS_WHY)


async def open_change(page: Page, chosen: Any) -> None:
    """Show the fields of a change."""
    await ChangeDialog(page.workplace, chosen[0], page.window()).answer()


def _opens(page: Page, change: ChangeRow) -> object:
    return page.workplace.start(page, open_change(page, [change]), lane="open")


SPEC: Final = ListSpec(
    code="changes",
    title=tr("Изменения", "Changes"),
    query=ListJournal(),
    columns=(
        moment_column("at", tr("Когда", "When"), width=150, is_sortable=True),
        choice_column("action", tr("Что", "What"), ACTIONS, width=120),
        text_column("table_name", tr("Таблица", "Table"), width=170),
        text_column("row_key", tr("Запись", "Row"), width=160),
        name_column("user_id", tr("Пользователь", "User"), USERS, width=160),
        name_column("classifier_id", tr("Программа", "Program"), CLASSIFIERS, width=150),
        text_column("reason", tr("Причина", "Reason"), width=240),
        text_column("host", tr("Компьютер", "Computer"), width=140, is_shown=False),
        text_column("application", tr("Из программы", "From program"), width=140, is_shown=False),
        code_column("batch_id", tr("Пакет", "Batch"), is_shown=False),
    ),
    key=lambda row: row.change_id,
    right="journal.view",
    tables=frozenset({"change_set"}),
    sort=Sort(field="at", descending=True),
    filters=(
        PeriodFilter(name="at", label=tr("Когда", "When"), is_moment=True),
        NameFilter(name="user_id", label=tr("Пользователь", "User"), dictionary=USERS),
        TextFilter(name="table_name", label=tr("Таблица", "Table"), operator="starts"),
        TextFilter(name="row_key", label=tr("Запись", "Row"), operator="eq"),
        ChoiceFilter(
            name="action",
            label=tr("Что", "What"),
            choices={key: text for key, (text, _) in ACTIONS.items()},
        ),
    ),
    deeds=(
        Deed(code="open", text=OPEN, run=open_change, needs="one", right="journal.view", key="F2"),
    ),
    opens=_opens,
    empty=tr("Изменений пока нет", "No changes yet"),
    empty_why=tr("Здесь видно, кто и что менял.", "Who changed what appears here."),
)


def make(shell: Shell) -> ListPage:
    """The page."""
    return ListPage(shell, SPEC)
