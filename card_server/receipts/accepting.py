"""What follows an operation at once, in the same transaction: sliding life, debts of points."""

from __future__ import annotations

from card_server.ledger.book import Book, Draft
from card_server.ledger.receivables import settle_debts
from card_server.ledger.records import OperationKind
from card_server.ledger.sliding import slide_lots


def accept(book: Book, draft: Draft) -> None:
    """The operation stands; a sale extends lots that slide, an accrual pays what is owed."""
    operation = book.accept(draft)
    if operation.kind == OperationKind.SALE:
        slide_lots(book, operation)
    settle_debts(book, draft)
