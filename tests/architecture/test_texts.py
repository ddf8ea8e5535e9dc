"""Every refusal has its sentences, in both languages."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path
from typing import Final

import pytest

from shared.i18n.error_texts import EN, RU, WIRE, window_text, wire_text
from shared.wire.errors import ErrorCode
from tests.architecture.sources import modules, tree_of

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


UI: Final = modules("shared/ui", "shared/i18n", "crm_manager", "crm_config", "user_manager")
SAME_IN_BOTH: Final = frozenset({"SMS", "Push", "?"})
"""Texts that are no words."""


def _calls(name: str) -> list[tuple[Path, ast.Call]]:
    return [
        (path, node)
        for path in UI
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]


def _fields(text: str) -> list[str]:
    return sorted({name for _, name, _, _ in string.Formatter().parse(text) if name})


def test_every_text_of_a_window_is_there_in_both_languages() -> None:
    pairs = 0
    for path, call in _calls("tr"):
        where = f"{path}:{call.lineno}"
        words = [one.value for one in call.args if isinstance(one, ast.Constant)]
        assert len(words) == 2, f"{where}: two literals are needed"
        russian, english = str(words[0]), str(words[1])
        pairs += 1
        assert russian.strip(), where
        assert english.strip(), where
        letters = re.sub(r"\{\w+\}", "", russian)
        is_word = any(letter.isalpha() for letter in letters) and russian not in SAME_IN_BOTH
        assert not is_word or any(one in CYRILLIC for one in russian.lower()), f"{where}: {russian}"
        assert not any(one in CYRILLIC for one in english.lower()), f"{where}: {english}"
        assert _fields(russian) == _fields(english), f"{where}: other figures in the languages"
    assert pairs > 100


def test_no_window_says_a_word_in_one_language_only() -> None:
    """Cyrillic letters stand in texts that are declared, and nowhere else in a window."""
    for path in modules("shared/ui", "crm_manager", "crm_config", "user_manager"):
        tree = tree_of(path)
        declared = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("tr", "counted")
            for part in ast.walk(node)
        }
        loose = [
            f"{path}:{node.lineno}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in declared
            and any(letter in CYRILLIC for letter in node.value.lower())
        ]
        assert loose == []
