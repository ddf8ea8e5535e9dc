"""Codes of classifiers: what is generated and what is refused."""

from __future__ import annotations

import pytest

from card_server.classifiers.codes import (
    ALPHABETS,
    DECIMAL,
    HEXADECIMAL,
    LENGTH,
    LETTERS,
    check_code,
    generate_code,
)
from shared.wire.errors import AppError, ErrorCode


@pytest.mark.parametrize("kind", [DECIMAL, HEXADECIMAL, LETTERS])
def test_a_generated_code_has_twenty_characters_of_its_form_and_no_leading_zero(kind: int) -> None:
    codes = {generate_code(kind) for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert len(code) == LENGTH
        assert set(code) <= set(ALPHABETS[kind])
        assert code[0] != "0"
        assert check_code(code, {}) == code


@pytest.mark.parametrize(
    "code", ["", "   ", "1" * 21, "two words", "tab\tinside", "line\n2", "\x00"]
)
def test_a_code_of_a_wrong_length_or_with_blanks_is_refused(code: str) -> None:
    with pytest.raises(AppError) as caught:
        check_code(code, {})
    assert caught.value.code is ErrorCode.CODE_LENGTH


@pytest.mark.parametrize("code", ["abcDEF", "ABCdef", "  abcdef ", "ABCDEF"])
def test_a_code_that_differs_only_in_case_is_taken(code: str) -> None:
    with pytest.raises(AppError) as caught:
        check_code(code, {"other": "Сайт", "abcDEF": "Касса"})
    assert caught.value.code is ErrorCode.CODE_TAKEN
    assert caught.value.facts["name"] == "Касса"


@pytest.mark.parametrize("code", ["7", "web", "Сайт-1", " trimmed "])
def test_short_codes_typed_by_hand_are_allowed(code: str) -> None:
    assert check_code(code, {"другой": "x"}) == code.strip()
