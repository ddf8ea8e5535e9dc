"""Sizes of demo databases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.demo.sizes import LEAST, MOST, TABLE, cards_of, size_of


@pytest.mark.parametrize(
    ("text", "cards"),
    [("small", 300), ("SMALL", 300), ("1e5", 100_000), ("1e6", 1_000_000), (" 500 ", 500)],
)
def test_a_size_is_a_word_or_a_number(text: str, cards: int) -> None:
    assert cards_of(text) == cards


@pytest.mark.parametrize(
    "text",
    ["", "big", "-5", "1.5", "1e9", "0", "59", "6000000", "nan", "1_000", "٣٠٠٠", "1e", "9" * 40],
)
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a size|out of range|invalid literal"):
        cards_of(text)


@pytest.mark.parametrize("row", TABLE)
def test_the_columns_of_the_table_are_met_exactly(row: object) -> None:
    assert size_of(row.cards) == row  # type: ignore[attr-defined]


@given(st.integers(LEAST, MOST))
def test_between_the_columns_everything_lies_between(cards: int) -> None:
    size = size_of(cards)
    assert size.cards == cards
    assert TABLE[0].units <= size.units <= TABLE[-1].units
    assert 2_000 <= size.per_card <= 12_000
    assert 1 <= size.coupons <= 500_000
