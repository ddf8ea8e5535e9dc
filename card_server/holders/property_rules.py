"""Which value a property takes, pure (domain 1.3: exactly one value column is filled)."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from shared.wire.details import GivenProperty
from shared.wire.errors import AppError, ErrorCode

YES_NO, WHOLE, AMOUNT, DAY, LIST, TEXT = range(1, 7)
"""Kinds of properties."""
COLUMNS: Final = {
    YES_NO: "value_num",
    WHOLE: "value_num",
    AMOUNT: "value_num",
    DAY: "value_date",
    LIST: "property_value_id",
    TEXT: "value_text",
}
LONGEST_TEXT: Final = 450
LARGEST_AMOUNT: Final = 99_999_999_999_999
FIRST_YEAR, LAST_YEAR = 1900, 2199


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """A property as far as its values go."""

    property_id: int
    property_type: int
    code_name: str
    required: bool = False
    values: frozenset[int] = frozenset()
    """Ids of the list's items."""


def value_of(kind: Kind, given: GivenProperty) -> int | str | date | None:
    """The value to be kept, None to take it away; `FIELD_BAD` names the property by its code."""
    text = given.value_text.strip() if given.value_text is not None else None
    filled = {
        "property_value_id": given.property_value_id,
        "value_text": text or None,
        "value_num": given.value_num,
        "value_date": given.value_date,
    }
    filled = {name: value for name, value in filled.items() if value is not None}
    column = COLUMNS[kind.property_type]
    if not filled:
        if kind.required:
            raise AppError(ErrorCode.FIELD_MISSING, field=kind.code_name)
        return None
    value = filled.pop(column, None)
    if value is None or filled:
        raise _bad(kind, next(iter(filled.values()), ""))
    _check(kind, value)
    return value


def _check(kind: Kind, value: int | str | date) -> None:
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise AppError(ErrorCode.TOO_LONG, field=kind.code_name, limit=LONGEST_TEXT)
    elif isinstance(value, date):
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise _bad(kind, value)
    elif kind.property_type == LIST:
        if value not in kind.values:
            raise AppError(ErrorCode.DICT_VALUE_UNKNOWN, field=kind.code_name, value=value)
    elif not _is_number(kind.property_type, value):
        raise _bad(kind, value)


def _is_number(property_type: int, value: int) -> bool:
    if property_type == YES_NO:
        return value in (0, 1)
    return abs(value) <= LARGEST_AMOUNT


def _bad(kind: Kind, value: object) -> AppError:
    return AppError(ErrorCode.FIELD_BAD, field=kind.code_name, value=str(value)[:60])
