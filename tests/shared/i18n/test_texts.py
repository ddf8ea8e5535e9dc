"""Texts of windows: both languages, and words behind numbers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.i18n.texts import choose_language, counted, language, tr


@pytest.fixture(autouse=True)
def _russian() -> Iterator[None]:
    choose_language("ru")
    yield
    choose_language("ru")


def test_a_text_is_shown_in_the_language_that_is_chosen_when_it_is_shown() -> None:
    text = tr("Карта {code}", "Card {code}")
    assert text.of(code=7) == "Карта 7"
    choose_language("en")
    assert text.of(code=7) == "Card 7"
    assert str(text) == "Card {code}"


def test_a_language_that_nobody_knows_is_english() -> None:
    choose_language("de")
    assert language() == "en"


@pytest.mark.parametrize(
    ("number", "russian", "english"),
    [
        (0, "карт", "cards"),
        (1, "карта", "card"),
        (2, "карты", "cards"),
        (5, "карт", "cards"),
        (11, "карт", "cards"),
        (12, "карт", "cards"),
        (21, "карта", "cards"),
        (104, "карты", "cards"),
        (-1, "карта", "cards"),
    ],
)
def test_a_word_follows_its_number(number: int, russian: str, english: str) -> None:
    word = counted(("карта", "карты", "карт"), ("card", "cards"))
    assert word.word(number) == russian
    choose_language("en")
    assert word.word(number) == english
