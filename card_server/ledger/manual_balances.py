"""Postings by hand that move one account: cash, direct, adjustment, opening (domain 3.18)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Final

import msgspec

from card_server.accounts.records import CLASS_CERTIFICATE, CLASS_DEBIT, Account
from card_server.ledger.book import Book
from card_server.ledger.crediting import LotSpec, credit, lot_terms
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.limits import Payer, check_limits, count_payment, wanted
from card_server.ledger.manual_base import Manual, Work, bad_field
from card_server.ledger.manual_cards import check_card
from card_server.ledger.permitting import check_side
from card_server.ledger.receivables import settle_debts
from card_server.ledger.records import OperationKind, Purpose
from card_server.ledger.spending import check_account, check_funds, debit, insufficient, worth
from shared.wire.errors import AppError, ErrorCode

CASH_CLASSES: Final = (CLASS_DEBIT, CLASS_CERTIFICATE)
"""Classes that take and give back cash."""


class AccountPosting(Manual, kw_only=True, frozen=True):
    """A posting about one account: by its id, or by holder and type (opened if it is missing)."""

    account_id: int | None = None
    holder_id: int | None = None
    account_type_id: int | None = None

    def named(self) -> Wants:
        """The account or its holder."""
        wants = Wants()
        if self.account_id is not None:
            wants.accounts.add(self.account_id)
        elif self.holder_id is not None:
            wants.holders.add(self.holder_id)
        if self.header.card_code is not None:
            wants.cards.add(self.header.card_code)
        return wants

    def needed(self, facts: Facts, book: Book) -> Wants:
        """Lots of the account, and of what a debt may be settled from."""
        wants = Wants()
        account = self.present(facts, book)
        if account is None:
            return wants
        if book.lots_needed(account, debit=self.takes()):
            wants.lots.add(account.account_id)
        return wants

    def takes(self) -> bool:
        """It debits, so that lots are needed."""
        return True

    def present(self, facts: Facts, book: Book) -> Account | None:
        """The account, if the holder has it."""
        if self.account_id is not None:
            holder_id = facts.account_holders.get(self.account_id)
            accounts = book.accounts_of(holder_id) if holder_id is not None else []
            return next((a for a in accounts if a.account_id == self.account_id), None)
        if self.holder_id is None or self.account_type_id is None:
            return None
        return book.account_of_type(self.holder_id, self.account_type_id)

    def target(self, work: Work, *, may_open: bool = False) -> Account:
        """The account, settled; opened for a credit; else the refusal."""
        found = self.present(work.facts, work.book)
        if found is None and may_open and self.holder_id in work.facts.holders:
            kind = work.book.rules.account_types.get(self.account_type_id or 0)
            if kind is not None and self.holder_id is not None:
                found = work.book.open_account(self.holder_id, kind)
        if found is None:
            number = self.account_id if self.account_id is not None else self.account_type_id
            raise AppError(ErrorCode.ACCOUNT_NOT_FOUND, account=number, number=number)
        work.settle(found)
        return found


def need_amount(amount: int) -> None:
    """Refuse a sum that is not positive; such a request is not stored."""
    if amount <= 0:
        raise bad_field(amount=amount)


def _need_cash(work: Work, account: Account, *, debit_side: bool) -> None:
    kind = work.book.type_of(account)
    if kind.account_class not in CASH_CLASSES:
        code = ErrorCode.DEBIT_FORBIDDEN if debit_side else ErrorCode.CREDIT_FORBIDDEN
        raise AppError(code, type=kind.name, classifier=work.classifier.name)


class TopUp(AccountPosting, kw_only=True, frozen=True):
    """Money onto a debit account, by cash desk or user."""

    kind: ClassVar[OperationKind] = OperationKind.TOP_UP
    amount: int

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """A positive sum."""
        need_amount(self.amount)

    def takes(self) -> bool:
        """It only credits."""
        return False

    def book_it(self, work: Work) -> None:
        """Credit the account."""
        account = self.target(work, may_open=True)
        _need_cash(work, account, debit_side=False)
        check_account(work.book, account)
        if not work.is_suite:
            check_side(work.book, work.classifier, account, work.dated, debit=False)
        credit(work.book, work.draft, account, self.amount, Purpose.TOP_UP)


class Withdraw(AccountPosting, kw_only=True, frozen=True):
    """Money back from a debit account; never below its floor, never on credit."""

    kind: ClassVar[OperationKind] = OperationKind.WITHDRAW
    amount: int

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """A positive sum."""
        need_amount(self.amount)

    def book_it(self, work: Work) -> None:
        """Debit the account."""
        account = self.target(work)
        _need_cash(work, account, debit_side=True)
        check_account(work.book, account)
        if not work.is_suite:
            check_side(work.book, work.classifier, account, work.dated, debit=True)
        check_funds(work.book, account, self.amount)
        figures = worth(work.book, account)
        own = figures.spendable - figures.credit_depth
        if own < self.amount:
            raise insufficient(own, self.amount)
        debit(work.book, work.draft, account, self.amount, Purpose.WITHDRAW)


class DirectCredit(AccountPosting, kw_only=True, frozen=True):
    """What a program posts in favour of a guest outside a cheque; dates may be given."""

    kind: ClassVar[OperationKind] = OperationKind.DIRECT_CREDIT
    amount: int
    available_at: datetime | None = None
    expires_on: date | None = None

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """A positive sum."""
        need_amount(self.amount)

    def takes(self) -> bool:
        """It only credits."""
        return False

    def book_it(self, work: Work) -> None:
        """Credit the account with the usual checks."""
        account = self.target(work, may_open=True)
        check_account(work.book, account)
        if not work.is_suite:
            check_side(work.book, work.classifier, account, work.dated, debit=False)
        lots = given_lot(work, account, self.amount, self.available_at, self.expires_on)
        credit(work.book, work.draft, account, self.amount, Purpose.DIRECT, lots=lots)

    def after(self, work: Work) -> None:
        """The accrual pays a debt of points."""
        settle_debts(work.book, work.draft)


class DirectDebit(AccountPosting, kw_only=True, frozen=True):
    """What a program takes outside a cheque, with the checks of a payment."""

    kind: ClassVar[OperationKind] = OperationKind.DIRECT_DEBIT
    amount: int

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """A positive sum."""
        need_amount(self.amount)

    def needed(self, facts: Facts, book: Book) -> Wants:
        """Its lots, and the counters of limits."""
        wants = AccountPosting.needed(self, facts, book)
        account = self.present(facts, book)
        if account is not None and book.rules.limits:
            day = self.header.business_date or book.zone(self.key[0]).business_date(book.now)
            payer = Payer(self.header.classifier_id, self.header.card_code, day)
            wants.counters |= wanted(book, account, payer)
        return wants

    def book_it(self, work: Work) -> None:
        """Debit the account with the usual checks."""
        account = self.target(work)
        check_account(work.book, account)
        if not work.is_suite:
            check_side(work.book, work.classifier, account, work.dated, debit=True)
        check_card(work, account, self.amount)
        check_limits(work.book, account, Payer.of(work.draft.operation), self.amount)
        check_funds(work.book, account, self.amount)
        debit(work.book, work.draft, account, self.amount, Purpose.DIRECT)
        count_payment(work.book, work.draft, account, self.amount)


class Adjust(AccountPosting, kw_only=True, frozen=True):
    """A free amount with a reason, plus or minus, also on a blocked account (domain 2.2)."""

    kind: ClassVar[OperationKind] = OperationKind.ADJUST
    amount: int
    allow_negative: bool = False
    """A user with right account.credit ticked it: the balance may go below its floor."""
    available_at: datetime | None = None
    expires_on: date | None = None

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """A sum that moves something."""
        if self.amount == 0:
            raise bad_field(amount=self.amount)

    def takes(self) -> bool:
        """Only a negative sum debits."""
        return self.amount < 0

    def book_it(self, work: Work) -> None:
        """Credit or debit the account."""
        account = self.target(work, may_open=self.amount > 0)
        if self.amount > 0:
            lots = given_lot(work, account, self.amount, self.available_at, self.expires_on)
            credit(work.book, work.draft, account, self.amount, Purpose.ADJUST, lots=lots)
            return
        if not self.allow_negative:
            check_funds(work.book, account, -self.amount)
        debit(work.book, work.draft, account, -self.amount, Purpose.ADJUST)


class OpeningLot(msgspec.Struct, kw_only=True, frozen=True):
    """A lot of an opening balance with its dates; without dates it is usable now and for ever."""

    amount: int
    available_at: datetime | None = None
    expires_on: date | None = None
    issued_unit_id: int | None = None


class Opening(AccountPosting, kw_only=True, frozen=True):
    """A balance brought from another system: given lots, or one lot by the type's terms (3.14).

    The header's business date may lie before the books were closed, here only. A debt is a
    negative amount without lots.
    """

    kind: ClassVar[OperationKind] = OperationKind.OPENING
    any_date: ClassVar[bool] = True
    amount: int
    lots: tuple[OpeningLot, ...] = ()

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """Lots are positive and add up to the amount."""
        total = sum(lot.amount for lot in self.lots)
        if self.amount == 0 or (self.lots and total != self.amount):
            raise bad_field(amount=self.amount)
        for lot in self.lots:
            need_amount(lot.amount)

    def takes(self) -> bool:
        """A debt is a debit."""
        return self.amount < 0

    def book_it(self, work: Work) -> None:
        """One entry, with the lots as they were."""
        account = self.target(work, may_open=True)
        if self.amount < 0:
            debit(work.book, work.draft, account, -self.amount, Purpose.OPENING)
            return
        specs = [_opening_lot(work, lot) for lot in self.lots]
        lots = specs if specs and work.book.type_of(account).uses_lots else None
        credit(work.book, work.draft, account, self.amount, Purpose.OPENING, lots=lots)


def _opening_lot(work: Work, lot: OpeningLot) -> LotSpec:
    available = lot.available_at or min(work.dated.occurred_at, work.book.now)
    ends = work.dated.zone.day_end(lot.expires_on) if lot.expires_on is not None else None
    if ends is not None and ends <= available:
        raise AppError(ErrorCode.BAD_LIFE, value=str(lot.expires_on))
    return LotSpec(
        amount=lot.amount,
        available_at=available,
        expires_on=lot.expires_on,
        expires_at=ends,
        issued_unit_id=lot.issued_unit_id,
    )


def given_lot(
    work: Work,
    account: Account,
    amount: int,
    available_at: datetime | None,
    expires_on: date | None,
) -> list[LotSpec] | None:
    """The lot with the dates the caller gave; None leaves them to the type (or there are none)."""
    kind = work.book.type_of(account)
    if not kind.uses_lots or (available_at is None and expires_on is None):
        return None
    moment = min(work.dated.occurred_at, work.book.now)
    spec = lot_terms(kind, amount, moment, work.dated.zone, delay=available_at, life=expires_on)
    if spec.expires_at is not None and spec.expires_at <= spec.available_at:
        raise AppError(ErrorCode.BAD_LIFE, value=str(expires_on))
    return [spec]
