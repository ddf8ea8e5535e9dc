"""Settling: value past its date burns, value that became available covers (domain 3.1 step 5)."""

from __future__ import annotations

import hashlib

from card_server.accounts.records import Account
from card_server.ledger.book import SUITE, Book, Draft
from card_server.ledger.crediting import cover, refresh
from card_server.ledger.records import LotState, Operation, OperationKind, Purpose


def settle(book: Book, account: Account) -> Operation | None:
    """Book the burning of due lots as an operation of its own; None if nothing was due."""
    if not book.has_lots(account.account_id):
        return None
    now = book.now
    due = [
        lot
        for lot in book.shelf(account.account_id).lots.values()
        if lot.expires_at is not None and lot.expires_at <= now and lot.remaining > lot.held
    ]
    if not due:
        refresh(book, account)
        return _cover_alone(book, account)
    due.sort(key=lambda lot: lot.lot_id)
    draft = _suite_draft(book, account, OperationKind.EXPIRE, "lots.expire")
    total = sum(lot.remaining - lot.held for lot in due)
    entry = book.add_entry(draft, account, -total, Purpose.EXPIRE)
    for lot in due:
        book.allocate(draft, lot, entry, lot.remaining - lot.held)
        if lot.remaining == 0:
            book.set_lot(lot, "state", LotState.BURNT)
    refresh(book, account)
    cover(book, draft, account)
    return book.accept(draft)


def _cover_alone(book: Book, account: Account) -> Operation | None:
    """Value that became available pays older debits; it needs an operation to stand in."""
    shelf = book.shelf(account.account_id)
    if not shelf.uncovered:
        return None
    mark = book.mark()
    draft = _suite_draft(book, account, OperationKind.EXPIRE, "lots.available")
    before = len(book.rows.allocations)
    cover(book, draft, account)
    if len(book.rows.allocations) == before:
        book.rewind(mark)
        return None
    return book.accept(draft)


def _suite_draft(book: Book, account: Account, kind: OperationKind, job: str) -> Draft:
    zone = book.zone(SUITE)
    operation_id = book.ids.take("operation")
    key = f"j:{job}:{account.account_id}:{operation_id}"
    return book.begin(
        Operation(
            operation_id=operation_id,
            kind=kind,
            classifier_id=SUITE,
            holder_id=account.holder_id,
            idem_key=key,
            fingerprint=hashlib.sha256(key.encode()).digest(),
            occurred_at=book.now,
            occurred_off=zone.offset_minutes(book.now),
            recorded_at=book.now,
            business_date=zone.business_date(book.now),
            rule_version=book.rules.version,
        )
    )
