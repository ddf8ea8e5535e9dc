"""Holds by hand, by terminals and by programs: open, capture, void, extend (domain 2.5, 3.8)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from card_server.accounts.records import Account
from card_server.ledger.book import Book, Draft
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.holding import (
    FOR_PAYMENT,
    capture_hold,
    ended,
    extend_hold,
    is_open,
    open_hold,
    rest_of,
    until,
    void_hold,
)
from card_server.ledger.limits import Payer, check_limits, count_payment, wanted
from card_server.ledger.manual_balances import need_amount
from card_server.ledger.manual_base import Manual, Work, bad_field
from card_server.ledger.manual_cards import check_card
from card_server.ledger.permitting import check_side
from card_server.ledger.records import Hold, Operation, OperationKind, Purpose
from card_server.ledger.settling import settle
from card_server.ledger.spending import check_account, check_funds, debit
from shared.settings.house import HOLD_MINUTES
from shared.wire.errors import AppError, ErrorCode


class HoldPart(msgspec.Struct, kw_only=True, frozen=True):
    """What one account keeps for the payment."""

    account_id: int
    amount: int


class HoldShare(msgspec.Struct, kw_only=True, frozen=True):
    """What is captured of one hold; without an amount, the whole rest."""

    hold_id: int
    amount: int | None = None


class OpenHold(Manual, kw_only=True, frozen=True):
    """Keep sums on one or several accounts; several accounts are several holds.

    Ends after `minutes`, or after the classifier's `hold_minutes`. The header's order_guid is the
    order whose sale captures it.
    """

    kind: ClassVar[OperationKind] = OperationKind.HOLD_OPEN
    parts: tuple[HoldPart, ...]
    minutes: int | None = None
    purpose: int = FOR_PAYMENT

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """Positive sums on different accounts."""
        for part in self.parts:
            need_amount(part.amount)
        ids = {part.account_id for part in self.parts}
        if not self.parts or len(ids) != len(self.parts):
            raise bad_field(parts=len(self.parts))

    def named(self) -> Wants:
        """The accounts, and the card for its limits."""
        wants = Wants(accounts={part.account_id for part in self.parts})
        if self.header.card_code is not None:
            wants.cards.add(self.header.card_code)
        return wants

    def needed(self, facts: Facts, book: Book) -> Wants:
        """Lots and counters of the accounts."""
        header = self.header
        day = header.business_date or book.zone(header.classifier_id).business_date(book.now)
        payer = Payer(header.classifier_id, header.card_code, day)
        wants = Wants()
        for part in self.parts:
            if part.account_id in facts.account_holders:
                account = book.account(part.account_id)
                wants.lots.add(part.account_id)
                wants.counters |= wanted(book, account, payer)
        return wants

    def book_it(self, work: Work) -> None:
        """One hold for each account, ascending."""
        end = until(work.book, work.classifier, self.minutes)
        for part in sorted(self.parts, key=lambda part: part.account_id):
            account = _account(work, part.account_id)
            work.settle(account)
            if not work.is_suite:
                check_side(work.book, work.classifier, account, work.dated, debit=True)
            check_card(work, account, part.amount)
            open_hold(work.book, work.draft, account, part.amount, end, purpose=self.purpose)


class HoldPosting(Manual, kw_only=True, frozen=True):
    """A posting about holds that exist."""

    def hold_ids(self) -> tuple[int, ...]:
        """The holds it names."""
        raise NotImplementedError

    def named(self) -> Wants:
        """The holds with their accounts."""
        return Wants(holds=set(self.hold_ids()))

    def needed(self, facts: Facts, book: Book) -> Wants:
        """Lots of the accounts."""
        wants = Wants()
        for hold_id in self.hold_ids():
            hold = facts.holds.get(hold_id)
            if hold is not None:
                wants.lots.add(hold.account_id)
                if hold.card_code is not None:
                    wants.cards.add(hold.card_code)
                day = self.header.business_date
                day = day or book.zone(self.header.classifier_id).business_date(book.now)
                payer = Payer(self.header.classifier_id, hold.card_code, day)
                wants.counters |= wanted(book, book.account(hold.account_id), payer)
        return wants

    def hold(self, work: Work, hold_id: int) -> Hold:
        """The hold as it stands in the book; ended ones as they were read."""
        read = work.facts.holds.get(hold_id)
        if read is None:
            raise AppError(ErrorCode.WRONG_STATE, event="hold", object=hold_id, state="unknown")
        operation = work.draft.operation
        operation.holder_id = operation.holder_id or read.holder_id
        operation.card_code = operation.card_code or read.card_code
        operation.order_guid = operation.order_guid or read.order_guid
        return work.book.shelf(read.account_id).holds.get(hold_id, read)

    def open_one(self, work: Work, hold_id: int) -> Hold:
        """A hold that may still be moved; else why it ended."""
        hold = self.hold(work, hold_id)
        if not is_open(hold, work.book.now):
            raise ended(work.book, hold)
        return hold


class CaptureHold(HoldPosting, kw_only=True, frozen=True):
    """Pay out of holds; with `final` their rests become free at once.

    Also on a blocked account or card, and of lots past their date: the guest was promised.
    """

    kind: ClassVar[OperationKind] = OperationKind.HOLD_CAPTURE
    shares: tuple[HoldShare, ...]
    final: bool = False

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """Positive sums of different holds."""
        for share in self.shares:
            if share.amount is not None:
                need_amount(share.amount)
        if not self.shares or len(set(self.hold_ids())) != len(self.shares):
            raise bad_field(shares=len(self.shares))

    def hold_ids(self) -> tuple[int, ...]:
        """The holds it captures."""
        return tuple(share.hold_id for share in self.shares)

    def book_it(self, work: Work) -> None:
        """One payment entry for each hold, ascending."""
        for share in sorted(self.shares, key=lambda share: share.hold_id):
            hold = self.hold(work, share.hold_id)
            if not is_open(hold, work.book.now):
                self._late(work, hold, share)
                continue
            amount = share.amount if share.amount is not None else rest_of(hold)
            account = work.book.account(hold.account_id)
            capture_hold(work.book, work.draft, hold, amount, level_id=account.level_id)
            work.draft.operation.paid_accounts += amount

    def after(self, work: Work) -> None:
        """A final capture frees the rests."""
        for hold_id in sorted(self.hold_ids()) if self.final else ():
            hold = self.hold(work, hold_id)
            if is_open(hold, work.book.now):
                _release(work, hold)

    def _late(self, work: Work, hold: Hold, share: HoldShare) -> None:
        """A capture that comes late is refused, or a plain payment with all its checks (2.5)."""
        classifier = work.classifier
        if not classifier.late_capture:
            raise ended(work.book, hold)
        amount = share.amount if share.amount is not None else hold.amount - hold.captured
        need_amount(amount)
        book = work.book
        account = book.account(hold.account_id)
        work.settle(account)
        check_account(book, account)
        if not work.is_suite:
            check_side(book, classifier, account, work.dated, debit=True)
        check_card(work, account, amount)
        check_limits(book, account, Payer.of(work.draft.operation), amount, work.draft)
        check_funds(book, account, amount)
        debit(book, work.draft, account, amount, Purpose.PAY, level_id=account.level_id)
        count_payment(book, work.draft, account, amount)
        work.draft.operation.paid_accounts += amount


class VoidHold(HoldPosting, kw_only=True, frozen=True):
    """Give holds free."""

    kind: ClassVar[OperationKind] = OperationKind.HOLD_VOID
    ids: tuple[int, ...]

    def hold_ids(self) -> tuple[int, ...]:
        """The holds it voids."""
        return tuple(sorted(set(self.ids)))

    def book_it(self, work: Work) -> None:
        """One event for each hold."""
        for hold_id in self.hold_ids():
            void_hold(work.book, work.draft, self.open_one(work, hold_id))


class ExtendHold(HoldPosting, kw_only=True, frozen=True):
    """Let open holds end later, at most `hold.max_minutes` from now."""

    kind: ClassVar[OperationKind] = OperationKind.EXTEND
    ids: tuple[int, ...]
    expires_at: datetime

    def hold_ids(self) -> tuple[int, ...]:
        """The holds it extends."""
        return tuple(sorted(set(self.ids)))

    def book_it(self, work: Work) -> None:
        """One event for each hold; the trace keeps the new moment."""
        book = work.book
        most = until(book, work.classifier, book.rules.value(HOLD_MINUTES))
        if self.expires_at > most:
            raise bad_field(expires_at=self.expires_at)
        for hold_id in self.hold_ids():
            extend_hold(book, work.draft, self.open_one(work, hold_id), self.expires_at)
        work.draft.trace["hold_until"] = self.expires_at.isoformat()


def _account(work: Work, account_id: int) -> Account:
    if account_id not in work.facts.account_holders:
        raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=account_id, number=account_id)
    return work.book.account(account_id)


def _release(work: Work, hold: Hold) -> None:
    """The rest after a final capture is voided by an operation of its own."""
    first: Operation = work.draft.operation
    operation = msgspec.structs.replace(
        first,
        operation_id=work.book.ids.take("operation"),
        kind=OperationKind.HOLD_VOID,
        idem_key=f"{first.idem_key}:void:{hold.hold_id}",
        paid_accounts=0,
        trace_hash=None,
        doc_hash=None,
    )
    draft: Draft = work.book.begin(operation)
    void_hold(work.book, draft, hold)
    work.book.accept(draft)
    settle(work.book, work.book.account(hold.account_id))
