"""The editor of a record in a dialog, and the deeds of a list whose records are edited so.

`editing_deeds(spec, ...)` gives a list New, Change and Delete; `edit_record` opens one dialog.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from shared.client.client import new_operation_id
from shared.i18n.formats import number
from shared.i18n.texts import Text, counted, tr
from shared.ui.dialogs import LEAVE_TEXT, LEAVE_TITLE, LEAVE_YES, Dialog, ask
from shared.ui.editor import EditorSpec, RecordEditor
from shared.ui.history import HistoryView
from shared.ui.page import Deed, Page
from shared.ui.theme import STEP
from shared.ui.widgets import button, label, line, rows
from shared.ui.workplace import Workplace
from shared.wire.base import Command

NEW = tr("Добавить", "Add")
CHANGE = tr("Изменить…", "Change…")
DELETE = tr("Удалить…", "Delete…")
DELETE_TITLE = tr("Удалить: {what}?", "Delete: {what}?")
DELETE_YES = tr("Удалить", "Delete")
DELETED = tr("Удалено: {n} {rows}", "Deleted: {n} {rows}")
ROWS = counted(("запись", "записи", "записей"), ("row", "rows"))
SAVED = tr("Сохранено", "Saved")
CLOSE = tr("Закрыть", "Close")
HISTORY = tr("История", "History")
WIDTH: Final = 640
HIGHEST: Final = 560
MOST_NAMED: Final = 8

DeleteCommand = Callable[[Any, str], Command[Any]]


class RecordDialog(Dialog):
    """One record; closes when it was saved, asks before it loses what was typed."""

    def __init__(
        self,
        workplace: Workplace,
        spec: EditorSpec,
        key: Any,
        parent: QWidget | None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        title = spec.title_new if key is None else spec.title
        super().__init__(title, parent)
        self._workplace = workplace
        self.editor = RecordEditor(workplace, spec, self)
        self.history = HistoryView(workplace, spec, self)
        self.history.hide()
        area = QScrollArea(self)
        area.setWidget(self.editor)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(min(self.editor.sizeHint().height() + 4, HIGHEST))
        self._show_history = button(HISTORY, self._toggle_history, "link", self)
        self._show_history.setVisible(spec.history is not None and key is not None)
        close = button(CLOSE, self.reject, None, self)
        head = line(label(title, "heading", self), None, self._show_history, close)
        # a long form scrolls, its buttons stay in sight
        below = line(None, self.editor.revert_button, self.editor.save_button)
        self.setLayout(rows(head, area, below, self.history, margin=2 * STEP, spacing=STEP + 4))
        self.setMinimumWidth(WIDTH)
        self.editor.saved.connect(self._saved)
        if key is None:
            self.editor.begin(values)
        else:
            self.editor.open(key)

    def _toggle_history(self) -> None:
        self.history.setVisible(not self.history.isVisible())
        if self.history.isVisible():
            self.history.open(self.editor.key)
        self.adjustSize()

    def _saved(self, reply: Any) -> None:
        self._workplace.say(SAVED)
        self.end(reply)

    def reject(self) -> None:
        """Esc or Close; what was typed is not thrown away silently."""
        if self.editor.is_unsaved and self.isVisible():
            self._workplace.start(self, self._leave())
        else:
            super().reject()

    async def _leave(self) -> None:
        if await ask(self, LEAVE_TITLE, LEAVE_TEXT, LEAVE_YES, is_danger=True):
            super().reject()


async def edit_record(
    page: QWidget,
    workplace: Workplace,
    spec: EditorSpec,
    key: Any,
    values: Mapping[str, Any] | None = None,
) -> Any:
    """Edit a record, or with `key` None add one; the command's reply, None when cancelled."""
    return await RecordDialog(workplace, spec, key, page.window(), values).answer()


def editing_deeds(
    spec: EditorSpec,
    key_of: Callable[[Any], Any],
    delete: DeleteCommand | None,
    *,
    name_of: Callable[[Any], str] = lambda row: str(row.name),
    new: Text = NEW,
    values: Callable[[Any], Mapping[str, Any]] | None = None,
) -> tuple[Deed, ...]:
    """New, Change and Delete of a list.

    `delete(row, operation_id)` makes the command; `values(page)` what a new record begins with.
    """

    async def add(page: Page, _: Sequence[Any]) -> None:
        begin = None if values is None else values(page)
        await edit_record(page, page.workplace, spec, None, begin)

    async def change(page: Page, chosen: Sequence[Any]) -> None:
        await edit_record(page, page.workplace, spec, key_of(chosen[0]))

    async def remove(page: Page, chosen: Sequence[Any]) -> None:
        if delete is None:
            return
        named = "\n".join(name_of(row) for row in chosen[:MOST_NAMED])
        title = DELETE_TITLE.of(what=spec.title)
        if not await ask(page, title, named, DELETE_YES, is_danger=True):
            return
        for row in chosen:
            await page.workplace.ask(delete(row, new_operation_id()))
        count = len(chosen)
        page.workplace.say(DELETED.of(n=number(count), rows=ROWS.word(count)))

    deeds = []
    if spec.add is not None:
        deeds.append(Deed(code="add", text=new, run=add, right=spec.right, key="Ins", is_main=True))
    deeds.append(Deed(code="change", text=CHANGE, run=change, needs="one", key="F2"))
    if delete is not None:
        deeds.append(
            Deed(
                code="delete",
                text=DELETE,
                run=remove,
                needs="some",
                right=spec.right,
                key="Del",
                is_danger=True,
            )
        )
    return tuple(deeds)


def opens(spec: EditorSpec, key_of: Callable[[Any], Any]) -> Callable[[Any, Any], object]:
    """What Enter and double click do in such a list."""

    def run(page: Page, row: Any) -> object:
        work = edit_record(page, page.workplace, spec, key_of(row))
        return page.workplace.start(page, work, lane="edit")

    return run
