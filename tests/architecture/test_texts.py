"""Every refusal has its sentences, in both languages."""

from __future__ import annotations

import string
from typing import Final

import pytest

from shared.i18n.error_texts import EN, RU, WIRE, window_text, wire_text
from shared.wire.errors import ErrorCode

CYRILLIC: Final = "абвгдежзийклмнопрстуфхцчшщъыьэюя"


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_refusal_has_a_sentence_in_russian_and_in_english(code: ErrorCode) -> None:
    facts: dict[str, object] = {}
    for text in (wire_text, window_text):
        russian, english = text(code, "ru", facts), text(code, "en", facts)
        assert any(letter in CYRILLIC for letter in russian.lower()), russian
        assert not any(letter in CYRILLIC for letter in english.lower()), english
        assert any(letter in string.ascii_letters for letter in english)


def test_both_languages_tell_the_same_facts() -> None:
    for code, sentences in WIRE.items():
        told = [
            {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
            for sentence in (sentences[RU], sentences[EN])
        ]
        assert told[0] == told[1], code
