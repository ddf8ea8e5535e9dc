"""Life that slides: each sale lets all open points of the guest live N days more (life kind 5)."""

from __future__ import annotations

from datetime import timedelta

from card_server.accounts.records import Account
from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import LIFE_SINCE_SALE, refresh
from card_server.ledger.records import Operation, OperationKind
from card_server.ledger.reversing import keep_lot
from card_server.ledger.settling import suite_draft


def slides(book: Book, account: Account) -> bool:
    """The account's lots are extended by a sale, so they must be read for it."""
    return book.type_of(account).life_kind == LIFE_SINCE_SALE


def slide_lots(book: Book, sale: Operation) -> Operation | None:
    """Extend what is open; one operation of kind 19 for the sale, None if nothing moved."""
    draft: Draft | None = None
    zone = book.zone(sale.classifier_id)
    moved = False
    for account in book.accounts_of(sale.holder_id or 0):
        if not slides(book, account) or not book.has_lots(account.account_id):
            continue
        day = sale.business_date + timedelta(days=book.type_of(account).life_value)
        lots = book.shelf(account.account_id).lots.values()
        for lot in sorted(lots, key=lambda lot: lot.lot_id):
            if lot.remaining <= 0 or lot.expires_at is None or lot.expires_at <= book.now:
                continue
            if draft is None:
                key = f"j:lots.slide:{sale.operation_id}"
                draft = suite_draft(book, account, OperationKind.EXTEND, key)
                draft.operation.business_date = sale.business_date
            moved = keep_lot(book, draft, lot, day, zone) or moved
        refresh(book, account)
    return book.accept(draft) if draft is not None and moved else None
