"""The first tab of a guest: accounts with their figures, what burns soon, contacts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QLabel, QLayout, QScrollArea, QWidget

from crm_manager.naming import ACCOUNT_TYPES
from crm_manager.words import ACCOUNT_STATES
from shared.i18n.formats import day, money, phone
from shared.i18n.texts import tr
from shared.ui.flow import FlowLayout
from shared.ui.page import Page
from shared.ui.theme import STEP
from shared.ui.widgets import clear, frame, label, line, rows, wrapped
from shared.wire.holder_accounts import AccountRow
from shared.wire.holders import Holder

PENDING = tr("Ещё не доступно: {sum}", "Not available yet: {sum}")
HELD = tr("В резерве: {sum}", "On hold: {sum}")
BURNS = tr("Сгорит {day}: {sum}", "Burns {day}: {sum}")
DEBT = tr("Долг: {sum}", "Debt: {sum}")
SPENDABLE = tr("Можно потратить: {sum}", "Can be spent: {sum}")
CONTACTS = tr("Контакты", "Contacts")
NO_CONTACTS = tr("Контактов нет", "No contacts")
NO_ACCOUNTS = tr("Счетов нет", "No accounts")
REMARKS = tr("Примечание", "Remarks")
PHONE = 1


class Overview(QScrollArea):
    """Figures first."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._page = page
        self.accounts = FlowLayout(spacing=2 * STEP)
        self.contacts = rows(spacing=4)
        self.remarks = wrapped("")
        side = frame("card", rows(label(CONTACTS, "heading"), self.contacts, margin=2 * STEP))
        note = frame("card", rows(label(REMARKS, "heading"), self.remarks, margin=2 * STEP))
        self._note = note
        inside = QWidget(self)
        holder = QWidget(inside)
        holder.setLayout(self.accounts)
        below = line(side, note, spacing=2 * STEP)
        whole = rows(holder, below, spacing=2 * STEP)
        whole.setContentsMargins(0, 2 * STEP, 0, 0)
        whole.addStretch(1)
        inside.setLayout(whole)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_holder(self, holder: Holder) -> None:
        """Contacts and remarks."""
        clear(self.contacts)
        for contact in holder.contacts:
            is_phone = contact.contact_class == PHONE
            self.contacts.addWidget(wrapped(phone(contact.value) if is_phone else contact.value))
        if not holder.contacts:
            self.contacts.addWidget(label(NO_CONTACTS, "faint"))
        remarks = holder.person.remarks if holder.person is not None else None
        self.remarks.setText(remarks or "")
        self._note.setVisible(bool(remarks))

    def show_accounts(self, accounts: Sequence[AccountRow]) -> None:
        """A card for each account."""
        clear(self.accounts)
        for account in accounts:
            self.accounts.addWidget(self._card(account))
        if not accounts:
            self.accounts.addWidget(label(NO_ACCOUNTS, "faint"))

    def _card(self, account: AccountRow) -> QWidget:
        name = self._page.workplace.names.of(ACCOUNT_TYPES, account.account_type_id)
        state, tone = ACCOUNT_STATES.get(account.state, (tr("?", "?"), None))
        figure = label(money(account.balance), "figure")
        parts: list[QWidget | QLayout] = [label(name, "faint"), figure]
        if account.state != 1:
            parts.append(label(state, "fault" if tone is not None else "faint"))
        if account.spendable != account.balance:
            parts.append(label(SPENDABLE.of(sum=money(account.spendable)), "faint"))
        for text, amount in (
            (PENDING, account.pending),
            (HELD, account.held),
            (DEBT, account.uncovered),
        ):
            if amount:
                parts.append(label(text.of(sum=money(amount)), "faint"))
        parts += [self._burning(account)] if account.burning else []
        made = frame("card", rows(*parts, margin=2 * STEP, spacing=4))
        made.setMinimumWidth(200)
        return made

    @staticmethod
    def _burning(account: AccountRow) -> QLabel:
        first = account.burning[0]
        return label(BURNS.of(day=day(first.day), sum=money(first.amount)), "fault")
