"""Numbers, money, days and phones, written and read back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.i18n import formats
from shared.i18n.texts import choose_language

MOSCOW = ZoneInfo("Europe/Moscow")


@pytest.fixture(autouse=True)
def _russian() -> Iterator[None]:
    choose_language("ru")
    formats.choose_zone(MOSCOW)
    yield
    choose_language("ru")
    formats.choose_zone(None)


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


def test_money_is_written_as_the_reader_writes_it() -> None:
    assert plain(formats.money(120050)) == "1 200,50"
    assert plain(formats.money(-5)) == "-0,05"
    choose_language("en")
    assert plain(formats.money(120050)) == "1,200.50"


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("1 200,50", 120050),
        ("1200.5", 120050),
        ("1,200.50", 120050),
        ("1,200", 120000),
        ("-3", -300),
        ("0,05", 5),
        ("1.2.3", None),
        ("1,234,5", None),
        ("сто", None),
        ("", None),
        ("1,005", 100500),
        ("12,345.678", None),
    ],
)
def test_money_is_understood_however_it_is_typed(typed: str, minor: int | None) -> None:
    assert formats.read_money(typed) == minor


@given(st.integers(-(10**15), 10**15), st.sampled_from(["ru", "en"]))
def test_what_is_written_as_money_is_read_back(minor: int, language: str) -> None:
    choose_language(language)
    assert formats.read_money(formats.money(minor)) == minor


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["ru", "en"]))
def test_what_is_written_as_a_day_is_read_back(day: date, language: str) -> None:
    choose_language(language)
    assert formats.read_day(formats.day(day)) == day


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1.2.26", date(2026, 2, 1)),
        ("01.02.1985", date(1985, 2, 1)),
        ("1/2/85", date(1985, 2, 1)),
        ("2026-02-01", date(2026, 2, 1)),
        ("31.02.2026", None),
        ("1.2", None),
        ("завтра", None),
    ],
)
def test_days_are_understood_however_they_are_typed(typed: str, day: date | None) -> None:
    assert formats.read_day(typed) == day


def test_no_end_is_said_in_words_and_nothing_is_shown_as_nothing() -> None:
    assert formats.last_day(None) == "бессрочно"
    assert formats.last_day(date(2040, 1, 1)) == "бессрочно"
    assert formats.last_day(date(2026, 12, 31)) == "31.12.2026"
    assert formats.day(date(1899, 12, 30)) == ""
    assert formats.moment(None) == ""


def test_moments_stand_on_the_clock_of_the_reader() -> None:
    assert formats.moment(datetime(2026, 3, 2, 21, 30, tzinfo=UTC)) == "03.03.2026 00:30"
    start = formats.start_of(date(2026, 3, 2))
    assert start == datetime(2026, 3, 1, 21, 0, tzinfo=UTC)
    assert formats.local(start + timedelta(hours=3)).hour == 3


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("79001234567", "+7 900 123-45-67"),
        ("7900*****45", "+7 900 •••-••-45"),
        ("+7 9** ***-**-45", "+7 9•• •••-••-45"),
        ("+375291234567", "+375291234567"),
        ("guest@example.com", "guest@example.com"),
        ("112", "112"),
    ],
)
def test_phones_are_grouped_and_masked_ones_stay_masked(stored: str, shown: str) -> None:
    assert formats.phone(stored) == shown


def test_rates_are_percentages() -> None:
    assert plain(formats.rate(250)) == "2,5 %"
    choose_language("en")
    assert formats.rate(1000) == "10%"
