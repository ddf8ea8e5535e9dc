"""Business dates and terms: domain 0.3 with daylight saving, 3.6 (I-24)."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.calendar import (
    add_months,
    minute_of_day,
    month_end,
    next_day_of_year,
    zone_of,
)

ZONES = ("Europe/Moscow", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "+03:00", "-05:30")
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)).map(  # noqa: DTZ001 - hypothesis wants naive bounds
    lambda moment: moment.replace(tzinfo=UTC)
)
DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
STARTS = st.integers(0, 1439)


@given(MOMENTS, st.sampled_from(ZONES), STARTS)
def test_a_moment_lies_within_its_business_day(moment: datetime, name: str, start: int) -> None:
    zone = zone_of(name, start)
    day = zone.business_date(moment)
    local = zone.local(moment)
    minute = local.hour * 60 + local.minute
    assert day == (local.date() if minute >= start else local.date() - timedelta(days=1))


@given(DAYS, st.sampled_from(ZONES), STARTS)
def test_a_business_day_ends_when_the_next_one_begins(day: date, name: str, start: int) -> None:
    zone = zone_of(name, start)
    assert zone.day_end(day) == zone.day_begin(day + timedelta(days=1))
    length = zone.day_end(day) - zone.day_begin(day)
    assert timedelta(hours=22) <= length <= timedelta(hours=26)


@given(DAYS, st.sampled_from(("+03:00", "Asia/Kolkata")), STARTS)
def test_without_daylight_saving_begin_and_date_agree(day: date, name: str, start: int) -> None:
    zone = zone_of(name, start)
    assert zone.business_date(zone.day_begin(day)) == day
    assert zone.business_date(zone.day_end(day) - timedelta(milliseconds=1)) == day


def test_before_the_start_of_the_day_it_is_still_yesterday() -> None:
    zone = zone_of("Europe/Moscow", 240)
    assert zone.business_date(datetime(2026, 3, 2, 0, 59, tzinfo=UTC)) == date(2026, 3, 1)
    assert zone.business_date(datetime(2026, 3, 2, 1, 0, tzinfo=UTC)) == date(2026, 3, 2)


def test_a_local_time_that_does_not_exist_moves_past_the_gap() -> None:
    """Berlin, 29 March 2026: 02:00 becomes 03:00."""
    zone = zone_of("Europe/Berlin", 150)
    assert zone.day_begin(date(2026, 3, 29)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert zone.local(zone.day_begin(date(2026, 3, 29))).hour == 3


def test_a_local_time_that_occurs_twice_means_the_first() -> None:
    """Berlin, 25 October 2026: 03:00 becomes 02:00."""
    zone = zone_of("Europe/Berlin", 150)
    assert zone.day_begin(date(2026, 10, 25)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_offset_of_entry_is_that_of_the_moment() -> None:
    zone = zone_of("Europe/Berlin", 240)
    assert zone.offset_minutes(datetime(2026, 1, 1, tzinfo=UTC)) == 60
    assert zone.offset_minutes(datetime(2026, 7, 1, tzinfo=UTC)) == 120


@pytest.mark.parametrize(
    ("name", "minutes"), [("+03:00", 180), ("-05:30", -330), ("+0530", 330), ("nonsense", 0)]
)
def test_fixed_offsets_and_names_nobody_knows(name: str, minutes: int) -> None:
    zone = zone_of(name, 0)
    assert zone.offset_minutes(datetime(2026, 1, 1, tzinfo=UTC)) == minutes


@given(DAYS, st.integers(-600, 600))
def test_months_keep_the_day_or_take_the_last_one(day: date, months: int) -> None:
    found = add_months(day, months)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
    assert found.day == min(day.day, monthrange(found.year, found.month)[1])


@given(DAYS, st.integers(0, 240))
def test_the_end_of_a_month_ahead_is_followed_by_the_first(day: date, months: int) -> None:
    found = month_end(day, months)
    assert (found + timedelta(days=1)).day == 1
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months


@given(DAYS, st.integers(1, 12), st.integers(1, 31))
def test_a_day_of_the_year_is_the_next_one_not_before(day: date, month: int, number: int) -> None:
    found = next_day_of_year(day, month * 100 + number)
    assert day <= found <= day + timedelta(days=366)
    assert found.month == month
    assert found.day == min(number, monthrange(found.year, month)[1])


def test_29_february_is_28_in_other_years() -> None:
    assert next_day_of_year(date(2026, 3, 1), 229) == date(2027, 2, 28)
    assert next_day_of_year(date(2027, 3, 1), 229) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("text", "minute"), [("04:00", 240), (" 23:59 ", 1439), ("24:10", 10), ("noon", 240), ("", 240)]
)
def test_the_start_of_a_day_as_text(text: str, minute: int) -> None:
    assert minute_of_day(text) == minute
