"""Holds: a reserve pins lots in burn order until it is captured, voided or ends (domain 2.5, 3.8).

A hold never shows in entries: only `account.held` and the `held` of its lots move. The functions
change the book for an operation that exists already; each leaves one hold event.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from card_server.accounts.records import Account
from card_server.classifiers.records import Classifier
from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import burn_order, refresh
from card_server.ledger.limits import Payer, check_limits, count_payment
from card_server.ledger.records import (
    Entry,
    Hold,
    HoldEvent,
    HoldEventKind,
    HoldState,
    Purpose,
)
from card_server.ledger.spending import check_account, check_funds, debit
from shared.settings.house import HOLD_MINUTES
from shared.wire.errors import AppError, ErrorCode

OPEN_STATES = (HoldState.OPEN, HoldState.PART_CAPTURED)
FOR_PAYMENT, FOR_TERMINAL = 1, 2
"""Purposes of a hold."""


def rest_of(hold: Hold) -> int:
    """What a hold still keeps."""
    return hold.amount - hold.captured if hold.state in OPEN_STATES else 0


def is_open(hold: Hold, now: datetime) -> bool:
    """May it still be captured? A hold past its moment may not, booked as ended or not."""
    return hold.state in OPEN_STATES and hold.expires_at > now


def holds_of_order(
    book: Book, account: Account, classifier_id: int, order_guid: str | None
) -> list[Hold]:
    """Open holds of an order on an account, oldest first; the account's lots must be read."""
    if order_guid is None or account.held <= 0:
        return []
    holds = book.shelf(account.account_id).holds.values()
    return sorted(
        (
            hold
            for hold in holds
            if hold.order_guid == order_guid
            and hold.classifier_id == classifier_id
            and is_open(hold, book.now)
        ),
        key=lambda hold: hold.hold_id,
    )


def until(book: Book, classifier: Classifier, minutes: int | None) -> datetime:
    """When a hold of so many minutes ends; the classifier's own life if none are given."""
    most = book.rules.value(HOLD_MINUTES)
    life = minutes if minutes is not None else classifier.hold_minutes
    if not 1 <= life <= most:
        raise _unstored(AppError(ErrorCode.FIELD_BAD, field="minutes", value=life))
    return book.now + timedelta(minutes=life)


def open_hold(
    book: Book,
    draft: Draft,
    account: Account,
    amount: int,
    expires_at: datetime,
    *,
    purpose: int = FOR_PAYMENT,
) -> Hold:
    """Keep `amount` > 0 for a later payment, after the checks of a payment."""
    operation = draft.operation
    check_account(book, account)
    check_limits(book, account, Payer.of(operation), amount)
    check_funds(book, account, amount)
    hold = Hold(
        hold_id=book.ids.take("hold"),
        account_id=account.account_id,
        holder_id=account.holder_id,
        card_code=operation.card_code,
        classifier_id=operation.classifier_id,
        unit_id=operation.unit_id,
        open_operation_id=operation.operation_id,
        amount=amount,
        expires_at=expires_at,
        purpose=purpose,
        order_guid=operation.order_guid,
    )
    book.add_hold(hold)
    _event(book, draft, hold, HoldEventKind.OPEN, amount)
    left = amount
    for lot in burn_order(book, account) if book.type_of(account).uses_lots else ():
        part = min(left, lot.remaining - lot.held)
        book.add_pin(hold, lot, part)
        left -= part
        if left == 0:
            break
    book.set_account(account, "held", account.held + amount)
    return hold


def capture_hold(
    book: Book, draft: Draft, hold: Hold, amount: int, *, purpose: int = Purpose.PAY, **facts: Any
) -> Entry:
    """A payment of `amount` <= rest out of the hold: pinned lots first, even past their date."""
    if not 0 < amount <= rest_of(hold):
        raise AppError(
            ErrorCode.WRONG_STATE,
            event="capture",
            object=f"hold {hold.hold_id}",
            state=f"{rest_of(hold)} left",
        )
    account = book.account(hold.account_id)
    entry = debit(book, draft, account, amount, purpose, pinned=hold, **facts)
    captured = hold.captured + amount
    whole = captured == hold.amount
    book.set_hold(hold, "captured", captured)
    book.set_hold(hold, "state", HoldState.CAPTURED if whole else HoldState.PART_CAPTURED)
    book.set_account(account, "held", account.held - amount)
    if whole:
        _unpin(book, hold)
    _event(book, draft, hold, HoldEventKind.CAPTURE, amount)
    refresh(book, account)
    count_payment(book, draft, account, amount)
    return entry


def void_hold(book: Book, draft: Draft, hold: Hold) -> None:
    """Give the rest of a hold free; after a part capture this releases it."""
    _end(book, draft, hold, HoldEventKind.VOID, HoldState.VOIDED)


def expire_hold(book: Book, draft: Draft, hold: Hold) -> None:
    """The moment of a hold has passed: its rest becomes free."""
    _end(book, draft, hold, HoldEventKind.EXPIRE, HoldState.EXPIRED)


def extend_hold(book: Book, draft: Draft, hold: Hold, expires_at: datetime) -> None:
    """Move the end of an open hold later."""
    if expires_at <= hold.expires_at:
        moment = expires_at.isoformat(" ", "minutes")
        raise AppError(ErrorCode.FIELD_BAD, field="expires_at", value=moment)
    book.set_hold(hold, "expires_at", expires_at)
    _event(book, draft, hold, HoldEventKind.EXTEND, 0)


def ended(book: Book, hold: Hold) -> AppError:
    """The refusal for a hold that may not be captured any more, with when and why."""
    why = HoldState(hold.state).name.lower()
    if hold.state in OPEN_STATES and hold.expires_at <= book.now:
        why = HoldState.EXPIRED.name.lower()
    when = hold.expires_at.isoformat(" ", "minutes") if why == "expired" else ""
    return AppError(ErrorCode.HOLD_ENDED, when=when, why=why)


def _end(book: Book, draft: Draft, hold: Hold, event: HoldEventKind, state: HoldState) -> None:
    account = book.account(hold.account_id)
    rest = rest_of(hold)
    if rest <= 0:
        raise ended(book, hold)
    _unpin(book, hold)
    if event == HoldEventKind.VOID and hold.captured:
        state = HoldState.RELEASED
    book.set_hold(hold, "state", state)
    book.set_account(account, "held", account.held - rest)
    _event(book, draft, hold, event, rest)
    refresh(book, account)


def _unpin(book: Book, hold: Hold) -> None:
    for pin in book.shelf(hold.account_id).pins.get(hold.hold_id, {}).values():
        if pin.amount:
            book.set_pin(pin, 0)


def _event(book: Book, draft: Draft, hold: Hold, event: HoldEventKind, amount: int) -> None:
    book.rows.hold_events.append(
        HoldEvent(
            hold_id=hold.hold_id,
            operation_id=draft.operation.operation_id,
            event=event,
            amount=amount,
        )
    )


def _unstored(error: AppError) -> AppError:
    error.unstored = True
    return error
