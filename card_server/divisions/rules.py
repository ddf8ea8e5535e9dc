"""What divisions and units may be, pure (domain 0.2, 1.1)."""

from __future__ import annotations

from typing import Final

from shared.wire.errors import AppError, ErrorCode

LARGEST_DIVISION_PREFIX: Final = 9999
LARGEST_POS_NUMBER: Final = 65_535
UNIT_STATES: Final = (1, 2, 3)
"""Test, live, closed."""

ORGANISATION: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
PERSON_FIRST: Final = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
PERSON_SECOND: Final = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
"""Weights of the check digits of a taxpayer number: ten digits, or twelve with two of them."""


def _wrong(value: object, *, field: str) -> AppError:
    return AppError(ErrorCode.FIELD_BAD, field=field, value=str(value)[:60])


def check_prefix(prefix: int | None) -> None:
    """Prefixes of divisions are 1 to 9999: the account number shows four digits."""
    if prefix is not None and not 1 <= prefix <= LARGEST_DIVISION_PREFIX:
        raise _wrong(prefix, field="id_prefix")


def check_pos_number(number: int | None) -> None:
    """`Restaurant` of the relay is a word of 16 bits."""
    if number is not None and not 1 <= number <= LARGEST_POS_NUMBER:
        raise _wrong(number, field="pos_number")


def check_unit_state(state: int | None) -> None:
    """Test, live or closed."""
    if state is not None and state not in UNIT_STATES:
        raise _wrong(state, field="state")


def _digit(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(d * w for d, w in zip(digits, weights, strict=False)) % 11 % 10


def inn_fits(text: str) -> bool:
    """The check digits of a taxpayer number agree."""
    if not (text.isascii() and text.isdigit()):
        return False
    digits = [int(character) for character in text]
    if len(digits) == len(ORGANISATION) + 1:
        return _digit(digits, ORGANISATION) == digits[-1]
    if len(digits) == len(PERSON_SECOND) + 1:
        first = _digit(digits, PERSON_FIRST) == digits[-2]
        return first and _digit(digits, PERSON_SECOND) == digits[-1]
    return False


def check_inn(text: str | None) -> None:
    """Refuse a taxpayer number with a slip of the pen."""
    if text and not inn_fits(text):
        raise _wrong(text, field="inn")
