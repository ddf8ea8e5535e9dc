"""When an operation happened, which business day it belongs to, and whether that may be."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from card_server.classifiers.records import Classifier
from card_server.divisions.records import Division
from card_server.ledger.book import Book
from card_server.ledger.calendar import Zone
from shared.wire.errors import AppError, ErrorCode


class Dated(msgspec.Struct, gc=False):
    """The times of an operation."""

    occurred_at: datetime
    occurred_off: int
    business_date: date
    zone: Zone


def date_operation(
    book: Book,
    classifier: Classifier,
    occurred_at: datetime | None,
    given_date: date | None,
    offset: int | None = None,
) -> Dated:
    """Business date: the one given, else by the classifier's zone and day start (domain 0.3)."""
    zone = book.zone(classifier.classifier_id)
    moment = occurred_at or book.now
    off = offset if offset is not None else zone.offset_minutes(moment)
    return Dated(moment, off, given_date or zone.business_date(moment), zone)


def is_late(dated: Dated, now: datetime) -> bool:
    """It happened on an earlier business day: value it makes may have burnt on arrival."""
    return dated.zone.business_date(dated.occurred_at) < dated.zone.business_date(now)


def check_dates(
    book: Book, classifier: Classifier, dated: Dated, division: Division | None
) -> None:
    """Refuse the future, a date too far back, a closed period (domain 3.1 step 4)."""
    ahead = dated.occurred_at - book.now
    today = book.today(classifier.classifier_id)
    if ahead > timedelta(minutes=classifier.future_minutes) or (
        dated.business_date > today + timedelta(days=1)
    ):
        raise AppError(
            ErrorCode.IN_FUTURE,
            time=dated.occurred_at.isoformat(" ", "minutes"),
            min=int(ahead.total_seconds() // 60),
        )
    earliest = today - timedelta(days=classifier.backdate_days)
    if dated.business_date < earliest:
        raise AppError(
            ErrorCode.BACKDATE,
            date=dated.business_date.isoformat(),
            min=earliest.isoformat(),
        )
    closed = division.books_closed_until if division is not None else None
    if closed is not None and dated.business_date <= closed:
        raise AppError(ErrorCode.BOOKS_CLOSED, date=closed.isoformat())
