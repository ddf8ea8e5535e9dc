"""The sale of a gift certificate and its return, as bookings on its own account (domain 3.17)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from card_server.accounts.records import OWNER_CERTIFICATE, Account
from card_server.ledger.book import Book
from card_server.ledger.crediting import LotSpec, credit, refresh
from card_server.ledger.facts import Facts, Wants
from card_server.ledger.manual_balances import need_amount
from card_server.ledger.manual_base import Manual, Work, bad_field
from card_server.ledger.records import REVERSAL, Lot, OperationKind, Purpose, emptied_state
from card_server.ledger.spending import check_account
from shared.wire.errors import AppError, ErrorCode


class CertificatePosting(Manual, kw_only=True, frozen=True):
    """A posting about the account of a certificate."""

    account_id: int

    def alone(self) -> tuple[str, ...]:
        """Two of one certificate do not share a group."""
        return (f"certificate:{self.account_id}",)

    def named(self) -> Wants:
        """The account."""
        return Wants(accounts={self.account_id})

    def needed(self, facts: Facts, book: Book) -> Wants:  # noqa: ARG002 - the protocol's shape
        """Its lot."""
        return Wants(lots={self.account_id} if book.has_account(self.account_id) else set())

    def target(self, work: Work) -> Account:
        """The account, settled; any other account is none of a certificate."""
        book = work.book
        found = book.account(self.account_id) if book.has_account(self.account_id) else None
        if found is None or found.owner_kind != OWNER_CERTIFICATE:
            raise AppError(
                ErrorCode.ACCOUNT_NOT_FOUND, account=self.account_id, number=self.account_id
            )
        work.settle(found)
        return found


class ActivateCertificate(CertificatePosting, kw_only=True, frozen=True):
    """It was sold: its value becomes one lot, usable from one day to another."""

    kind: ClassVar[OperationKind] = OperationKind.CERTIFICATE_ACTIVATE
    amount: int
    available_on: date | None = None
    expires_on: date | None = None

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """A positive sum, and an end that is not before the beginning."""
        need_amount(self.amount)
        begin, end = self.available_on, self.expires_on
        if begin is not None and end is not None and end < begin:
            raise bad_field(expires_on=end)

    def book_it(self, work: Work) -> None:
        """Credit the account, which nothing was ever booked on."""
        book, zone = work.book, work.dated.zone
        account = self.target(work)
        check_account(book, account)
        if account.last_operation_at is not None:
            raise AppError(
                ErrorCode.WRONG_STATE, event="sell", object=str(self.account_id), state="sold"
            )
        begin = zone.day_begin(self.available_on) if self.available_on is not None else book.now
        lot = LotSpec(
            amount=self.amount,
            available_at=max(begin, book.now) if self.available_on is None else begin,
            expires_on=self.expires_on,
            expires_at=zone.day_end(self.expires_on) if self.expires_on is not None else None,
        )
        credit(book, work.draft, account, self.amount, Purpose.CERTIFICATE, lots=[lot])


class VoidCertificate(CertificatePosting, kw_only=True, frozen=True):
    """It is taken back unused: the opposite of its sale."""

    kind: ClassVar[OperationKind] = OperationKind.CERTIFICATE_VOID

    def book_it(self, work: Work) -> None:
        """Take the whole lot of the sale; one that was used, burnt or is held is refused."""
        book = work.book
        account = self.target(work)
        lots = [lot for lot in book.shelf(account.account_id).lots.values() if lot.remaining > 0]
        if len(lots) != 1 or not _is_whole(account, lots[0]):
            raise AppError(ErrorCode.CERT_USED)
        lot = lots[0]
        entry = book.add_entry(
            work.draft,
            account,
            -lot.amount,
            Purpose.CERTIFICATE + REVERSAL,
            reverses_entry_id=lot.entry_id,
        )
        work.draft.operation.reverses_id = lot.operation_id
        book.allocate(work.draft, lot, entry, lot.amount)
        book.set_lot(lot, "state", emptied_state(entry.purpose))
        refresh(book, account)


def _is_whole(account: Account, lot: Lot) -> bool:
    return lot.remaining == lot.amount == account.balance and not account.held
