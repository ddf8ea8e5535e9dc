"""Which value each kind of property takes (domain 1.3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from card_server.holders.property_rules import (
    AMOUNT,
    DAY,
    LIST,
    TEXT,
    WHOLE,
    YES_NO,
    Kind,
    value_of,
)
from shared.wire.details import GivenProperty
from shared.wire.errors import AppError

DAY_1 = date(2026, 3, 1)


def kind(property_type: int, **fields: Any) -> Kind:
    return Kind(
        property_id=1,
        property_type=property_type,
        code_name="code",
        **{"values": frozenset({5, 6}), **fields},
    )


@pytest.mark.parametrize(
    ("property_type", "fields", "value"),
    [
        (YES_NO, {"value_num": 0}, 0),
        (YES_NO, {"value_num": 1}, 1),
        (WHOLE, {"value_num": -7}, -7),
        (AMOUNT, {"value_num": 99_999_999_999_999}, 99_999_999_999_999),
        (DAY, {"value_date": DAY_1}, DAY_1),
        (LIST, {"property_value_id": 6}, 6),
        (TEXT, {"value_text": "  без сахара "}, "без сахара"),
        (TEXT, {}, None),
        (TEXT, {"value_text": "   "}, None),
    ],
)
def test_a_value_of_its_kind_is_kept(property_type: int, fields: Any, value: object) -> None:
    assert value_of(kind(property_type), GivenProperty(property_id=1, **fields)) == value


@pytest.mark.parametrize(
    ("property_type", "fields", "code"),
    [
        (YES_NO, {"value_num": 2}, "FIELD_BAD"),
        (YES_NO, {"value_text": "да"}, "FIELD_BAD"),
        (WHOLE, {"value_num": 10**14}, "FIELD_BAD"),
        (AMOUNT, {"value_num": -(10**14)}, "FIELD_BAD"),
        (DAY, {"value_date": date(1899, 12, 31)}, "FIELD_BAD"),
        (DAY, {"value_date": date(2200, 1, 1)}, "FIELD_BAD"),
        (LIST, {"property_value_id": 7}, "DICT_VALUE_UNKNOWN"),
        (LIST, {"value_num": 5}, "FIELD_BAD"),
        (TEXT, {"value_text": "x" * 451}, "TOO_LONG"),
        (TEXT, {"value_text": "x", "value_num": 1}, "FIELD_BAD"),
    ],
)
def test_any_other_value_is_refused_by_the_property_s_code(
    property_type: int, fields: Any, code: str
) -> None:
    with pytest.raises(AppError) as caught:
        value_of(kind(property_type), GivenProperty(property_id=1, **fields))
    assert (caught.value.code, caught.value.facts["field"]) == (code, "code")


def test_a_required_property_is_not_taken_away() -> None:
    with pytest.raises(AppError) as caught:
        value_of(kind(WHOLE, required=True), GivenProperty(property_id=1))
    assert caught.value.code == "FIELD_MISSING"
