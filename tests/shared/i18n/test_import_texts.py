"""Names of the fields of imports: every field has one in both languages."""

from __future__ import annotations

from typing import Final

import pytest

from card_server.exchange.fields import STATIC, fields_of
from card_server.exchange.records import House
from shared.i18n.import_texts import TEXTS, fault_text, field_text
from shared.wire import imports as wire

CYRILLIC: Final = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя")


@pytest.mark.parametrize("kind", wire.KINDS)
def test_every_field_is_named_in_russian_and_in_english(kind: int) -> None:
    for code in fields_of(kind, House()):
        russian, english = field_text(code, "ru"), field_text(code, "en")
        assert russian != code, code
        assert not CYRILLIC & set(english.lower()), english


def test_names_of_one_import_are_not_confused() -> None:
    for language in ("ru", "en"):
        names = [field_text(field.code, language) for field in STATIC]
        assert len(set(names)) == len(names)
    assert all(russian and english for russian, english in TEXTS.values())


def test_a_fault_names_its_field_and_its_value() -> None:
    facts = {"value": "31.02.1985", "format": "31.12.2025"}
    assert fault_text("DATE_UNREAD", "birth_date", facts, "en") == (
        'Birthday: "31.02.1985" cannot be read as a date. Expected, for example, 31.12.2025'
    )
    assert fault_text("FIELD_BAD", "", {"field": "a", "value": "b"}, "en") == (
        'Bad value of field a: "b"'
    )
