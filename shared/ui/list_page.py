"""The list page: search, filter bar, table, footer; deeds as buttons, menu, keys and palette lines.

A page declares a `ListSpec`; everything of ui.md section 1 that a list must do is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QToolButton, QWidget

from shared.i18n import formats
from shared.i18n.texts import Text, counted, tr
from shared.ui.column import Column
from shared.ui.filter_bar import FilterBar
from shared.ui.icons import icon
from shared.ui.list_export import ask_export
from shared.ui.list_source import ListSource
from shared.ui.list_spec import ListSpec
from shared.ui.page import Deed, Page, States, Thread
from shared.ui.saved_filters import SavedFilters
from shared.ui.table_model import RecordTableModel
from shared.ui.table_view import RecordTableView
from shared.ui.theme import STEP
from shared.ui.widgets import button, frame, label, line, rows, tool
from shared.wire.base import Sort
from shared.wire.changes import Changes
from shared.wire.errors import AppError

if TYPE_CHECKING:
    from shared.ui.shell import Shell

SEARCH_MS: Final = 250
FOUND = tr("Найдено: {n}", "Found: {n}")
FOUND_MORE = tr("Показаны первые {n}, уточните запрос", "The first {n} are shown, say more")
ROWS = counted(("запись", "записи", "записей"), ("row", "rows"))
CHOSEN = tr("выбрано {n}", "{n} chosen")
NOTHING = tr("Ничего не найдено", "Nothing was found")
NOTHING_WHY = tr(
    "Под этот запрос и фильтры ничего не подходит.", "Nothing fits this search and these filters."
)
RESET = tr("Сбросить поиск и фильтры", "Reset search and filters")
EXPORT = tr("Экспорт", "Export")
COPY = tr("Копировать", "Copy")
COLUMNS = tr("Столбцы", "Columns")
REFRESH = tr("Обновить", "Refresh")
MORE = tr("Ещё", "More")
BAR_DEEDS: Final = 3


class ListPage(Page):
    """A list over the server, whatever its length."""

    def __init__(self, shell: Shell, spec: ListSpec, *, is_part: bool = False) -> None:
        """`is_part`: it stands in a tab of another page, without a heading."""
        super().__init__(shell, spec.title)
        self.spec = spec
        self._is_part = is_part
        self._is_entered = False
        self._finding = ""
        place = self.workplace
        self.model = RecordTableModel(spec.columns, spec.key, place.names, self)
        self.table = RecordTableView(self.model, place.memory, spec.code, self)
        self.table.setAccessibleName(str(spec.title))
        self.source = ListSource(place, self.model, spec.query, self)
        self.source.visible = self._visible
        self.states = States(self.table, self)
        self.thread_line = Thread(self)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(str(spec.search_hint))
        self.search.setAccessibleName(str(spec.search_hint))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.search.setFixedWidth(300)
        self.search.setVisible(spec.search is not None)
        self.filters = FilterBar(place, spec.filters, self)
        self.saved = SavedFilters(place, spec.code, self.filters, self)
        self.count = label("", "faint", self)
        self._buttons: list[tuple[Deed, QPushButton | QAction]] = []
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(SEARCH_MS)
        self._typing.timeout.connect(self.reload)
        self._sort = spec.sort
        self._lay_out()
        self._connect()

    # ------------------------------------------------------------------ layout

    def _lay_out(self) -> None:
        deeds = self._deed_buttons()
        bar = line(self.search)
        bar.addWidget(self.filters, 1)
        if self.filters.isHidden():
            bar.addStretch(1)
        tools = (self.saved, tool("columns", COLUMNS, self._columns, self), self._export_button())
        for part in (*(deeds if self._is_part else ()), *tools):
            bar.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        bar.setAlignment(self.search, Qt.AlignmentFlag.AlignTop)
        self.bar = QWidget(self)
        self.bar.setLayout(bar)
        box = frame("plain", rows(self.thread_line, self.states, spacing=0), self)
        whole = rows(margin=0 if self._is_part else 2 * STEP, spacing=STEP + 4)
        if not self._is_part:
            whole.addLayout(line(label(self.title, "title", self), None, *deeds))
        whole.addWidget(self.bar)
        whole.addWidget(box, 1)
        whole.addWidget(self.count)
        self.setLayout(whole)

    def _deed_buttons(self) -> list[QWidget]:
        """Plain deeds as buttons; what needs chosen records beside them; the rest under More."""
        deeds = self.spec.deeds
        loud = [deed for deed in deeds if deed.is_main]
        quiet = [deed for deed in deeds if not deed.is_main]
        made: list[QWidget] = [self._button(deed) for deed in quiet[:BAR_DEEDS]]
        if len(quiet) > BAR_DEEDS:
            more = QToolButton(self)
            more.setText(str(MORE) + " ▾")
            more.setProperty("role", "button")
            more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            menu = QMenu(more)
            for deed in quiet[BAR_DEEDS:]:
                action = menu.addAction(str(deed.text))
                action.triggered.connect(partial(self._run_slot, deed))
                self._buttons.append((deed, action))
            more.setMenu(menu)
            made.append(more)
        return [*made, *(self._button(deed) for deed in loud)]

    def _button(self, deed: Deed) -> QPushButton:
        role = "main" if deed.is_main else "danger" if deed.is_danger else None
        made = button(deed.text, partial(self.run, deed), role, self)
        made.setObjectName(deed.code)
        if deed.key:
            made.setToolTip(QKeySequence(deed.key).toString(QKeySequence.SequenceFormat.NativeText))
        self._buttons.append((deed, made))
        return made

    def _export_button(self) -> QWidget:
        made = button(EXPORT, self.export, None, self)
        made.setObjectName("export")
        return made

    def _connect(self) -> None:
        spec, table = self.spec, self.table
        self.search.textChanged.connect(lambda _: self._typing.start())
        self.filters.changed.connect(self.reload)
        self.source.started.connect(lambda: self.thread_line.run(is_busy=True))
        self.source.ready.connect(self._on_ready)
        self.source.failed.connect(self._on_failed)
        self.source.counted.connect(self._tell_count)
        self.states.retry.connect(self.reload)
        self.workplace.live.changed.connect(self._news)
        self.workplace.live.link.connect(self._on_link)
        self.workplace.me_changed.connect(self._on_rights)
        table.selectionModel().selectionChanged.connect(lambda *_: self._on_choice())
        table.opened.connect(self._open)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.customContextMenuRequested.connect(self._menu_at)
        head = table.horizontalHeader()
        head.setSectionsClickable(True)
        head.sectionClicked.connect(self._sort_by)
        for deed in spec.deeds:
            if deed.key:
                key = QShortcut(QKeySequence(deed.key), self, partial(self.run, deed))
                key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._on_rights()

    # ------------------------------------------------------------------ what the frame asks

    def entered(self) -> None:
        """The first time the list is read; later it is followed anyway."""
        if not self.workplace.may(self.spec.right):
            self.states.show_no_right(self.spec.right)
            self.bar.hide()
            return
        self.bar.show()
        if not self._is_entered:
            self._is_entered = True
            self.saved.restore()
            self.reload()
        self.table.setFocus()

    def refresh(self) -> None:
        """F5: in its place."""
        if self._finding or not self.states.is_content:
            self.reload()
        else:
            self.source.refresh()

    def search_here(self) -> None:
        """Ctrl+F: the search, else the first filter."""
        target = self.search if self.spec.search is not None else self.filters
        if target is self.filters:
            self.filters.focusNextChild()
        else:
            self.search.setFocus()
            self.search.selectAll()

    def deeds(self) -> list[tuple[Text, Callable[[], object]]]:
        """Deeds that can be done now."""
        return [(d.text, partial(self.run, d)) for d in self.spec.deeds if self._is_ready(d)]

    # ------------------------------------------------------------------ reading

    def reload(self) -> None:
        """Read the list from its beginning, by search and filters."""
        if not self._is_entered:
            return
        self._finding = self.search.text().strip() if self.spec.search is not None else ""
        if self._finding and self.spec.search is not None:
            self.thread_line.run(is_busy=True)
            work = self._search(self._finding)
            self.workplace.start(self.source, work, lane="list", refused=self._on_failed)
        else:
            self.source.ask(self.filters.conditions(), self._sort, **self.filters.own())

    async def _search(self, text: str) -> None:
        if self.spec.search is None:
            return
        found, more = await self.spec.search(self, text)
        self.model.show_all(found)
        self._on_ready()
        told = FOUND_MORE if more else FOUND
        self.count.setText(told.of(n=formats.number(len(found))))

    def _visible(self) -> tuple[int, int]:
        first = self.table.rowAt(0)
        last = self.table.rowAt(self.table.viewport().height() - 1)
        end = self.model.rowCount() - 1
        return max(first, 0), last if last >= 0 else max(end, 0)

    def _on_ready(self) -> None:
        self.thread_line.run(is_busy=False)
        if self.model.rowCount():
            self.states.show_content()
            if not self.table.currentIndex().isValid():
                self.table.setCurrentIndex(self.model.index(0, self.table.shown_columns()[0]))
                self.table.clearSelection()
        elif self._finding or self.filters.values():
            self.states.show_empty(NOTHING, NOTHING_WHY, (RESET, self._reset))
        else:
            self._show_empty()
        self._on_choice()

    def _show_empty(self) -> None:
        first = next((d for d in self.spec.deeds if d.is_main and self._is_ready(d)), None)
        action = None if first is None else (first.text, partial(self.run, first))
        self.states.show_empty(self.spec.empty, self.spec.empty_why, action)

    def _on_failed(self, error: AppError) -> None:
        self.thread_line.run(is_busy=False)
        if self.model.rowCount():
            self.workplace.refuse(error)
        else:
            self.states.show_error(error)

    def _reset(self) -> None:
        self.search.clear()
        self.filters.reset()

    def _tell_count(self, total: int) -> None:
        self._total = total
        self._on_choice()

    _total = 0

    def _on_choice(self) -> None:
        chosen = self.table.chosen_rows()
        if not self._finding:
            text = f"{formats.number(self._total)} {ROWS.word(self._total)}"
            if len(chosen) > 1:
                text += "  ·  " + CHOSEN.of(n=formats.number(len(chosen)))
            self.count.setText(text)
        self._on_deeds()

    def _on_deeds(self) -> None:
        for deed, shown in self._buttons:
            shown.setEnabled(self._is_ready(deed))
            shown.setVisible(self._is_there(deed))

    def _is_there(self, deed: Deed) -> bool:
        return self.workplace.may(deed.right) and (deed.when is None or deed.when(self))

    def _on_rights(self) -> None:
        self._on_deeds()
        if self._is_entered and not self.workplace.may(self.spec.right):
            self.entered()

    def _sort_by(self, section: int) -> None:
        column = self.spec.columns[section]
        if not column.is_sortable:
            return
        before = self._sort
        is_down = before is not None and before.field == column.name and not before.descending
        self._sort = Sort(field=column.name, descending=is_down)
        head = self.table.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if is_down else Qt.SortOrder.AscendingOrder
        head.setSortIndicatorShown(True)
        head.setSortIndicator(section, order)
        self.reload()

    # ------------------------------------------------------------------ news

    def _news(self, changes: Changes) -> None:
        if not self._is_entered:
            return
        spec = self.spec
        touched = any(change.table in spec.tables for change in changes.changes)
        if spec.is_live is not None and not touched:
            touched = any(spec.is_live(note) for note in changes.operations)
        if touched or changes.reload:
            self._again()

    def _on_link(self, error: AppError | None) -> None:
        """The server answers again: what was missed is read."""
        if error is None and self._is_entered:
            self._again()

    def _again(self) -> None:
        if self._finding or not self.states.is_content:
            self._typing.start()
        else:
            self.source.news()

    # ------------------------------------------------------------------ deeds

    def _is_ready(self, deed: Deed) -> bool:
        if not self._is_there(deed):
            return False
        if deed.needs == "nothing":
            return True
        chosen = self.table.chosen()
        if not chosen or (deed.needs == "one" and len(chosen) != 1):
            return False
        return deed.fits is None or any(deed.fits(record) for record in chosen)

    def run(self, deed: Deed) -> None:
        """Do a deed with what is chosen."""
        if not self._is_ready(deed):
            return
        chosen = [] if deed.needs == "nothing" else self.table.chosen()
        if deed.fits is not None:
            chosen = [record for record in chosen if deed.fits(record)]
        self.workplace.start(self, deed.run(self, chosen))

    def _run_slot(self, deed: Deed, *_: object) -> None:
        self.run(deed)

    def _open(self, record: Any) -> None:
        if self.spec.opens is not None:
            self.spec.opens(self, record)

    def _menu_at(self, point: QPoint) -> None:
        menu = QMenu(self.table)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for deed in self.spec.deeds:
            if self._is_there(deed):
                action = menu.addAction(str(deed.text))
                action.setEnabled(self._is_ready(deed))
                action.triggered.connect(partial(self._run_slot, deed))
        if self.spec.deeds:
            menu.addSeparator()
        menu.addAction(str(COPY)).triggered.connect(lambda *_: self.table.copy())
        menu.addAction(str(REFRESH)).triggered.connect(lambda *_: self.refresh())
        menu.popup(self.table.viewport().mapToGlobal(point))

    def _columns(self) -> None:
        menu = self.table.column_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(self.table.geometry().topRight() - QPoint(180, 0)))

    # ------------------------------------------------------------------ export

    def export(self) -> None:
        """Save all rows of the filter with the columns as shown."""
        self.workplace.start(self, ask_export(self), lane="export")

    def shown_columns(self) -> list[Column]:
        """Columns in the order in which they are shown."""
        return [self.spec.columns[place] for place in self.table.shown_columns()]

    def all_records(self) -> Iterator[Any]:
        """Everything the list would show; read page by page in the thread that writes."""
        if self._finding:
            found = (self.model.record(row) for row in range(self.model.rowCount()))
            return iter([record for record in found if record is not None])
        query = msgspec.structs.replace(self.source.query, limit=1000, after=None)
        client = self.workplace.client
        return (record for page in client.pages(query) for record in page.rows)
