"""Moving value between accounts of one type: lots keep their dates, debts stay debts (3.13)."""

from __future__ import annotations

from card_server.accounts.records import Account
from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import LotSpec, burn_order, credit, refresh
from card_server.ledger.records import Lot, LotState, Purpose
from card_server.ledger.reversing import free_of
from card_server.ledger.spending import debit, insufficient


def move(book: Book, draft: Draft, source: Account, target: Account, amount: int) -> None:
    """Move `amount` > 0; on types with lots one lot for each source lot, parent and dates kept.

    Available lots go first, in burn order, then pending ones: they stay pending. What lots do not
    hold is refused.
    """
    if not book.type_of(source).uses_lots:
        debit(book, draft, source, amount, Purpose.TRANSFER)
        credit(book, draft, target, amount, Purpose.TRANSFER)
        return
    shares = _shares(book, source, amount)
    entry = book.add_entry(draft, source, -amount, Purpose.TRANSFER)
    specs = []
    for lot, part in shares:
        book.allocate(draft, lot, entry, part)
        if lot.remaining == 0:
            book.set_lot(lot, "state", LotState.CANCELLED)
        specs.append(_same_dates(lot, part))
    refresh(book, source)
    credit(book, draft, target, amount, Purpose.TRANSFER, lots=specs)


def movable(book: Book, source: Account) -> int:
    """What can be moved of an account: its free lots, or its balance without holds."""
    if not book.type_of(source).uses_lots:
        return source.balance - source.held
    return sum(free_of(lot) for lot in _lots(book, source))


def move_all(book: Book, draft: Draft, source: Account, target: Account) -> None:
    """Move the whole of an account: every lot, or the balance; what is uncovered as uncovered."""
    kind = book.type_of(source)
    if kind.uses_lots:
        amount = movable(book, source)
        if amount > 0:
            move(book, draft, source, target, amount)
        if source.uncovered > 0:
            move_debt(book, draft, source, target, source.uncovered)
        return
    if source.balance > 0:
        move(book, draft, source, target, source.balance)
    elif source.balance < 0:
        move_debt(book, draft, source, target, -source.balance)


def move_debt(book: Book, draft: Draft, source: Account, target: Account, amount: int) -> None:
    """Move a negative balance: the source is paid, the target owes."""
    credit(
        book,
        draft,
        source,
        amount,
        Purpose.TRANSFER,
        lots=[LotSpec(amount=amount, available_at=book.now)],
    )
    debit(book, draft, target, amount, Purpose.TRANSFER)


def _lots(book: Book, source: Account) -> list[Lot]:
    available = burn_order(book, source)
    pending = sorted(
        (
            lot
            for lot in book.shelf(source.account_id).lots.values()
            if lot.available_at > book.now and free_of(lot) > 0
        ),
        key=lambda lot: lot.lot_id,
    )
    return [*available, *pending]


def _shares(book: Book, source: Account, amount: int) -> list[tuple[Lot, int]]:
    left = amount
    shares = []
    for lot in _lots(book, source):
        part = min(left, free_of(lot))
        if part > 0:
            shares.append((lot, part))
            left -= part
    if left > 0:
        raise insufficient(amount - left, amount)
    return shares


def _same_dates(lot: Lot, amount: int) -> LotSpec:
    return LotSpec(
        amount=amount,
        available_at=lot.available_at,
        expires_on=lot.expires_on,
        expires_at=lot.expires_at,
        parent_lot_id=lot.lot_id,
        issued_unit_id=lot.issued_unit_id,
    )
