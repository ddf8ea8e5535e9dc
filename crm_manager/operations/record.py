"""The page of one operation: what it is, its balanced entries, its lots, and why."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from crm_manager.naming import CLASSIFIERS, UNITS
from crm_manager.operations.columns import ENTRIES, LOTS, REVERSALS
from crm_manager.operations.why import sentences
from crm_manager.words import OPERATION_KINDS, OPERATION_STATES
from shared.i18n.error_texts import window_text
from shared.i18n.formats import moment, money
from shared.i18n.texts import Text, language, tr
from shared.ui.page import Page, States
from shared.ui.shell import Shell
from shared.ui.short_list import ShortList
from shared.ui.theme import STEP, Tone
from shared.ui.widgets import button, clear, frame, label, line, restyle, rows, wrapped
from shared.wire.changes import Changes
from shared.wire.errors import AppError, ErrorCode
from shared.wire.operations import (
    FULLY_REVERSED,
    PARTLY_REVERSED,
    ExplainOperation,
    GetOperation,
    OperationDetail,
    OperationRow,
)

TITLE = tr("Операция № {n}", "Operation no. {n}")
WHY = tr("Почему так", "Why")
WHY_RIGHT = tr(
    "Пояснение показывается с правом «{right}»", 'The explanation needs the right "{right}"'
)
ENTRY_TITLE, LOT_TITLE = tr("Проводки", "Entries"), tr("Партии", "Lots")
REVERSAL_TITLE = tr("Отменена операциями", "Reversed by")
HOLDER = tr("Открыть гостя", "Open the guest")
TARGET = tr("Исходная операция", "The operation it reverses")
CHEQUE = tr("чек {sum}", "cheque {sum}")
DISCOUNT = tr("скидка {sum}", "discount {sum}")
PAID = tr("счетами {sum}", "by accounts {sum}")
CARD = tr("карта {code}", "card {code}")
REVERSED = {
    PARTLY_REVERSED: tr("возвращена частично", "reversed in part"),
    FULLY_REVERSED: tr("возвращена полностью", "reversed in full"),
}
ACCEPTED = 1
TRACE = "trace.view"


class OperationPage(Page):
    """One operation; it never changes, only what became of it does."""

    def __init__(self, shell: Shell, key: int) -> None:
        super().__init__(shell, TITLE.of(n=key))
        self.key = key
        self.detail: OperationDetail | None = None
        self.name = label(self.title, "title", self)
        self.state = label("", "pill", self)
        self.reversal = label("", "pill", self)
        self.facts = wrapped("", "faint", self)
        self.refusal = wrapped("", "fault", self)
        self.holder_button = button(HOLDER, self._open_holder, None, self)
        self.target_button = button(TARGET, self._open_target, None, self)
        self.why = rows(spacing=4)
        self.entries = self._list("entries", ENTRIES, lambda row: row.entry_id, ENTRY_TITLE)
        self.lots = self._list("lots", LOTS, lambda row: row.lot_id, LOT_TITLE)
        self.reversals = self._list(
            "reversals", REVERSALS, lambda row: row.operation_id, REVERSAL_TITLE
        )
        self.reversals.table.opened.connect(
            lambda row: self.shell.open_record("operation", row.operation_id)
        )
        self._lay_out()
        self.states.retry.connect(self.refresh)
        self.workplace.live.changed.connect(self._news)
        self.workplace.names.changed.connect(self._redraw)

    def _list(self, code: str, columns: Any, key: Any, title: Text) -> ShortList:
        made = ShortList(self, f"operation.{code}", columns, key, self._nothing, title=title)
        made.setMinimumHeight(170)
        return made

    async def _nothing(self) -> list[Any]:
        return []

    def _lay_out(self) -> None:
        words = rows(
            line(self.name, self.state, self.reversal, None), self.facts, self.refusal, spacing=4
        )
        head = line(margin=2 * STEP, spacing=STEP)
        head.addLayout(words, 1)
        head.addWidget(self.target_button)
        head.addWidget(self.holder_button)
        why = frame("card", rows(label(WHY, "heading"), self.why, margin=2 * STEP), self)
        inside = QWidget(self)
        inside.setLayout(
            rows(
                frame("card", head, self),
                why,
                self.entries,
                self.lots,
                self.reversals,
                margin=2 * STEP,
                spacing=2 * STEP,
            )
        )
        area = QScrollArea(self)
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self.states = States(area, self)
        self.setLayout(rows(self.states))

    # ------------------------------------------------------------------ reading

    def entered(self) -> None:
        """Read it the first time."""
        if self.detail is None:
            self.refresh()

    def refresh(self) -> None:
        """Read it again."""
        self.workplace.start(self, self._load(), lane="load", refused=self._failed)

    async def _load(self) -> None:
        self.detail = await self.workplace.ask(GetOperation(operation_id=self.key))
        self._redraw()
        self.states.show_content()
        await self._explain()

    async def _explain(self) -> None:
        if self.detail is None:
            return
        if not self.workplace.may(TRACE):
            self._tell_why([WHY_RIGHT.of(right=TRACE)])
            return
        found = await self.workplace.ask(ExplainOperation(operation_id=self.key))
        self._tell_why(sentences(found, self.detail.entries))

    def _failed(self, error: AppError) -> None:
        if self.detail is None:
            self.states.show_error(error)
        else:
            self.workplace.refuse(error)

    def _news(self, changes: Changes) -> None:
        """Something later may have reversed it."""
        mine = None if self.detail is None else self.detail.operation.holder_id
        if mine is not None and any(note.holder_id == mine for note in changes.operations):
            self.refresh()

    # ------------------------------------------------------------------ drawing

    def _redraw(self) -> None:
        if self.detail is None:
            return
        row = self.detail.operation
        kind, _ = OPERATION_KINDS.get(row.kind, (tr("?", "?"), None))
        self.name.setText(f"{kind}  ·  № {row.operation_id}")
        text, tone = OPERATION_STATES.get(row.status, (tr("?", "?"), None))
        self._pill(self.state, str(text), tone or Tone.CALM)
        reversed_how = REVERSED.get(self.detail.reversal)
        self._pill(self.reversal, "" if reversed_how is None else str(reversed_how), Tone.WARN)
        self.facts.setText("   ·   ".join(part for part in self._facts(row) if part))
        self.refusal.setVisible(row.status != ACCEPTED)
        self.refusal.setText(self._refusal(row))
        self.holder_button.setVisible(row.holder_id is not None)
        self.target_button.setVisible(row.reverses_id is not None)
        self.entries.show_records(self.detail.entries)
        self.lots.show_records(self.detail.lots)
        self.lots.setVisible(bool(self.detail.lots))
        self.reversals.show_records(self.detail.reversed_by)
        self.reversals.setVisible(bool(self.detail.reversed_by))

    def _facts(self, row: OperationRow) -> list[str]:
        names = self.workplace.names
        return [
            moment(row.occurred_at),
            names.of(UNITS, row.unit_id),
            names.of(CLASSIFIERS, row.classifier_id) if row.classifier_id else "",
            "" if row.card_code is None else CARD.of(code=row.card_code),
            CHEQUE.of(sum=money(row.check_total)) if row.check_total else "",
            DISCOUNT.of(sum=money(row.check_discount)) if row.check_discount else "",
            PAID.of(sum=money(row.paid_accounts)) if row.paid_accounts else "",
            row.remarks or "",
        ]

    def _refusal(self, row: OperationRow) -> str:
        if row.refusal_code is None or self.detail is None:
            return ""
        if row.refusal_code not in ErrorCode.__members__:
            return row.refusal_code
        return window_text(ErrorCode(row.refusal_code), language(), self.detail.refusal_facts)

    @staticmethod
    def _pill(pill: Any, text: str, tone: Tone) -> None:
        pill.setText(text)
        pill.setVisible(bool(text))
        pill.setProperty("tone", tone.value)
        restyle(pill)

    def _tell_why(self, told: list[str]) -> None:
        clear(self.why)
        for text in told:
            self.why.addWidget(wrapped(f"•  {text}"))

    # ------------------------------------------------------------------ ways on

    def _open_holder(self) -> None:
        if self.detail is not None and self.detail.operation.holder_id is not None:
            self.shell.open_record("holder", self.detail.operation.holder_id)

    def _open_target(self) -> None:
        if self.detail is not None and self.detail.operation.reverses_id is not None:
            self.shell.open_record("operation", self.detail.operation.reverses_id)

    def deeds(self) -> list[tuple[Text, Any]]:
        """Ways on from here."""
        return [(HOLDER, partial(self._open_holder))]


def make(shell: Shell, key: int) -> OperationPage:
    """The page."""
    return OperationPage(shell, key)
