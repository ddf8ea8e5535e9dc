"""Postings by hand about the terms of lots: burn, extend, bring back (domain 3.18)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar, Final

from card_server.accounts.records import Account
from card_server.ledger.book import Book
from card_server.ledger.crediting import LotSpec, credit, refresh, state_by_clock
from card_server.ledger.facts import BurntLot, Facts, Wants
from card_server.ledger.manual_balances import AccountPosting, need_amount
from card_server.ledger.manual_base import Work
from card_server.ledger.records import Lot, OperationKind, Purpose
from card_server.ledger.reversing import keep_lot
from card_server.ledger.settling import burn_due, end_due_holds
from card_server.ledger.spending import money
from shared.wire.errors import AppError, ErrorCode

REINSTATED_DAYS: Final = 30
"""Life of value that was brought back, if the user gives no other."""


class ExtendLots(AccountPosting, kw_only=True, frozen=True):
    """Move the last day of lots later, never earlier; without `lot_ids` of all that end before.

    Value past its date that is not booked as burnt yet becomes usable again.
    """

    kind: ClassVar[OperationKind] = OperationKind.EXTEND
    expires_on: date
    lot_ids: tuple[int, ...] = ()

    def book_it(self, work: Work) -> None:
        """One lot_term for each lot; no entries."""
        book = work.book
        account = self.present(work.facts, book)
        if account is None:
            raise AppError(
                ErrorCode.ACCOUNT_NOT_FOUND, account=self.account_id, number=self.account_id
            )
        work.draft.operation.holder_id = account.holder_id
        until = work.dated.zone.day_end(self.expires_on)
        if until <= book.now:
            raise AppError(ErrorCode.BAD_LIFE, value=self.expires_on.isoformat())
        lots = [
            lot
            for lot in self._chosen(book, account)
            if lot.expires_at is not None and lot.expires_at < until
        ]
        if not lots:
            raise AppError(
                ErrorCode.WRONG_STATE, event="extend", object="lots", state="nothing ends earlier"
            )
        for lot in sorted(lots, key=lambda lot: lot.lot_id):
            keep_lot(book, work.draft, lot, self.expires_on, work.dated.zone)
            book.set_lot(lot, "state", state_by_clock(lot, book.now))
        refresh(book, account)

    def _chosen(self, book: Book, account: Account) -> list[Lot]:
        lots = book.shelf(account.account_id).lots
        if not self.lot_ids:
            return [lot for lot in lots.values() if lot.remaining > 0]
        for lot_id in self.lot_ids:
            if lot_id not in lots or lots[lot_id].remaining <= 0:
                raise AppError(
                    ErrorCode.WRONG_STATE, event="extend", object=f"lot {lot_id}", state="empty"
                )
        return [lots[lot_id] for lot_id in dict.fromkeys(self.lot_ids)]


class Reinstate(AccountPosting, kw_only=True, frozen=True):
    """Bring burnt value back within `reinstate_days`: new lots that name the burnt ones.

    At most what burnt less what was brought back already; without an amount, all of it. The lots
    that burnt last come first, unless `lot_ids` choose.
    """

    kind: ClassVar[OperationKind] = OperationKind.REINSTATE
    amount: int | None = None
    lot_ids: tuple[int, ...] = ()
    expires_on: date | None = None

    def head(self, facts: Facts) -> None:  # noqa: ARG002 - the protocol's shape
        """A positive sum, if one is given."""
        if self.amount is not None:
            need_amount(self.amount)

    def alone(self) -> tuple[str, ...]:
        """Two of them on one account would count the same burnt value twice."""
        if self.account_id is not None:
            return (f"reinstate:{self.account_id}",)
        return (f"reinstate:{self.holder_id}",)

    def takes(self) -> bool:
        """It only credits, but settles first."""
        return True

    def needed(self, facts: Facts, book: Book) -> Wants:
        """What burnt of the account."""
        wants = AccountPosting.needed(self, facts, book)
        account = self.present(facts, book)
        if account is not None:
            wants.burnt.add(account.account_id)
        return wants

    def book_it(self, work: Work) -> None:
        """One entry with a lot for each burnt lot."""
        account = self.target(work)
        today = work.dated.zone.business_date(work.book.now)
        day = self.expires_on or today + timedelta(days=REINSTATED_DAYS)
        ends = work.dated.zone.day_end(day)
        if ends <= work.book.now:
            raise AppError(ErrorCode.BAD_LIFE, value=day.isoformat())
        shares = self._shares(work, account)
        specs = [
            LotSpec(
                amount=amount,
                available_at=work.book.now,
                expires_on=day,
                expires_at=ends,
                parent_lot_id=lot.lot_id,
                issued_unit_id=lot.issued_unit_id,
            )
            for lot, amount in shares
        ]
        total = sum(spec.amount for spec in specs)
        credit(work.book, work.draft, account, total, Purpose.REINSTATE, lots=specs)

    def _shares(self, work: Work, account: Account) -> list[tuple[Lot, int]]:
        """What each burnt lot gives back."""
        days = work.book.type_of(account).reinstate_days
        since = work.book.now - timedelta(days=days)
        found: list[tuple[Lot, int]] = []
        for burnt in work.facts.burnt.get(account.account_id, []):
            if self.lot_ids and burnt.lot.lot_id not in self.lot_ids:
                continue
            rest = _rest(burnt, since)
            if rest > 0:
                found.append((burnt.lot, rest))
        available = sum(rest for _, rest in found)
        left = available if self.amount is None else self.amount
        if left > available or left <= 0:
            raise AppError(
                ErrorCode.WRONG_STATE,
                event="reinstate",
                object=money(left),
                state=f"{money(available)} burnt in {days} days",
            )
        shares = []
        for lot, rest in found:
            part = min(left, rest)
            if part > 0:
                shares.append((lot, part))
            left -= part
        return shares


def _rest(burnt: BurntLot, since: datetime) -> int:
    """What of a lot burnt within the window and was not brought back."""
    whole = sum(amount for amount, _ in burnt.burnt)
    fresh = sum(amount for amount, at in burnt.burnt if at >= since)
    return max(0, min(fresh, whole - burnt.reinstated))


class Expire(AccountPosting, kw_only=True, frozen=True):
    """Book the burning of the account's due lots now instead of at the next job."""

    kind: ClassVar[OperationKind] = OperationKind.EXPIRE

    def book_it(self, work: Work) -> None:
        """One entry for all that is due; none if nothing is."""
        account = self.present(work.facts, work.book)
        if account is None:
            raise AppError(
                ErrorCode.ACCOUNT_NOT_FOUND, account=self.account_id, number=self.account_id
            )
        work.draft.operation.holder_id = account.holder_id
        end_due_holds(work.book, account)
        burn_due(work.book, work.draft, account)
