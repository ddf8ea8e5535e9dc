"""Every warning and reason of campaigns has a sentence in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from card_server.campaigns import checking, rules
from shared.i18n.campaign_texts import REASONS, WARNINGS, reason_text, warning_text

CYRILLIC: Final = re.compile("[а-яё]", re.IGNORECASE)


def test_every_code_that_the_checker_can_say_has_a_text() -> None:
    source = Path(checking.__file__).read_text(encoding="utf-8")
    said = set(re.findall(r'"([A-Z_]{5,})"', source))
    assert said == set(WARNINGS)


def test_every_reason_that_the_rules_can_say_has_a_text() -> None:
    source = Path(rules.__file__).read_text(encoding="utf-8")
    for reason in REASONS:
        assert f'"{reason}"' in source, reason


@pytest.mark.parametrize("texts", [WARNINGS, REASONS])
def test_russian_is_russian_and_english_is_not(texts: dict[str, tuple[str, str]]) -> None:
    for russian, english in texts.values():
        assert CYRILLIC.search(russian)
        assert not CYRILLIC.search(english)


def test_facts_are_filled_in_and_a_missing_one_is_no_failure() -> None:
    facts = {"least": 5, "most": 4}
    assert warning_text("RANGE_EMPTY", facts, "en") == (
        "The lower bound (5) is above the upper one (4)"
    )
    assert warning_text("RANGE_EMPTY", {}, "en").startswith("The lower bound ({least})")
    assert reason_text("unit", "ru") == "не для этого ресторана"
    assert reason_text("strange", "ru") == "strange"
