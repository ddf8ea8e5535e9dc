"""Debts of points: each later accrual settles what the guest owes, at once (domain 3.10, kind 50).

Under refund policy 4 earned points that were spent already become a debt on the receivable account
linked to the bonus type. A later accrual pays it 1:1: bonus debit and receivable credit in one
operation of their own, out of the lot the accrual made, even while that is pending.
"""

from __future__ import annotations

from card_server.accounts.records import Account
from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import credit, refresh
from card_server.ledger.records import Entry, Lot, LotState, Operation, OperationKind, Purpose
from card_server.ledger.settling import suite_draft
from card_server.ledger.spending import take_free

ACCRUALS = (
    Purpose.EARN,
    Purpose.DIRECT,
    Purpose.REFILL,
    Purpose.CAMPAIGN,
    Purpose.LEVEL_REWARD,
)


def settle_debts(book: Book, draft: Draft) -> None:
    """Every accrual of an accepted operation pays debts of its holder."""
    for entry in list(draft.entries):
        if entry.amount > 0:
            settle_debt(book, draft, entry)


def settle_debt(book: Book, draft: Draft, accrual: Entry) -> Operation | None:
    """The accrual pays what is owed on the linked account; None if nothing is."""
    account = book.account(accrual.account_id)
    if accrual.purpose not in ACCRUALS:
        return None
    debt = book.debt_of(account)
    amount = min(debt, accrual.amount, max(0, account.balance))
    if amount <= 0:
        return None
    key = f"j:receivable:{draft.operation.operation_id}:{accrual.line_no}"
    own = suite_draft(book, account, OperationKind.SETTLE_RECEIVABLE, key)
    own.operation.unit_id = draft.operation.unit_id
    own.operation.business_date = draft.operation.business_date
    _take(book, own, account, accrual, amount)
    owed = _owed(book, account)
    credit(book, own, owed, amount, Purpose.SETTLE)
    return book.accept(own)


def _owed(book: Book, account: Account) -> Account:
    type_id = book.type_of(account).receivable_type_id
    owed = book.account_of_type(account.holder_id or 0, type_id or 0)
    if owed is None:
        message = f"account {account.account_id} has a debt but no receivable account"
        raise LookupError(message)
    return owed


def _take(book: Book, draft: Draft, account: Account, accrual: Entry, amount: int) -> None:
    entry = book.add_entry(draft, account, -amount, Purpose.SETTLE)
    if not book.type_of(account).uses_lots:
        return
    left = amount
    for lot in _made_by(book, accrual):
        part = min(left, lot.remaining - lot.held)
        if part <= 0:
            continue
        book.allocate(draft, lot, entry, part)
        if lot.remaining == 0:
            book.set_lot(lot, "state", LotState.SPENT)
        left -= part
    if left > 0:
        left = take_free(book, draft, account, entry, left)
    if left > 0:
        shelf = book.shelf(account.account_id)
        book.set_uncovered(account, [*shelf.uncovered, (entry, left)])
    refresh(book, account)


def _made_by(book: Book, accrual: Entry) -> list[Lot]:
    lots = book.shelf(accrual.account_id).lots.values()
    return [lot for lot in lots if lot.entry_id == accrual.entry_id]
