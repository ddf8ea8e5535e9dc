"""When an operation happened and whether that may be (domain 0.3, 3.1 step 4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.classifiers.records import Classifier
from card_server.divisions.records import Division
from card_server.ledger.dating import Dated, check_dates, date_operation, is_late
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.books import NOW, book_with

HOUSE = Division(division_id=1, name="Дом", id_prefix=1)


def _classifier(**facts: int) -> Classifier:
    given = {"backdate_days": 3, "future_minutes": 10, **facts}
    return Classifier(classifier_id=1, code="1", name="RK7", **given)  # type: ignore[arg-type]


def _check(dated: Dated, division: Division | None = HOUSE) -> ErrorCode | None:
    try:
        check_dates(book_with(), _classifier(), dated, division)
    except AppError as refusal:
        return refusal.code
    return None


def _dated(**span: float) -> Dated:
    return date_operation(book_with(), _classifier(), NOW + timedelta(**span), None)


@given(st.integers(-100_000, 100_000))
def test_the_business_date_is_that_of_the_moment_unless_one_is_given(minutes: int) -> None:
    book, moment = book_with(), NOW + timedelta(minutes=minutes)
    zone = book.zone(1)
    found = date_operation(book, _classifier(), moment, None)
    assert found.business_date == zone.business_date(moment)
    assert found.occurred_off == zone.offset_minutes(moment)
    given_day = date(2026, 1, 1)
    assert date_operation(book, _classifier(), moment, given_day).business_date == given_day


def test_without_a_moment_it_happened_now() -> None:
    found = date_operation(book_with(), _classifier(), None, None, 120)
    assert (found.occurred_at, found.occurred_off) == (NOW, 120)


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ({"minutes": 0}, None),
        ({"minutes": 10}, None),
        ({"minutes": 10, "milliseconds": 1}, ErrorCode.IN_FUTURE),
        ({"days": -3}, None),
        ({"days": -4}, ErrorCode.BACKDATE),
    ],
)
def test_the_window_of_a_classifier(span: dict[str, float], code: ErrorCode | None) -> None:
    assert _check(_dated(**span)) == code


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (date(2026, 3, 3), None),
        (date(2026, 3, 4), ErrorCode.IN_FUTURE),
        (date(2026, 2, 27), None),
        (date(2026, 2, 26), ErrorCode.BACKDATE),
    ],
)
def test_a_business_date_that_was_given_has_bounds_too(day: date, code: ErrorCode | None) -> None:
    found = date_operation(book_with(), _classifier(), NOW, day)
    assert _check(found) == code


@pytest.mark.parametrize(
    ("closed", "code"),
    [
        (None, None),
        (date(2026, 2, 28), None),
        (date(2026, 3, 1), ErrorCode.BOOKS_CLOSED),
        (date(2026, 3, 2), ErrorCode.BOOKS_CLOSED),
    ],
)
def test_nothing_is_dated_into_closed_books(closed: date | None, code: ErrorCode | None) -> None:
    house = msgspec.structs.replace(HOUSE, books_closed_until=closed)
    assert _check(_dated(days=-1), house) == code


def test_a_division_nobody_knows_has_no_closed_books() -> None:
    assert _check(_dated(), None) is None


def test_the_refusals_name_their_values() -> None:
    with pytest.raises(AppError) as late:
        check_dates(book_with(), _classifier(), _dated(days=-9), HOUSE)
    assert late.value.facts == {"date": "2026-02-21", "min": "2026-02-27"}
    with pytest.raises(AppError) as early:
        check_dates(book_with(), _classifier(), _dated(minutes=30), HOUSE)
    assert early.value.facts["min"] == 30


def test_a_clock_that_crosses_the_start_of_a_day_is_not_late_by_itself() -> None:
    book = book_with(now=datetime(2026, 3, 3, 1, 5, tzinfo=UTC))
    before = date_operation(book, _classifier(), book.now - timedelta(minutes=10), None)
    assert is_late(before, book.now)
    after = date_operation(book, _classifier(), book.now - timedelta(minutes=4), None)
    assert not is_late(after, book.now)
