"""Tests of formats: values on the wire, both ways (crm-xml.md 6.1, R20 to R24)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay import formats
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.refusals import refusal_of

MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1))  # noqa: DTZ001 - made aware below


# ------------------------------------------------------------------ money, numbers


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1240.00", 124_000),
        ("-62.00", -6_200),
        ("+1", 100),
        ("1,5", 150),
        ("1 240,50", 124_050),
        ("1\u00a0240\u202f000.5", 124_000_050),
        (".5", 50),
        ("5.", 500),
        ("0.10000", 10),
        ("-0", 0),
        ("999999999999.99", 99_999_999_999_999),
        ("-999999999999.99", -99_999_999_999_999),
    ],
)
def test_money_is_read_as_people_and_programs_write_it(text: str, amount: int) -> None:
    assert formats.read_amount(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        ".",
        "abc",
        "1e5",
        "1.005",
        "1.2.3",
        "--1",
        "+-1",
        "1000000000000",
        "٣",
        "0x10",
        "NaN",
        "inf",
        "1_000",
        "5-",
    ],
)
def test_money_that_is_none_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(AppError) as caught:
        formats.read_amount(text)
    assert caught.value.code is ErrorCode.BAD_AMOUNT
    assert caught.value.facts == {"value": text}


@given(st.integers(-formats.LARGEST, formats.LARGEST))
def test_money_comes_back_as_it_was_written(amount: int) -> None:
    assert formats.read_amount(formats.money(amount)) == amount


def test_money_percent_and_factor_have_two_decimals() -> None:
    assert formats.money(-5) == "-0.05"
    assert formats.percent(1_050) == "10.50"
    assert formats.factor(12_500) == "1.25"


def test_r20_numbers_with_blanks_and_leading_zeros() -> None:
    assert formats.read_number(" 00 42 ", "Group_ID") == 42
    assert formats.maybe_number("0007") == 7
    for text in ("", "x", "1.5", "9" * 20, "٣"):
        assert formats.maybe_number(text) is None
        with pytest.raises(AppError) as caught:
            formats.read_number(text, "Group_ID")
        assert caught.value.code is ErrorCode.FIELD_BAD
        assert caught.value.facts == {"field": "Group_ID", "value": text}


@pytest.mark.parametrize(("text", "flag"), [("Yes", True), (" TRUE ", True), ("1", True)])
def test_r21_yes(text: str, *, flag: bool) -> None:
    assert formats.read_flag(text) is flag


def test_r21_no_and_not_given() -> None:
    assert [formats.read_flag(text) for text in ("No", "false", "0")] == [False] * 3
    assert [formats.read_flag(text) for text in ("", "maybe", "2")] == [None] * 3
    assert (formats.yes_no(1), formats.yes_no(None)) == ("Yes", "No")


# ------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05",
        " 05.03.2024 ",
        "2024-03-05T00:00:00",
        "2024-03-05T23:59:59+03:00",
        "2024-03-05 12:00:00 +0300",
        "20240305",
    ],
)
def test_a_date_in_every_accepted_form(text: str) -> None:
    assert formats.read_date(text) == date(2024, 3, 5)


@pytest.mark.parametrize("text", ["", " ", "1899-12-30", "1899-12-30T00:00:00", "0000-00-00"])
def test_r22_a_date_that_is_not_set(text: str) -> None:
    assert formats.read_date(text) is None


@pytest.mark.parametrize("text", ["x", "2024-13-01", "31.02.2024", "20241301", "2024", "5.3.2024"])
def test_r22_a_date_that_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        formats.read_date(text)


@given(st.dates(min_value=date(1900, 1, 1)))
def test_a_date_comes_back_as_it_was_written(value: date) -> None:
    assert formats.read_date(formats.day(value)) == value


def test_a_date_that_is_not_set_has_its_stand_in() -> None:
    assert formats.day(None) == "1899-12-30"
    assert formats.day(None, formats.NO_END) == "2099-12-31"


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2024-03-05 18:40:11.25 +03:00", 180),
        ("2024-03-05T18:40:11.25+0300", 180),
        ("2024-03-05T15:40:11.25Z", 0),
        ("2024-03-05 22:40:11.2500000 +07:00", 420),
        ("2024-03-05T18:40:11.25", 180),
        ("2024-03-05T10:40:11.25 -05:00", -300),
        ("2024-03-05T18:40:11.25 +03", 180),
    ],
)
def test_r24_a_moment_in_every_accepted_form(text: str, offset: int) -> None:
    found, zone = formats.read_moment(text, 180)
    assert found == datetime(2024, 3, 5, 15, 40, 11, 250_000, UTC)
    assert zone == offset


def test_r24_short_decimals_and_none() -> None:
    assert formats.read_moment("2024-03-05 18:40:08.79 +03:00", 0)[0].microsecond == 790_000
    assert formats.read_moment("2024-03-05 18:40:08", 0)[0].microsecond == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2024-03-05 25:00:00",
        "2024-03-05T18:40:11.x",
        "18:40",
        "2024-02-30 10:00:00",
        "0001-01-01 00:00:00 +14:00",
        "2024-03-05 18:40:11 +99:99",
        "2024-03-05 18:40:11.¹",
        "2024-03-05 18:40:11 +¹²",
    ],
)
def test_a_moment_that_is_none_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(AppError) as caught:
        formats.read_moment(text, 180)
    assert caught.value.code is ErrorCode.BAD_TIME
    assert caught.value.facts["value"] == text


@given(MOMENTS, st.integers(-12 * 4, 14 * 4).map(lambda quarter: quarter * 15))
def test_a_moment_comes_back_to_the_hundredth(naive: datetime, offset: int) -> None:
    value = naive.replace(microsecond=naive.microsecond // 10_000 * 10_000, tzinfo=UTC)
    assert formats.read_moment(formats.moment(value, offset), 0) == (value, offset)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("45356", date(2024, 3, 5)),
        ("2024-03-05T00:00:00", date(2024, 3, 5)),
        ("2024-03-05 18-40-11", date(2024, 3, 5)),
        ("05.03.2024", date(2024, 3, 5)),
        ("", None),
    ],
)
def test_rkdate_in_its_forms(text: str, day: date | None) -> None:
    assert formats.day_number(text) == day


@pytest.mark.parametrize("text", ["9999999", "¹", "today"])
def test_an_rkdate_that_is_none_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(AppError) as caught:
        formats.day_number(text)
    assert caught.value.facts == {"field": "RKDate", "value": text}


@given(st.text(max_size=40))
def test_rubbish_raises_nothing_but_a_refusal(text: str) -> None:
    for read in (
        lambda: formats.read_amount(text),
        lambda: formats.read_number(text, "F"),
        lambda: formats.read_moment(text, 180),
        lambda: formats.day_number(text),
    ):
        assert refusal_of(read) in (
            None,
            ErrorCode.BAD_AMOUNT,
            ErrorCode.FIELD_BAD,
            ErrorCode.BAD_TIME,
        )
    formats.read_flag(text)
    formats.maybe_number(text)


@given(st.text("0123456789-:.T +Z", max_size=30))
def test_near_misses_of_dates_raise_nothing_but_a_refusal(text: str) -> None:
    assert refusal_of(lambda: formats.read_moment(text, 0)) in (None, ErrorCode.BAD_TIME)
    assert refusal_of(lambda: formats.day_number(text)) in (None, ErrorCode.FIELD_BAD)
