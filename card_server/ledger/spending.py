"""Debits: what may be spent, in which order lots burn, and what stays uncovered (domain 3.7)."""

from __future__ import annotations

from typing import Any

import msgspec

from card_server.accounts.records import ACCOUNT_ACTIVE, Account
from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import burn_key, burn_order, refresh
from card_server.ledger.records import Entry, Hold, HoldState, emptied_state
from shared.wire.errors import AppError, ErrorCode
from shared.wire.money import amount_text


class Worth(msgspec.Struct, kw_only=True, gc=False):
    """What an account is worth now, without waiting for any job (domain 1.6)."""

    balance: int
    pending: int
    burnt: int
    held: int
    credit_depth: int
    floor: int

    @property
    def shown(self) -> int:
        """Balance as replies show it: neither delayed nor burnt value."""
        return self.balance - self.pending - self.burnt

    @property
    def spendable(self) -> int:
        """What a payment may take."""
        return self.shown - self.held + self.credit_depth - self.floor


def worth(book: Book, account: Account, *, depth: int | None = None) -> Worth:
    """The figures of an account; exact from the lots where they were read, else from caches.

    `depth` narrows the account's own credit depth (a limited card).
    """
    kind = book.type_of(account)
    pending, burnt = account.pending, 0
    if kind.uses_lots and book.has_lots(account.account_id):
        pending, now = 0, book.now
        for lot in book.shelf(account.account_id).lots.values():
            if lot.remaining <= 0:
                continue
            if lot.expires_at is not None and lot.expires_at <= now:
                burnt += lot.remaining - lot.held
            elif lot.available_at > now:
                pending += lot.remaining
    depth = account.credit_depth if depth is None else min(depth, account.credit_depth)
    return Worth(
        balance=account.balance or 0,
        pending=pending,
        burnt=burnt,
        held=account.held,
        credit_depth=depth,
        floor=kind.min_balance if depth == 0 else 0,
    )


def check_account(book: Book, account: Account) -> None:
    """Refuse a blocked, closed or expired account (domain 2.2)."""
    expired = account.valid_to is not None and account.valid_to < book.today(0)
    if account.state != ACCOUNT_ACTIVE or expired:
        raise AppError(
            ErrorCode.ACCOUNT_BLOCKED,
            account=book.type_of(account).name,
            type=book.type_of(account).name,
            reason=account.block_reason or "",
        )


def check_funds(book: Book, account: Account, amount: int) -> None:
    """Refuse a debit of `amount` > 0 that the account cannot pay, with the true reason."""
    if not book.type_of(account).has_limit:
        return
    figures = worth(book, account)
    if figures.spendable >= amount:
        return
    if figures.held > 0 and figures.spendable + figures.held >= amount:
        raise held_elsewhere(book, account)
    if (
        figures.pending > 0
        and figures.spendable <= 0
        and figures.spendable + figures.pending >= amount
    ):
        raise pending_only(account, figures)
    raise insufficient(figures.spendable, amount)


def pending_only(account: Account, figures: Worth) -> AppError:
    """The refusal that says when what is there becomes usable."""
    event = account.next_lot_event_at
    when = event.isoformat(" ", "minutes") if event is not None else ""
    return AppError(ErrorCode.PENDING_ONLY, when=when, sum=money(figures.pending))


def held_elsewhere(book: Book, account: Account) -> AppError:
    """The refusal that names the hold which takes the largest part of what is held."""
    holds = book.shelf(account.account_id).holds.values()
    open_ones = [hold for hold in holds if hold.state in (HoldState.OPEN, HoldState.PART_CAPTURED)]
    largest = max(open_ones, key=lambda hold: hold.amount - hold.captured, default=None)
    facts: dict[str, str] = {"order": "", "unit": "", "time": ""}
    if largest is not None:
        unit = book.rules.units.get(largest.unit_id or 0)
        facts["order"] = largest.order_guid or str(largest.hold_id)
        facts["unit"] = unit.name if unit is not None else ""
        facts["time"] = largest.expires_at.isoformat(" ", "minutes")
    return AppError(ErrorCode.HELD_ELSEWHERE, sum=money(account.held), **facts)


def insufficient(available: int, needed: int) -> AppError:
    """The refusal for want of funds, with both sums."""
    return AppError(
        ErrorCode.INSUFFICIENT,
        available=money(max(0, available)),
        needed=money(needed),
        wanted=money(needed),
    )


def money(amount: int) -> str:
    """Minor units as decimal text for the facts of a refusal."""
    return amount_text(amount)


def debit(
    book: Book,
    draft: Draft,
    account: Account,
    amount: int,
    purpose: int,
    *,
    pinned: Hold | None = None,
    **facts: Any,
) -> Entry:
    """Debit `amount` > 0: pinned lots first, then burn order; the rest stays uncovered.

    The checks come before; a debit itself never refuses. Lots must have been read.
    """
    entry = book.add_entry(draft, account, -amount, purpose, **facts)
    if not book.type_of(account).uses_lots:
        return entry
    left = amount
    if pinned is not None:
        left = _take_pinned(book, draft, entry, pinned, left)
    left = take_free(book, draft, account, entry, left)
    if left > 0:
        rests = [*book.shelf(account.account_id).uncovered, (entry, left)]
        book.set_uncovered(account, rests)
    refresh(book, account)
    return entry


def take_free(
    book: Book,
    draft: Draft,
    account: Account,
    entry: Entry,
    left: int,
) -> int:
    """Take from available lots in burn order; returns what they could not give."""
    for lot in burn_order(book, account):
        if left <= 0:
            break
        part = min(left, lot.remaining - lot.held)
        book.allocate(draft, lot, entry, part)
        if lot.remaining == 0:
            book.set_lot(lot, "state", emptied_state(entry.purpose))
        left -= part
    return left


def _take_pinned(book: Book, draft: Draft, entry: Entry, hold: Hold, left: int) -> int:
    """Take the lots that a hold pins, even past their date: the guest was promised (3.8)."""
    pins = book.shelf(entry.account_id).pins.get(hold.hold_id, {})
    for pin in sorted(pins.values(), key=lambda pin: burn_key(book.lot(pin.lot_id))):
        part = min(left, pin.amount)
        if part <= 0:
            continue
        lot = book.lot(pin.lot_id)
        book.set_pin(pin, pin.amount - part)
        book.allocate(draft, lot, entry, part)
        if lot.remaining == 0:
            book.set_lot(lot, "state", emptied_state(entry.purpose))
        left -= part
    return left
