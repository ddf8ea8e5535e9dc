"""Tests of declare: what a value may be, for every declared setting."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.i18n.error_texts import window_text
from shared.settings import card_server, house, server_file, wire
from shared.settings.declare import Kind, Scope, Setting, Text, by_key, flag, nearest, whole
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.refusals import refusal_of

ALL = [*card_server.SETTINGS.values(), *server_file.SETTINGS.values()]
BAD: dict[Kind, list[str]] = {
    Kind.FLAG: ["2", "maybe", "-"],
    Kind.WHOLE: ["", "x", "1.5", "1e3", "٣", "9" * 19, "-1"],
    Kind.NUMBER: ["", "x", "1e3", "nan", "inf", "-1", "٣"],
    Kind.CHOICE: ["", "x"],
    Kind.TIME: ["", "24:00", "4:00", "0400"],
    Kind.SPAN: ["21:00", "21:00-24:00", "-"],
    Kind.ZONE: ["", "Mars/Olympus", "../etc/passwd"],
    Kind.NETWORKS: ["x", "10.0.0.0/33", "1.2.3"],
    Kind.FILE: ["a\0b"],
    Kind.SECRET: ["hunter22"],
    Kind.TEXT: ["x" * 2_001],
    Kind.WORDS: ["x" * 2_001],
}


def by_name(setting: Setting[Any]) -> str:
    """The id of a test."""
    return setting.key


@pytest.mark.parametrize("setting", ALL, ids=by_name)
def test_a_default_is_a_value_and_comes_back_from_its_text(setting: Setting[Any]) -> None:
    assert setting.value_of(setting.text_of(setting.default)) == setting.default


@pytest.mark.parametrize("setting", ALL, ids=by_name)
def test_each_setting_has_label_help_and_what_is_allowed_in_both_languages(
    setting: Setting[Any],
) -> None:
    for text in (setting.label, setting.help, setting.allowed):
        assert text.ru.strip()
        assert text.en.strip()
    assert any("а" <= letter <= "я" for letter in setting.label.ru.lower())
    assert setting.label.en.isascii()
    assert bool(setting.unit.ru) == bool(setting.unit.en)


@pytest.mark.parametrize("setting", ALL, ids=by_name)
def test_a_wrong_value_is_refused_in_a_sentence_with_key_value_and_what_is_allowed(
    setting: Setting[Any],
) -> None:
    for bad in BAD[setting.kind]:
        if setting.kind is Kind.WHOLE and bad == "-1" and (setting.least or 0) < 0:
            continue
        with pytest.raises(AppError) as caught:
            setting.value_of(bad)
        error = caught.value
        assert error.code is ErrorCode.SETTING_BAD
        for language, allowed in (("ru", setting.allowed.ru), ("en", setting.allowed.en)):
            sentence = window_text(error.code, language, error.facts)
            assert setting.key in sentence
            assert allowed in sentence
            assert setting.secret or bad[:50] in sentence
            assert not setting.secret or bad not in sentence


@pytest.mark.parametrize("setting", ALL, ids=by_name)
def test_limits_of_numbers_are_kept(setting: Setting[Any]) -> None:
    if setting.least is None or setting.most is None:
        assert setting.kind not in (Kind.WHOLE, Kind.NUMBER)
        return
    assert setting.value_of(str(setting.least)) == setting.least
    assert setting.least <= setting.default <= setting.most
    assert refusal_of(lambda: setting.value_of(str(int(setting.most or 0) + 1))) is (
        ErrorCode.SETTING_BAD
    )


@given(st.text(max_size=50))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    for setting in ALL:
        assert refusal_of(lambda s=setting: s.value_of(text)) in (None, ErrorCode.SETTING_BAD)  # type: ignore[misc]


def test_flags_are_read_as_people_write_them() -> None:
    setting = flag("a.b", False, Text("а", "a"), Text("а", "a"))
    assert [setting.value_of(t) for t in ("1", "ON", " да ", "true", "Yes")] == [True] * 5
    assert [setting.value_of(t) for t in ("0", "off", "нет", "", "False")] == [False] * 5
    assert setting.text_of(True) == "1"


def test_numbers_may_have_a_comma_and_choices_any_case() -> None:
    assert wire.API_WRONG_CODE_DELAY.value_of("0,5") == 0.5
    assert house.WEEK_START.value_of("sunday") == "Sunday"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("limits.connectons", "limits.connections"),
        ("server.prot", "server.port"),
        ("port", "server.port"),
        ("limit.body_bytes", "limits.body_bytes"),
        ("zzz", "-"),
    ],
)
def test_the_nearest_name_of_a_typing_mistake(typed: str, meant: str) -> None:
    assert nearest(typed, server_file.SETTINGS) == meant


def test_a_key_cannot_be_declared_twice_and_an_old_one_leads_to_the_new() -> None:
    text = Text("а", "a")
    one = whole("a.b", 1, 0, 9, text, text, renamed_from=("a.old",))
    assert by_key(one) == {"a.b": one, "a.old": one}
    with pytest.raises(ValueError, match=r"a\.old is declared twice"):
        by_key(one, whole("a.old", 1, 0, 9, text, text))


def test_scopes_have_the_numbers_of_the_table() -> None:
    assert [scope.value for scope in Scope] == [0, 1, 2, 3, 4, 5]
