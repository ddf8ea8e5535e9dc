"""Cells as values: every way of writing a number or a day, and what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.exchange import rules
from card_server.exchange.records import Cell, Formats
from shared.wire.errors import AppError

AUTO = Formats()
TODAY = date(2026, 3, 2)
AMOUNTS = st.integers(-rules.LARGEST_AMOUNT, rules.LARGEST_AMOUNT)
DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 31))


def code_of(work: object) -> str:
    with pytest.raises(AppError) as caught:
        work()  # type: ignore[operator]
    return caught.value.code.value


def written(minor: int, decimal: str, group: str) -> str:
    whole, cents = divmod(abs(minor), 100)
    digits = f"{whole:,}".replace(",", group)
    return f"{'-' if minor < 0 else ''}{digits}{decimal}{cents:02d}"


@given(
    minor=AMOUNTS,
    decimal=st.sampled_from(".,"),
    group=st.sampled_from(["", " ", "\u00a0", "\u202f", "'"]),
)
def test_an_amount_with_two_decimals_is_read_as_it_was_written(
    minor: int, decimal: str, group: str
) -> None:
    text = written(minor, decimal, group)
    assert rules.amount(text, AUTO) == minor
    assert rules.amount(text, Formats(decimal=decimal)) == minor
    assert rules.amount(f" {text} руб.", AUTO) == minor


@given(minor=AMOUNTS, decimal=st.sampled_from(".,"))
def test_thousands_parted_by_the_other_sign_are_read(minor: int, decimal: str) -> None:
    group = "," if decimal == "." else "."
    assert rules.amount(written(minor, decimal, group), AUTO) == minor
    assert rules.amount(written(minor, decimal, group), Formats(decimal=decimal)) == minor


@given(minor=st.integers(-(10**11), 10**11))
def test_a_number_of_a_workbook_is_read_whatever_the_decimal_sign_of_texts(minor: int) -> None:
    for formats in (AUTO, Formats(decimal=","), Formats(decimal=".")):
        assert rules.amount(minor / 100, formats) == minor
        assert rules.amount(minor, formats) == minor * 100


@pytest.mark.parametrize(
    ("cell", "minor"),
    [("1 200,50", 120050), ("1200.5", 120050), ("-5", -500), ("(12,30)", -1230), ("+7", 700),
     (",5", 50), ("- 5", -500), ("1 234 567,8", 123456780), ("0,125000"[:4], 12),
     ("1.234.567", 123456700), ("$ 3.10", 310), (True, 100)],
)  # fmt: skip
def test_amounts_as_people_write_them(cell: Cell, minor: int) -> None:
    assert rules.amount(cell, AUTO) == minor


@pytest.mark.parametrize(
    "cell",
    ["", "x", "1,200", "1.200", "12.345", "1.2.3", "1,2,3", "--1", "1-", "0x10", "1e5", "٣", "²",
     "12,34.56", "1 2,3 4.5",
     "10 20", "1 2345", "12 34,5", "1" * 40, "999999999999999", None, "1..5", ".", "nan", "inf"],
)  # fmt: skip
def test_what_may_be_two_numbers_or_none_is_refused(cell: Cell) -> None:
    assert code_of(lambda: rules.amount(cell, AUTO)) == "NUMBER_UNREAD"


def test_with_the_sign_set_the_same_text_is_one_number() -> None:
    assert rules.amount("1,200", Formats(decimal=".")) == 120000
    assert rules.amount("1,200", Formats(decimal=",")) == 120
    assert code_of(lambda: rules.amount("1,205", Formats(decimal=","))) == "NUMBER_UNREAD"


@given(st.text(max_size=30))
def test_no_text_whatever_breaks_a_parser(text: str) -> None:
    for parse in (
        lambda: rules.amount(text, AUTO),
        lambda: rules.integer(text, AUTO),
        lambda: rules.day(text, AUTO, TODAY),
        lambda: rules.day(text, Formats(dates="mdy"), TODAY),
        lambda: rules.flag(text),
        lambda: rules.card_code(text),
    ):
        try:
            parse()
        except AppError as error:
            assert error.facts["value"] is not None  # noqa: PT017 - a refusal is one of two ends


@given(DAYS, st.sampled_from("./- "))
def test_a_day_is_read_in_every_order_that_is_set(day: date, sign: str) -> None:
    d, m, y = f"{day.day:02d}", f"{day.month:02d}", f"{day.year}"
    assert rules.day(sign.join((d, m, y)), Formats(dates="dmy"), TODAY) == day
    assert rules.day(sign.join((m, d, y)), Formats(dates="mdy"), TODAY) == day
    assert rules.day(sign.join((y, m, d)), Formats(dates="ymd"), TODAY) == day
    for dates in ("auto", "dmy", "mdy"):
        assert rules.day(day.isoformat(), Formats(dates=dates), TODAY) == day
    assert rules.day((day - rules.SERIAL_START).days, AUTO, TODAY) == day


@pytest.mark.parametrize(
    ("cell", "day"),
    [("31.12.85", date(1985, 12, 31)), ("1.2.26", date(2026, 2, 1)), ("1.2.28", date(1928, 2, 1)),
     ("2020-05-06 00:00:00", date(2020, 5, 6)), ("20200506", date(2020, 5, 6)),
     ("13/02/2020", date(2020, 2, 13)), ("02/13/2020", date(2020, 2, 13)),
     ("05/05/2020", date(2020, 5, 5)), ("03.04.2020", date(2020, 4, 3))],
)  # fmt: skip
def test_days_as_people_write_them(cell: Cell, day: date) -> None:
    assert rules.day(cell, AUTO, TODAY) == day


@pytest.mark.parametrize(
    "cell",
    ["03/04/2020", "31.02.2020", "00.00.0000", "2020-13-01", "43831", "1.2", "1.2.345", "", None,
     0, -1, 1e9, "1.2.20201", "today"],
)  # fmt: skip
def test_what_may_be_two_days_or_none_is_refused_with_an_example(cell: Cell) -> None:
    assert code_of(lambda: rules.day(cell, AUTO, TODAY)) == "DATE_UNREAD"
    assert code_of(lambda: rules.day("1.2.345", Formats(dates="ymd"), TODAY)) == "DATE_UNREAD"


def test_flags_in_both_languages() -> None:
    assert all(rules.flag(word) for word in ("Да", "yes", "1", True, 1, "ИСТИНА", "x", "+"))
    assert not any(rules.flag(word) for word in ("Нет", "no", "0", False, 0, "ложь", "-"))
    for word in ("", "maybe", 2, None):
        assert code_of(lambda word=word: rules.flag(word)) == "FLAG_UNREAD"


@given(st.integers(1, rules.LARGEST_CARD))
def test_a_card_code_is_read_with_blanks_hyphens_and_zeros(code: int) -> None:
    assert rules.card_code(str(code)) == code
    assert rules.card_code(f"{code:020d}") == code
    text = str(code)
    assert rules.card_code(text[:4] + "-" + text[4:] if len(text) > 4 else text) == code


def test_a_code_that_a_spreadsheet_cut_is_told() -> None:
    assert rules.card_code(123456789012345) == 123456789012345
    for cell in (1234567890123450000, 1.2345678901234e17, "1,2345E+15", "1.2e5"):
        assert code_of(lambda cell=cell: rules.card_code(cell)) == "DIGITS_LOST"
    for cell in ("", "0", "-1x", "12a", 1.5, "9" * 19, "9" * 5000):
        assert code_of(lambda cell=cell: rules.card_code(cell)) == "FIELD_BAD"


def test_a_text_kept_from_being_a_formula_loses_its_mark() -> None:
    assert rules.text_of("'+79001234567") == "+79001234567"
    assert rules.text_of("'тихий") == "'тихий"
    assert (rules.text_of(7.0), rules.text_of(0.1 + 0.2), rules.text_of(False)) == ("7", "0.3", "0")
