"""The frame of a program: navigation at the left, pages, messages, the palette, the status bar.

Programs fill it by two tables: pages by their code, and pages of single records by their kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QByteArray, QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from shared.i18n.texts import Text, tr
from shared.ui.dialogs import Question
from shared.ui.icons import icon
from shared.ui.job_bar import JobBar
from shared.ui.page import Page
from shared.ui.palette import Entry, Finder, Palette
from shared.ui.shell_menus import add_menus
from shared.ui.theme import STEP, Tone, colors
from shared.ui.widgets import Notice, frame, line, rows, tool
from shared.ui.workplace import Workplace
from shared.wire.errors import AppError

FIND = tr("Поиск по карте, телефону, фамилии…  (Ctrl+K)", "Search card, phone, name…  (Ctrl+K)")
BACK = tr("Назад", "Back")
SCHEME = tr("&Тема", "&Theme")
CONNECTED = tr("Сервер карт {server}: подключено", "Card server {server}: connected")
LOST = tr(
    "Сервер карт {server}: нет связи, подключаемся…", "Card server {server}: no link, trying…"
)
LOST_WHY = tr(
    "Связь с сервером карт потеряна. Введённое сохранено в окне; программа подключится сама",
    "The link to the card server is lost. What you typed stays; the program reconnects by itself",
)
UNSAVED = tr("Сохранить изменения?", "Save the changes?")
UNSAVED_WHY = tr("На странице «{title}» есть несохранённое.", 'The page "{title}" is not saved.')
STAY = tr("Остаться", "Stay")
THROW = tr("Не сохранять", "Do not save")
SIDE: Final = 208
MOST_RECORDS: Final = 12
SAY_MS: Final = 6000


@dataclass(frozen=True)
class PageEntry:
    """A page of the navigation."""

    code: str
    title: Text
    icon: str
    make: Callable[[Shell], Page]
    right: str = ""
    """Without it the page is not in the navigation."""
    group: Text | None = None
    """Heading that begins with this page."""


@dataclass(frozen=True)
class RecordEntry:
    """Pages of single records of one kind."""

    kind: str
    make: Callable[[Shell, Any], Page]


class Shell(QMainWindow):
    """The main window of a program."""

    closing = Signal()
    language_chosen = Signal(str)
    scheme_chosen = Signal(str)
    sign_out = Signal()
    change_password = Signal()

    def __init__(
        self,
        workplace: Workplace,
        title: Text | str,
        pages: Sequence[PageEntry],
        records: Sequence[RecordEntry] = (),
        finders: Sequence[Callable[[Shell], Finder]] = (),
        find: Text = FIND,
    ) -> None:
        super().__init__()
        self.workplace = workplace
        self._program, self._find = str(title), find
        self._entries = {entry.code: entry for entry in pages}
        self._kinds = {entry.kind: entry for entry in records}
        self._finders = [make(self) for make in finders]
        self._pages: dict[str, Page] = {}
        self._records: dict[tuple[str, Any], Page] = {}
        self._way: list[Page] = []
        self._may_close = False
        self.navigation = self._navigation()
        self.stack = QStackedWidget(self)
        self.notice = Notice(self)
        self.link_notice = Notice(self, can_close=False)
        self.server = QLabel(self)
        self.user = QLabel(self)
        self.jobs = JobBar(workplace, self)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(self.notice.hide)
        self._lay_out()
        add_menus(self)
        self._connect()
        self._restore()
        self._on_rights()

    # ------------------------------------------------------------------ layout

    def _navigation(self) -> QListWidget:
        side = QListWidget(self)
        side.setProperty("role", "side")
        side.setAccessibleName(self._program)
        side.setIconSize(QSize(18, 18))
        side.setFixedWidth(SIDE)
        side.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return side

    def _lay_out(self) -> None:
        self.finder = QPushButton(str(self._find), self)
        self.finder.setIcon(icon("search"))
        self.finder.setMinimumWidth(420)
        self.finder.setStyleSheet("text-align: left;")
        self.finder.clicked.connect(self.open_palette)
        self.back_button = tool("back", BACK)
        self.back_button.clicked.connect(self.back)
        top: QFrame = frame("bar", line(self.back_button, self.finder, None, margin=STEP), self)
        side = frame("side", rows(self.navigation, spacing=0), self)
        notices = rows(self.link_notice, self.notice)
        notices.setContentsMargins(2 * STEP, STEP, 2 * STEP, 0)
        holder = QWidget(self)
        holder.setLayout(notices)
        right = rows(holder, spacing=0)
        right.addWidget(self.stack, 1)
        body = line(side, spacing=0)
        body.addLayout(right, 1)
        whole = rows(top, spacing=0)
        whole.addLayout(body, 1)
        center = QWidget(self)
        center.setLayout(whole)
        self.setCentralWidget(center)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.server)
        bar.addWidget(self.user)
        bar.addPermanentWidget(self.jobs)

    def _connect(self) -> None:
        place = self.workplace
        place.said.connect(self.say)
        place.me_changed.connect(self._on_rights)
        place.live.link.connect(self._on_link)
        # not when the current item changes: a list that gets the focus makes its first one current
        self.navigation.itemClicked.connect(self._on_choice)
        self.navigation.itemActivated.connect(self._on_choice)
        QShortcut(QKeySequence("Esc"), self, self.back)

    def _on_rights(self) -> None:
        """Only pages that the user may see stand in the navigation."""
        place, side = self.workplace, self.navigation
        side.blockSignals(True)
        side.clear()
        heading: Text | None = None
        for entry in self._entries.values():
            heading = entry.group or heading
            if not place.may(entry.right):
                continue
            if heading is not None:
                self._heading(heading)
                heading = None
            item = QListWidgetItem(icon(entry.icon), str(entry.title))
            item.setData(Qt.ItemDataRole.UserRole, entry.code)
            side.addItem(item)
        side.blockSignals(False)
        self._mark_navigation()
        me = place.me
        self.user.setText(me.full_name or me.login)
        self.server.setText(CONNECTED.of(server=place.client.server.shown))

    def _heading(self, text: Text) -> None:
        item = QListWidgetItem(str(text))
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = item.font()
        font.setPixelSize(11)
        item.setFont(font)
        self.navigation.addItem(item)

    # ------------------------------------------------------------------ pages

    @property
    def page(self) -> Page | None:
        """What is shown."""
        found = self.stack.currentWidget()
        return found if isinstance(found, Page) else None

    def open_page(self, code: str) -> Page:
        """Show a page of the navigation."""
        page = self._pages.get(code)
        if page is None:
            page = self._pages[code] = self._entries[code].make(self)
            self.stack.addWidget(page)
        self._enter(page)
        return page

    def open_first(self) -> None:
        """The page that was open last time, or the first that may be seen."""
        allowed = [c for c, e in self._entries.items() if self.workplace.may(e.right)]
        last = self.workplace.memory.get("page", str, "")
        code = last if last in allowed else next(iter(allowed), None)
        if code is not None:
            self.open_page(code)

    def open_record(self, kind: str, key: Any) -> Page:
        """Show the page of one record; those looked at last are kept with what was typed."""
        page = self._records.pop((kind, key), None)
        if page is None:
            page = self._kinds[kind].make(self, key)
            self.stack.addWidget(page)
        self._records[kind, key] = page
        self._enter(page)
        self._drop_old()
        return page

    def knows(self, kind: str) -> bool:
        """There are pages of this kind of record."""
        return kind in self._kinds

    def close_record(self, page: Page) -> None:
        """The record is gone, or its page is not needed any more."""
        self._records = {k: p for k, p in self._records.items() if p is not page}
        if self.page is page:
            self.back()
        self._way = [one for one in self._way if one is not page]
        self.stack.removeWidget(page)
        page.deleteLater()

    def _drop_old(self) -> None:
        for key, page in list(self._records.items())[:-MOST_RECORDS]:
            if page is not self.page and not page.is_unsaved():
                del self._records[key]
                self._way = [one for one in self._way if one is not page]
                self.stack.removeWidget(page)
                page.deleteLater()

    def _enter(self, page: Page) -> None:
        before = self.page
        if before is not None and before is not page:
            self._way.append(before)
        self._show(page)

    def _show(self, page: Page) -> None:
        self.stack.setCurrentWidget(page)
        self.back_button.setEnabled(bool(self._way))
        self.setWindowTitle(f"{page.title} — {self._program}")
        self._mark_navigation()
        page.entered()

    def retitle(self, page: Page) -> None:
        """A page knows its title better now."""
        if page is self.page:
            self.setWindowTitle(f"{page.title} — {self._program}")

    def back(self) -> None:
        """The page before; what was typed on this one stays in it."""
        while self._way:
            page = self._way.pop()
            if page is not self.page:
                self._show(page)
                return
        self.back_button.setEnabled(False)

    def _mark_navigation(self) -> None:
        side = self.navigation
        code = next((c for c, page in self._pages.items() if page is self.page), None)
        if code is not None:
            self.workplace.memory.put("page", code)
        side.blockSignals(True)
        for row in range(side.count()):
            item = side.item(row)
            if item.data(Qt.ItemDataRole.UserRole) == code and code is not None:
                side.setCurrentItem(item)
                break
        else:
            side.setCurrentIndex(QModelIndex())
            side.clearSelection()
        side.blockSignals(False)

    def _on_choice(self, item: QListWidgetItem) -> None:
        code = item.data(Qt.ItemDataRole.UserRole)
        if code and self._pages.get(code) is not self.page:
            self.open_page(code)

    def page_do(self, what: str) -> None:
        """What a key of the frame does on the page that is shown."""
        if self.page is not None:
            getattr(self.page, what)()

    # ------------------------------------------------------------------ palette

    def open_palette(self) -> Palette:
        """Ctrl+K."""
        entries = []
        if self.page is not None:
            entries += [
                Entry(str(text), run, self.page.title, "target") for text, run in self.page.deeds()
            ]
        entries += [
            Entry(str(entry.title), partial(self.open_page, code), "", entry.icon)
            for code, entry in self._entries.items()
            if self.workplace.may(entry.right)
        ]
        palette = Palette(self.workplace, entries, self._finders, self)
        palette.move(self.mapToGlobal(QPoint((self.width() - palette.width()) // 2, 90)))
        palette.open()
        return palette

    # ------------------------------------------------------------------ messages

    def say(self, text: str, tone: Tone) -> None:
        """A message over the page; good news leave by themselves."""
        self.notice.tell(text, tone)
        if tone is Tone.GOOD:
            self._quiet.start(SAY_MS)
        else:
            self._quiet.stop()

    def _on_link(self, error: AppError | None) -> None:
        server = self.workplace.client.server.shown
        if error is None:
            self.server.setText(CONNECTED.of(server=server))
            self.server.setStyleSheet("")
            self.link_notice.hide()
        else:
            self.server.setText(LOST.of(server=server))
            self.server.setStyleSheet(f"color: {colors().bad};")
            self.link_notice.tell(LOST_WHY, Tone.WARN)

    # ------------------------------------------------------------------ leaving

    def unsaved(self) -> list[Page]:
        """Pages with something typed that would be lost."""
        return [page for page in self._everything() if page.is_unsaved()]

    def _everything(self) -> list[Page]:
        return [*self._pages.values(), *self._records.values()]

    def choose_language(self, code: str) -> None:
        """Another language, once nothing is unsaved."""
        self.leave(lambda: self.language_chosen.emit(code))

    def leave(self, then: Callable[[], object]) -> None:
        """Go on when nothing is unsaved, or the person does not want it."""
        self.workplace.start(self, self._ask_leave(then), lane="leave")

    async def _ask_leave(self, then: Callable[[], object]) -> None:
        for page in self.unsaved():
            self._enter(page)
            text = UNSAVED_WHY.of(title=page.title)
            answers = [("throw", THROW, "danger"), ("stay", STAY, "main")]
            if await Question(UNSAVED, text, answers, self).answer() != "throw":
                return
        then()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Ask for what is unsaved first."""
        if not self._may_close and self.unsaved():
            event.ignore()
            self.leave(self.leave_now)
            return
        self.workplace.memory.put("window", bytes(self.saveGeometry().toBase64().data()).decode())
        self.closing.emit()
        super().closeEvent(event)

    def leave_now(self) -> None:
        """Close without asking."""
        self._may_close = True
        self.close()

    def _restore(self) -> None:
        self.resize(1240, 760)
        kept = self.workplace.memory.get("window", str, "")
        if kept:
            self.restoreGeometry(QByteArray.fromBase64(kept.encode()))
