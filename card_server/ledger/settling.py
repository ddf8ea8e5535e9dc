"""Settling: due holds end, due value burns, available value covers (domain 3.1 step 5)."""

from __future__ import annotations

import hashlib

from card_server.accounts.records import Account
from card_server.ledger.book import SUITE, Book, Draft
from card_server.ledger.crediting import cover, refresh
from card_server.ledger.holding import expire_hold, rest_of
from card_server.ledger.records import Entry, Lot, LotState, Operation, OperationKind, Purpose


def settle(book: Book, account: Account, job: str = "") -> Operation | None:
    """Book the burning of due lots as an operation of its own; None if nothing was due.

    Holds past their moment end first, so that value they pinned burns with the rest. `job` is
    the key of a standing command; without one the operation gets a key of its own.
    """
    if not book.has_lots(account.account_id):
        return None
    end_due_holds(book, account)
    if not due_lots(book, account):
        refresh(book, account)
        return _cover_alone(book, account)
    draft = suite_draft(book, account, OperationKind.EXPIRE, job)
    burn_due(book, draft, account)
    return book.accept(draft)


def due_lots(book: Book, account: Account) -> list[Lot]:
    """Lots past their date with value that no hold pins, by number."""
    now = book.now
    due = [
        lot
        for lot in book.shelf(account.account_id).lots.values()
        if lot.expires_at is not None and lot.expires_at <= now and lot.remaining > lot.held
    ]
    due.sort(key=lambda lot: lot.lot_id)
    return due


def burn_due(book: Book, draft: Draft, account: Account) -> Entry | None:
    """Burn what is due of an account inside an operation; None if nothing was due."""
    due = due_lots(book, account)
    entry = None
    if due:
        total = sum(lot.remaining - lot.held for lot in due)
        entry = book.add_entry(draft, account, -total, Purpose.EXPIRE)
        for lot in due:
            book.allocate(draft, lot, entry, lot.remaining - lot.held)
            if lot.remaining == 0:
                book.set_lot(lot, "state", LotState.BURNT)
    refresh(book, account)
    cover(book, draft, account)
    return entry


def end_due_holds(book: Book, account: Account) -> list[Operation]:
    """End the account's open holds whose moment has passed, each by an operation of its own."""
    if account.held <= 0:
        return []
    made = []
    holds = book.shelf(account.account_id).holds.values()
    for hold in sorted(holds, key=lambda hold: hold.hold_id):
        if rest_of(hold) > 0 and hold.expires_at <= book.now:
            job = f"j:holds.expire:{book.zone(SUITE).business_date(book.now)}:{hold.hold_id}"
            draft = suite_draft(book, account, OperationKind.HOLD_EXPIRE, job)
            draft.operation.card_code = hold.card_code
            draft.operation.order_guid = hold.order_guid
            expire_hold(book, draft, hold)
            made.append(book.accept(draft))
    return made


def _cover_alone(book: Book, account: Account) -> Operation | None:
    """Value that became available pays older debits; it needs an operation to stand in."""
    shelf = book.shelf(account.account_id)
    if not shelf.uncovered:
        return None
    mark = book.mark()
    draft = suite_draft(book, account, OperationKind.EXPIRE)
    before = len(book.rows.allocations)
    cover(book, draft, account)
    if len(book.rows.allocations) == before:
        book.rewind(mark)
        return None
    return book.accept(draft)


def suite_draft(book: Book, account: Account, kind: OperationKind, key: str = "") -> Draft:
    """An operation of the suite itself about one account, now."""
    zone = book.zone(SUITE)
    operation_id = book.ids.take("operation")
    key = key or f"j:{kind.name.lower()}:{account.account_id}:{operation_id}"
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
