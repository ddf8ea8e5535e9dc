"""Credits: lots with delay and life, and the covering of debits that no lot has paid (3.6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from card_server.accounts.records import Account, AccountType
from card_server.ledger.book import Book, Draft
from card_server.ledger.calendar import Zone, add_months, month_end, next_day_of_year
from card_server.ledger.records import Entry, Lot, LotState, emptied_state

LIFE_NONE, LIFE_DAYS, LIFE_MONTHS, LIFE_MONTH_END, LIFE_DAY_OF_YEAR, LIFE_SINCE_SALE = range(6)
DELAY_NONE, DELAY_MINUTES, DELAY_HOURS, DELAY_DAYS = range(4)


class LotSpec(msgspec.Struct, kw_only=True):
    """A lot to be made: how much, from when, until when (the day inclusive)."""

    amount: int
    available_at: datetime
    expires_on: date | None = None
    expires_at: datetime | None = None
    parent_lot_id: int | None = None
    issued_unit_id: int | None = None


def available_from(kind: AccountType, occurred_at: datetime, zone: Zone) -> datetime:
    """When a credit of this type reaches the balance."""
    if kind.delay_kind == DELAY_MINUTES:
        return occurred_at + timedelta(minutes=kind.delay_value)
    if kind.delay_kind == DELAY_HOURS:
        return occurred_at + timedelta(hours=kind.delay_value)
    if kind.delay_kind == DELAY_DAYS:
        return zone.day_begin(zone.business_date(occurred_at) + timedelta(days=kind.delay_value))
    return occurred_at


def last_day(kind: AccountType, from_day: date) -> date | None:
    """The last usable business date of value that becomes available on `from_day`."""
    value = kind.life_value
    if kind.life_kind in (LIFE_DAYS, LIFE_SINCE_SALE):
        return from_day + timedelta(days=value)
    if kind.life_kind == LIFE_MONTHS:
        return add_months(from_day, value)
    if kind.life_kind == LIFE_MONTH_END:
        return month_end(from_day, value)
    if kind.life_kind == LIFE_DAY_OF_YEAR:
        return next_day_of_year(from_day, value)
    return None


def lot_terms(
    kind: AccountType,
    amount: int,
    occurred_at: datetime,
    zone: Zone,
    *,
    delay: datetime | None = None,
    life: date | None = None,
) -> LotSpec:
    """The lot of a credit by its type's delay and life, unless the caller gave them."""
    available = delay or available_from(kind, occurred_at, zone)
    day = life or last_day(kind, zone.business_date(available))
    return LotSpec(
        amount=amount,
        available_at=available,
        expires_on=day,
        expires_at=zone.day_end(day) if day is not None else None,
    )


def credit(
    book: Book,
    draft: Draft,
    account: Account,
    amount: int,
    purpose: int,
    *,
    lots: Sequence[LotSpec] | None = None,
    **facts: Any,
) -> Entry:
    """Credit `amount` > 0; on a type with lots `lots` add up to it, or the type's terms hold."""
    entry = book.add_entry(draft, account, amount, purpose, **facts)
    kind = book.type_of(account)
    if not kind.uses_lots:
        return entry
    operation = draft.operation
    if lots is None:
        zone = book.zone(operation.classifier_id)
        # a till whose clock runs ahead must not delay points that have no delay
        moment = min(operation.occurred_at, book.now)
        lots = (lot_terms(kind, amount, moment, zone),)
    for line, spec in enumerate(lots, start=1):
        _make_lot(book, entry, line, spec, operation.unit_id)
    refresh(book, account)
    if account.uncovered > 0:
        cover(book, draft, account)
    return entry


def _make_lot(book: Book, entry: Entry, line: int, spec: LotSpec, unit_id: int | None) -> None:
    lot = Lot(
        lot_id=book.ids.take("lot"),
        account_id=entry.account_id,
        entry_id=entry.entry_id,
        line=line,
        operation_id=entry.operation_id,
        amount=spec.amount,
        origin=entry.purpose,
        parent_lot_id=spec.parent_lot_id,
        issued_unit_id=spec.issued_unit_id if spec.issued_unit_id is not None else unit_id,
        available_at=spec.available_at,
        first_expires_on=spec.expires_on,
        first_expires_at=spec.expires_at,
        expires_on=spec.expires_on,
        expires_at=spec.expires_at,
        remaining=spec.amount,
        state=LotState.AVAILABLE,
    )
    lot.state = state_by_clock(lot, book.now)
    book.add_lot(lot)
    if book.has_lots(lot.account_id):
        return
    account = book.account(lot.account_id)
    if lot.state == LotState.PENDING:
        book.set_account(account, "pending", account.pending + lot.remaining)
    event = next_event(lot, book.now)
    present = account.next_lot_event_at
    if event is not None and (present is None or event < present):
        book.set_account(account, "next_lot_event_at", event)


def state_by_clock(lot: Lot, now: datetime) -> LotState:
    """State of a lot that still holds value."""
    if lot.expires_at is not None and lot.expires_at <= now:
        return LotState.DUE
    return LotState.PENDING if lot.available_at > now else LotState.AVAILABLE


def next_event(lot: Lot, now: datetime) -> datetime | None:
    """The next moment that changes what the lot is worth."""
    return lot.available_at if lot.available_at > now else lot.expires_at


def refresh(book: Book, account: Account) -> None:
    """Bring pending and the next lot moment up to now, from the lots where they were read."""
    if not book.has_lots(account.account_id):
        return
    now = book.now
    pending = 0
    event: datetime | None = None
    for lot in book.shelf(account.account_id).lots.values():
        if lot.remaining <= 0:
            continue
        state = state_by_clock(lot, now)
        if state != lot.state:
            book.set_lot(lot, "state", state)
        if state == LotState.PENDING:
            pending += lot.remaining
        moment = next_event(lot, now)
        if moment is not None and (event is None or moment < event):
            event = moment
    if pending != account.pending:
        book.set_account(account, "pending", pending)
    if event != account.next_lot_event_at:
        book.set_account(account, "next_lot_event_at", event)


def burn_order(book: Book, account: Account) -> list[Lot]:
    """Available lots: earliest end first, then earliest availability, then number (3.7)."""
    now = book.now
    usable = [
        lot
        for lot in book.shelf(account.account_id).lots.values()
        if lot.remaining > lot.held
        and lot.available_at <= now
        and (lot.expires_at is None or lot.expires_at > now)
    ]
    usable.sort(key=burn_key)
    return usable


def burn_key(lot: Lot) -> tuple[bool, float, datetime, int]:
    """Sorts lots into burn order."""
    ends = lot.expires_at
    return (ends is None, ends.timestamp() if ends else 0.0, lot.available_at, lot.lot_id)


def cover(book: Book, draft: Draft, account: Account) -> None:
    """Free available value pays debits that no lot has paid: oldest debit, lots in burn order.

    For a debit that takes back what a credit gave, that credit's own lot goes first, even while it
    is pending (3.6): a refund in parts ends in the same lots as a refund in one piece.
    """
    shelf = book.shelf(account.account_id)
    if not shelf.uncovered:
        return
    lots = burn_order(book, account)
    rests: list[tuple[Entry, int]] = []
    for entry, rest in shelf.uncovered:
        left = rest
        for lot in [*_own_lots(book, account, entry), *lots]:
            part = min(left, lot.remaining - lot.held)
            if part > 0:
                book.allocate(draft, lot, entry, part)
                left -= part
                if lot.remaining == 0:
                    book.set_lot(lot, "state", emptied_state(entry.purpose))
            if left == 0:
                break
        if left > 0:
            rests.append((entry, left))
    book.set_uncovered(account, rests)
    refresh(book, account)


def _own_lots(book: Book, account: Account, entry: Entry) -> list[Lot]:
    """Lots of the credit that a debit takes back, if they have not burnt."""
    if entry.reverses_entry_id is None:
        return []
    return [
        lot
        for lot in book.shelf(account.account_id).lots.values()
        if lot.entry_id == entry.reverses_entry_id
        and lot.remaining > lot.held
        and (lot.expires_at is None or lot.expires_at > book.now)
    ]
