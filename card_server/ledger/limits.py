"""Spend limits: what may still be paid in a period, and the counters behind it (1.6, 3.7).

Every limit that fits a payment must hold. A counter is a cache of entries: what payments took in
its period, less what reversals dated in the same period gave back; a payment counts once for each
operation and account, and its count goes back when the whole of it does (3.10). Sums that open
holds keep for the same subject are spoken for, so that a capture never breaks a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

import msgspec

from card_server.accounts.records import (
    LIMIT_ACCOUNT,
    LIMIT_CARD,
    LIMIT_GROUP,
    PERIOD_CHEQUE,
    PERIOD_DAY,
    PERIOD_MONTH,
    PERIOD_WEEK,
    Account,
    SpendLimit,
)
from card_server.ledger.book import Book, Draft
from card_server.ledger.calendar import add_months
from card_server.ledger.facts import CounterKey
from card_server.ledger.records import HoldState, Operation, Purpose
from card_server.ledger.spending import money
from shared.settings.house import WEEK_START
from shared.wire.errors import AppError, ErrorCode

PERIOD_NAMES: Final = {
    PERIOD_DAY: "day",
    PERIOD_WEEK: "week",
    PERIOD_MONTH: "month",
    PERIOD_CHEQUE: "cheque",
}
WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
COUNTED: Final = (Purpose.PAY, Purpose.DIRECT)
"""Purposes of debits that limits bind and counters count."""
OPEN_HOLDS: Final = (HoldState.OPEN, HoldState.PART_CAPTURED)


class Payer(msgspec.Struct, frozen=True):
    """Who pays when, as far as limits ask."""

    classifier_id: int
    card_code: int | None
    day: date

    @staticmethod
    def of(operation: Operation) -> Payer:
        """The payer of an operation."""
        return Payer(operation.classifier_id, operation.card_code, operation.business_date)


def period_begin(period: int, day: date, week_start: str) -> date:
    """The first day of the period that `day` lies in."""
    if period == PERIOD_WEEK:
        first = WEEKDAYS.index(week_start.lower()) if week_start.lower() in WEEKDAYS else 0
        return day - timedelta(days=(day.weekday() - first) % 7)
    return day.replace(day=1) if period == PERIOD_MONTH else day


def period_end(period: int, day: date, week_start: str) -> date:
    """The first day of the next period."""
    begin = period_begin(period, day, week_start)
    if period == PERIOD_WEEK:
        return begin + timedelta(days=7)
    return add_months(begin, 1) if period == PERIOD_MONTH else begin + timedelta(days=1)


def period_key(period: int, day: date, week_start: str) -> int:
    """The period as an integer `YYYYMMDD` of its first day."""
    begin = period_begin(period, day, week_start)
    return begin.year * 10_000 + begin.month * 100 + begin.day


def _week_start(book: Book) -> str:
    return book.rules.value(WEEK_START)


def matching(book: Book, account: Account, payer: Payer) -> Iterator[tuple[SpendLimit, int]]:
    """Limits that a payment from the account must keep, each with its subject."""
    for limit in book.rules.limits.get(account.account_type_id, ()):
        if limit.classifier_id is not None and limit.classifier_id != payer.classifier_id:
            continue
        if limit.scope == LIMIT_ACCOUNT and limit.scope_id != account.account_id:
            continue
        if limit.scope == LIMIT_CARD:
            if payer.card_code is not None and limit.scope_id == payer.card_code:
                yield limit, limit.scope_id
            continue
        if limit.scope == LIMIT_GROUP and book.groups.get(account.holder_id or 0) != limit.scope_id:
            continue
        yield limit, account.account_id


def _key(book: Book, limit: SpendLimit, subject: int, day: date) -> CounterKey:
    return CounterKey(limit.limit_id, subject, period_key(limit.period, day, _week_start(book)))


def wanted(book: Book, account: Account, payer: Payer) -> set[CounterKey]:
    """Counters to be read before a payment, or its return, is decided; none without limits."""
    if not book.rules.limits:
        return set()
    return {
        _key(book, limit, subject, payer.day)
        for limit, subject in matching(book, account, payer)
        if limit.period != PERIOD_CHEQUE
    }


def _spoken_for(book: Book, account: Account, limit: SpendLimit) -> int:
    """What open holds of the account keep, of the card alone where the limit is a card's."""
    return sum(
        hold.amount - hold.captured
        for hold in book.shelf(account.account_id).holds.values()
        if hold.state in OPEN_HOLDS
        and (limit.scope != LIMIT_CARD or hold.card_code == limit.scope_id)
    )


def paid_from(draft: Draft | None, account: Account) -> int:
    """What the cheque being booked has paid from the account so far."""
    if draft is None:
        return 0
    return -sum(
        entry.amount
        for entry in draft.entries
        if entry.account_id == account.account_id and entry.amount < 0 and entry.purpose in COUNTED
    )


def refusal_of(
    book: Book,
    account: Account,
    payer: Payer,
    amount: int,
    draft: Draft | None = None,
    planned: int = 0,
) -> tuple[int, AppError | None]:
    """What may be paid of `amount`, and why not more; (amount, None) if all of it may.

    `planned` is what the cheque is going to pay from the account besides.
    """
    if not book.rules.limits:
        return amount, None
    room, why = amount, None
    paid = paid_from(draft, account) + planned
    for limit, subject in matching(book, account, payer):
        rest = _rest(book, account, payer, limit, subject, paid)
        if rest is not None and rest < room:
            room, why = rest, _refusal(book, limit, rest, payer.day)
    return room, why


def _rest(
    book: Book,
    account: Account,
    payer: Payer,
    limit: SpendLimit,
    subject: int,
    paid: int,
) -> int | None:
    """What a limit leaves for this payment; None if it does not bound the amount."""
    if limit.period == PERIOD_CHEQUE:
        used, times = paid, 0
    else:
        counter = book.counter(_key(book, limit, subject, payer.day))
        used, times = counter.used_amount, counter.used_count
        used += _spoken_for(book, account, limit)
    if limit.max_count is not None and not paid and times >= limit.max_count:
        return 0
    return None if limit.max_amount is None else max(0, limit.max_amount - used)


def _refusal(book: Book, limit: SpendLimit, rest: int, day: date) -> AppError:
    whole = money(limit.max_amount) if limit.max_amount is not None else str(limit.max_count)
    when = ""
    if limit.period != PERIOD_CHEQUE:
        when = period_end(limit.period, day, _week_start(book)).isoformat()
    return AppError(
        ErrorCode.LIMIT_EXCEEDED,
        period=PERIOD_NAMES[limit.period],
        limit=whole,
        rest=money(rest),
        when=when,
    )


def check_limits(
    book: Book, account: Account, payer: Payer, amount: int, draft: Draft | None = None
) -> None:
    """Refuse a payment of `amount` that a limit does not allow in full."""
    room, why = refusal_of(book, account, payer, amount, draft)
    if why is not None and room < amount:
        raise why


def count_payment(book: Book, draft: Draft, account: Account, amount: int) -> None:
    """Counters take in a payment; call it after its entry was made."""
    if not book.rules.limits:
        return
    payer = Payer.of(draft.operation)
    times = 1 if paid_from(draft, account) == amount else 0
    _move(book, account, payer, amount, times)


def uncount(
    book: Book, account: Account, sale: Operation, day: date, amount: int, times: int
) -> None:
    """A return of the business date `day` gives back what its sale's running periods counted.

    Negative figures take it again, for the roll-back of a return.
    """
    if not book.rules.limits:
        return
    _move(book, account, Payer.of(sale), -amount, -times, on=day)


def _move(
    book: Book,
    account: Account,
    payer: Payer,
    amount: int,
    times: int,
    *,
    on: date | None = None,
) -> None:
    for limit, subject in matching(book, account, payer):
        if limit.period == PERIOD_CHEQUE:
            continue
        key = _key(book, limit, subject, payer.day)
        if on is None or key.period_key == period_key(limit.period, on, _week_start(book)):
            book.count(key, amount, times)
