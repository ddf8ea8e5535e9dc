"""The language of holder searches (crm-xml.md section 10)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.holders.search_language import (
    BEYOND,
    Birth,
    Dates,
    Digits,
    Expr,
    Many,
    MonthDays,
    Not,
    Span,
    Yearly,
    read_births,
    read_mask,
    read_number_expr,
)
from shared.wire.errors import AppError, ErrorCode

TEXTS = st.text(alphabet="абв?*[]%_!x", max_size=12)


def holds(expr: Expr, number: int) -> bool:
    """What an expression means, told once more and simply."""
    if isinstance(expr, Span):
        return expr.low <= number <= expr.high
    if isinstance(expr, Digits):
        return expr.mask.matches(str(number))
    if isinstance(expr, Not):
        return not holds(expr.inner, number)
    answers = [holds(part, number) for part in expr.parts]
    return any(answers) if expr.is_any else all(answers)


@pytest.mark.parametrize(
    ("mask", "fits", "fails"),
    [
        ("петр*", ["петр", "петрова"], ["спетр", ""]),
        ("?етр", ["петр"], ["етр", "ппетр"]),
        ("*ов*", ["ов", "иванова"], ["иван"]),
        ("[*]x[?]", ["*x?"], ["xx?"]),
        ("a[b]", ["a[b]"], ["ab"]),
        ("", [""], ["a"]),
    ],
)
def test_masks(mask: str, fits: list[str], fails: list[str]) -> None:
    assert all(read_mask(mask).matches(text) for text in fits)
    assert not any(read_mask(mask).matches(text) for text in fails)


def test_a_mask_knows_its_beginning_and_its_pattern() -> None:
    assert read_mask("пе*т?").prefix == "пе"
    assert read_mask("*а").prefix == ""
    assert read_mask("10%_[a]!**").like() == "10!%!_![a!]!!%"
    assert read_mask("abc").is_plain
    assert read_mask("abc*").is_prefix
    assert not read_mask("abc*d").is_prefix


@given(TEXTS)
def test_a_text_with_its_wildcards_put_in_brackets_finds_itself_only(text: str) -> None:
    quoted = "".join(f"[{c}]" if c in "?*" else c for c in text)
    mask = read_mask(quoted)
    assert mask.is_plain
    assert mask.matches(text)


@pytest.mark.parametrize(
    ("text", "fits", "fails"),
    [
        ("5", [5], [4, 55]),
        ("[1..100)", [1, 99], [0, 100]),
        ("(1..100]", [2, 100], [1, 101]),
        (">=10 and <20", [10, 19], [9, 20]),
        ("1??", [100, 199], [99, 1000, 200]),
        ("1*", [1, 10, 199], [2, 21]),
        ("*7", [7, 17], [70]),
        ("1?3", [103, 193], [113_0, 3]),
        ("not 5", [4, 6], [5]),
        ("<>5", [4, 6], [5]),
        ("1 or 2 and 3", [1], [2, 3]),
        ("(1 or 2) and >1", [2], [1]),
        ("NOT 1 And Not 2 oR 1", [1, 3], [2]),
        ("not (1 or 2)", [3], [1, 2]),
        ("[1..2] or (5 or 6)", [1, 2, 5, 6], [3]),
        ("007", [7], [70]),
        (f"> {'9' * 25}", [], [1, 10**17]),
        ("[5..1]", [], [1, 3, 5]),
    ],
)
def test_numbers(text: str, fits: list[int], fails: list[int]) -> None:
    expr = read_number_expr(text, "Card_Code")
    assert all(holds(expr, number) for number in fits)
    assert not any(holds(expr, number) for number in fails)


@pytest.mark.parametrize(
    "text",
    ["", "a", "1 2", "1 or", "and 1", "(1", "[1..2", "[1..", "1)", "[1??..2]", "> 1?", "1,2", "()",
     "(" * 100 + "1" + ")" * 100, "1" * 1001, "not", "orange"],
)  # fmt: skip
def test_what_is_no_expression_is_named(text: str) -> None:
    with pytest.raises(AppError) as caught:
        read_number_expr(text, "Card_Code")
    assert caught.value.code is ErrorCode.SEARCH_CONDITION
    assert caught.value.facts["field"] == "Card_Code"


NUMBERS = st.integers(min_value=0, max_value=300)
EXPRESSIONS = st.recursive(
    st.one_of(
        NUMBERS.map(str),
        st.tuples(NUMBERS, NUMBERS).map(lambda ends: f"[{ends[0]}..{ends[1]})"),
        st.tuples(st.sampled_from([">", "<", ">=", "<=", "=", "<>"]), NUMBERS).map(
            lambda pair: f"{pair[0]}{pair[1]}"
        ),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda three: f"({three[0]}) {three[1]} ({three[2]})"
        ),
        inner.map(lambda one: f"not ({one})"),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS, NUMBERS)
def test_an_expression_and_its_denial_divide_the_numbers(text: str, number: int) -> None:
    expr = read_number_expr(text, "Card_Code")
    denied = read_number_expr(f"not ({text})", "Card_Code")
    assert holds(expr, number) is not holds(denied, number)


@given(st.text(alphabet="0123456789?*()[]<>= .andorot", max_size=30))
def test_rubbish_is_an_expression_or_a_refusal(text: str) -> None:
    outcome: Expr | ErrorCode
    try:
        outcome = read_number_expr(text, "Card_Code")
    except AppError as error:
        outcome = error.code
    good = isinstance(outcome, Span | Digits | Not | Many)
    assert good or outcome is ErrorCode.SEARCH_CONDITION


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("", "", ()),
        ("0000-00-00", "0000-00-00", ()),
        ("0000-02-00", "0000-02-00", (Yearly(200, 231),)),
        ("0000-02-00", "", (Yearly(200, 231),)),
        ("0000-02-11", "0000-02-11", (Yearly(211, 211),)),
        ("0000-12-25", "0000-01-05", (Yearly(1225, 105),)),
        ("0000-12-00", "0000-01-00", (Yearly(1200, 131),)),
        ("0000-00-11", "", (MonthDays(11, 11),)),
        ("0000-00-28", "0000-00-03", (MonthDays(28, 3),)),
        ("1990-02-11", "", (Dates(date(1990, 2, 11), None),)),
        ("", "1990-02-11", (Dates(None, date(1990, 2, 11)),)),
        ("", "0000-03-15", (Yearly(0, 315),)),
        ("", "0000-00-15", (MonthDays(1, 15),)),
        ("1990-00-00", "", (Dates(date(1990, 1, 1), date(1990, 12, 31)),)),
        ("1992-02-00", "", (Dates(date(1992, 2, 1), date(1992, 2, 29)),)),
        ("1990-00-11", "", (Dates(date(1990, 1, 1), date(1990, 12, 31)), MonthDays(11, 11))),
        ("1980-00-00", "1989-00-00", (Dates(date(1980, 1, 1), date(1989, 12, 31)),)),
        ("11.02.1990", "11.02.1990", (Dates(date(1990, 2, 11), date(1990, 2, 11)),)),
        ("1990-02-11T00:00:00", "", (Dates(date(1990, 2, 11), None),)),
    ],
)
def test_birthdays(start: str, end: str, found: tuple[Birth, ...]) -> None:
    assert read_births(start, end) == found


@pytest.mark.parametrize(
    ("start", "end"),
    [("soon", ""), ("1990-13-01", ""), ("1990-02-30", ""), ("1990-01-01", "0000-02-01"),
     ("0000-00-05", "0000-02-05"), ("", "1990-01-32")],
)  # fmt: skip
def test_what_is_no_birthday_is_named(start: str, end: str) -> None:
    with pytest.raises(AppError) as caught:
        read_births(start, end)
    assert caught.value.code is ErrorCode.SEARCH_CONDITION
    assert caught.value.facts["field"] == "Birth_Day"


def test_large_numbers_are_as_good_as_the_largest() -> None:
    assert read_number_expr(">" + "9" * 30, "Card_Code") == Span(BEYOND + 1, BEYOND)
