"""The page of one guest: who it is, and everything that belongs to him in tabs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QScrollArea, QTabWidget, QWidget

from crm_manager.holders import actions, tab_actions
from crm_manager.holders.editor import SPEC
from crm_manager.holders.overview import Overview
from crm_manager.holders.tab_columns import (
    ACCOUNTS,
    ADDRESSES,
    CONSENTS,
    CONTACTS,
)
from crm_manager.holders.tab_lists import (
    CARDS,
    OPERATION_TAB,
    cards_of,
    operations_of,
)
from crm_manager.naming import ACCOUNT_TYPES, HOLDER_GROUPS
from crm_manager.words import HOLDER_STATES
from shared.i18n.formats import day, phone
from shared.i18n.texts import Text, tr
from shared.ui.editor import RecordEditor
from shared.ui.history import COLUMNS as HISTORY
from shared.ui.history import EMPTY as NO_HISTORY
from shared.ui.history import EMPTY_WHY as NO_HISTORY_WHY
from shared.ui.history import history_of
from shared.ui.list_page import ListPage
from shared.ui.page import Page, States
from shared.ui.shell import Shell
from shared.ui.short_list import ShortList
from shared.ui.theme import STEP, Tone
from shared.ui.widgets import button, frame, label, line, restyle, rows
from shared.wire.changes import Changes
from shared.wire.errors import AppError
from shared.wire.holder_accounts import ListAccounts
from shared.wire.holders import GetHolder, GetPhoto, Holder

NAMELESS = tr("Без имени", "No name")
NUMBER = tr("№ {n}", "No. {n}")
BORN = tr("родился {day}", "born {day}")
OVERVIEW, PERSON = tr("Обзор", "Overview"), tr("Анкета", "Person")
ACCOUNT_TAB = tr("Счета", "Accounts")
CONTACT_TAB = tr("Контакты и согласия", "Contacts and consents")
ADDRESS_TAB, HISTORY_TAB = tr("Адреса", "Addresses"), tr("История", "History")
CONTACT_TITLE, CONSENT_TITLE = tr("Контакты", "Contacts"), tr("Согласия", "Consents")
DELETED = tr("Удалён", "Deleted")
DELETE = tr("Удалить…", "Delete…")
AVATAR = 56
TABLES = frozenset(
    {"holder", "person", "contact", "address", "consent", "person_photo", "property_link"}
)
PHONE = 1


class HolderPage(Page):
    """One guest."""

    def __init__(self, shell: Shell, key: int) -> None:
        super().__init__(shell, NUMBER.of(n=key))
        self.key = key
        self.holder: Holder | None = None
        self._seen: set[int] = set()
        self.avatar = QLabel(self)
        self.avatar.setFixedSize(AVATAR, AVATAR)
        self.avatar.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.avatar.setProperty("role", "avatar")
        self.name = label("", "title", self)
        self.facts = label("", "faint", self)
        self.state = label("", "pill", self)
        self.delete_button = button(DELETE, self._delete, "danger", self)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.overview = Overview(self)
        self.editor = RecordEditor(self.workplace, SPEC, self)
        self._make_lists()
        self._make_short_lists()
        self._lay_out()
        self._connect()

    # ------------------------------------------------------------------ layout

    def _make_lists(self) -> None:
        self.cards = ListPage(self.shell, cards_of(self.key), is_part=True)
        self.operations = ListPage(self.shell, operations_of(self.key), is_part=True)

    def _make_short_lists(self) -> None:
        self.accounts = ShortList(
            self, "holder.accounts", ACCOUNTS, lambda row: row.account_id, self._load_accounts
        )
        self.contacts = ShortList(
            self,
            "holder.contacts",
            CONTACTS,
            lambda row: row.contact_id,
            self._load_contacts,
            title=CONTACT_TITLE,
            deeds=tab_actions.CONTACT_DEEDS,
        )
        self.consents = ShortList(
            self,
            "holder.consents",
            CONSENTS,
            lambda row: row.consent_id,
            self._load_consents,
            title=CONSENT_TITLE,
            deeds=tab_actions.CONSENT_DEEDS,
        )
        self.addresses = ShortList(
            self,
            "holder.addresses",
            ADDRESSES,
            lambda row: row.address_id,
            self._load_addresses,
            deeds=tab_actions.ADDRESS_DEEDS,
        )
        self.history = ShortList(
            self,
            "holder.history",
            HISTORY,
            lambda row: row.key,
            self._load_history,
            empty=NO_HISTORY,
            empty_why=NO_HISTORY_WHY,
        )

    def _lay_out(self) -> None:
        words = rows(line(self.name, self.state, None), self.facts, spacing=4)
        head = line(self.avatar, words, None, self.delete_button, margin=2 * STEP, spacing=2 * STEP)
        self.head = frame("card", head, self)
        both = QWidget(self)
        both.setLayout(rows(self.contacts, self.consents, spacing=2 * STEP))
        area = QScrollArea(self)
        area.setWidget(self.editor)
        area.setWidgetResizable(True)
        for text, widget in (
            (OVERVIEW, self.overview),
            (PERSON, area),
            (CARDS, self.cards),
            (ACCOUNT_TAB, self.accounts),
            (OPERATION_TAB, self.operations),
            (CONTACT_TAB, both),
            (ADDRESS_TAB, self.addresses),
            (HISTORY_TAB, self.history),
        ):
            self._add_tab(text, widget)
        inside = QWidget(self)
        whole = rows(self.head, margin=2 * STEP, spacing=2 * STEP)
        whole.addWidget(self.tabs, 1)
        inside.setLayout(whole)
        self.states = States(inside, self)
        self.setLayout(rows(self.states))

    def _add_tab(self, text: Text, widget: QWidget) -> None:
        box = QWidget(self.tabs)
        inner = rows(widget)
        inner.setContentsMargins(0, 2 * STEP, 0, 0)
        box.setLayout(inner)
        self.tabs.addTab(box, str(text))

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab)
        self.states.retry.connect(self.refresh)
        self.editor.saved.connect(lambda _: self.refresh())
        self.editor.edited.connect(self._mark_unsaved)
        self.workplace.live.changed.connect(self._news)
        self.workplace.names.changed.connect(self._redraw)
        self.workplace.me_changed.connect(self._on_rights)
        self._on_rights()

    # ------------------------------------------------------------------ what the frame asks

    @property
    def title(self) -> str:
        """The guest's name."""
        if self.holder is None:
            return str(self._title)
        return self.holder.row.full_name or str(NAMELESS)

    def entered(self) -> None:
        """Read it the first time."""
        if self.holder is None:
            self.refresh()

    def refresh(self) -> None:
        """Read the guest and the tab that is shown."""
        self.workplace.start(self, self._load(), lane="load", refused=self._failed)
        self._seen = {self.tabs.currentIndex()}
        self._read_tab(self.tabs.currentIndex())

    def search_here(self) -> None:
        """Ctrl+F in a tab that can search."""
        if self.tabs.currentIndex() in self._lists():
            self._lists()[self.tabs.currentIndex()].search_here()

    def is_unsaved(self) -> bool:
        """Something is typed in the questionnaire."""
        return self.editor.is_unsaved

    # ------------------------------------------------------------------ reading

    async def _load(self) -> None:
        found = await self.workplace.ask(GetHolder(holder_id=self.key))
        self.holder = found
        if not self.editor.is_unsaved:
            self.editor.key = self.key
            self.editor.show_record(found)
        self._redraw()
        self.states.show_content()
        self.shell.retitle(self)
        accounts = await self._load_accounts()
        await self.workplace.names.load(ACCOUNT_TYPES)
        self.overview.show_accounts(accounts)
        if found.has_photo:
            picture = await self.workplace.ask(GetPhoto(holder_id=self.key, small=True))
            self._show_photo(picture.content)

    def _failed(self, error: AppError) -> None:
        if self.holder is None:
            self.states.show_error(error)
        else:
            self.workplace.refuse(error)

    def _lists(self) -> dict[int, ListPage]:
        return {2: self.cards, 4: self.operations}

    def _on_tab(self, index: int) -> None:
        if index not in self._seen:
            self._seen.add(index)
            self._read_tab(index)

    def _read_tab(self, index: int) -> None:
        if index in self._lists():
            self._lists()[index].entered()
        short = {
            3: (self.accounts,),
            5: (self.contacts, self.consents),
            6: (self.addresses,),
            7: (self.history,),
        }
        for one in short.get(index, ()):
            one.reload()

    async def _load_accounts(self) -> Sequence[Any]:
        found = await self.workplace.ask(ListAccounts(holder_id=self.key))
        return found.accounts

    async def _whole(self) -> Holder:
        return await self.workplace.ask(GetHolder(holder_id=self.key))

    async def _load_contacts(self) -> Sequence[Any]:
        return (await self._whole()).contacts

    async def _load_consents(self) -> Sequence[Any]:
        return (await self._whole()).consents

    async def _load_addresses(self) -> Sequence[Any]:
        return (await self._whole()).addresses

    async def _load_history(self) -> Sequence[Any]:
        return await history_of(self.workplace, SPEC, ("holder", "person"), self.key)

    # ------------------------------------------------------------------ drawing

    def _redraw(self) -> None:
        holder = self.holder
        if holder is None:
            return
        row, names = holder.row, self.workplace.names
        self.name.setText(self.title)
        parts = [NUMBER.of(n=row.pos_number), names.of(HOLDER_GROUPS, row.group_id)]
        if row.birth_date is not None:
            parts.append(BORN.of(day=day(row.birth_date)))
        parts += [phone(c.value) for c in holder.contacts if c.contact_class == PHONE][:2]
        self.facts.setText("   ·   ".join(part for part in parts if part))
        text, tone = HOLDER_STATES.get(row.state, (NAMELESS, None))
        if holder.deleted_at is not None:
            text, tone = DELETED, Tone.BAD
        self.state.setText(str(text))
        self.state.setProperty("tone", (tone or Tone.CALM).value)
        restyle(self.state)
        if not holder.has_photo:
            initials = "".join(word[0] for word in self.title.split()[:2])
            self.avatar.setText(initials.upper())
        self.overview.show_holder(holder)
        self._on_rights()

    def _show_photo(self, content: bytes) -> None:
        pixmap = QPixmap()
        if pixmap.loadFromData(content):
            self.avatar.setPixmap(
                pixmap.scaled(
                    AVATAR,
                    AVATAR,
                    Qt.AspectRatioMode.KeepAspectRatio,
                    Qt.TransformationMode.SmoothTransformation,
                )
            )

    def _mark_unsaved(self) -> None:
        mark = " •" if self.editor.is_unsaved else ""
        self.tabs.setTabText(1, str(PERSON) + mark)

    def _on_rights(self) -> None:
        is_live = self.holder is not None and self.holder.deleted_at is None
        self.delete_button.setVisible(self.workplace.may("holder.delete") and is_live)

    # ------------------------------------------------------------------ news and deeds

    def _news(self, changes: Changes) -> None:
        if self.holder is None:
            return
        key = str(self.key)
        mine = any(c.table in TABLES and c.key.split(",")[0] == key for c in changes.changes)
        booked = any(note.holder_id == self.key for note in changes.operations)
        if mine or booked or changes.reload:
            self.workplace.start(self, self._load(), lane="load", refused=lambda _: None)

    def _delete(self) -> None:
        self.workplace.start(self, self._ask_delete())

    async def _ask_delete(self) -> None:
        if self.holder is not None and await actions.delete(self, [self.holder.row]):
            self.shell.close_record(self)

    def deeds(self) -> list[tuple[Text, Any]]:
        """What can be done to this guest."""
        found: list[tuple[Text, Any]] = []
        for text, index in ((CARDS, 2), (ACCOUNT_TAB, 3), (OPERATION_TAB, 4), (HISTORY_TAB, 7)):
            found.append((text, partial(self.tabs.setCurrentIndex, index)))
        return found


def make(shell: Shell, key: int) -> HolderPage:
    """The page."""
    return HolderPage(shell, key)
