"""How records and rows match: attributes are the columns, but for a few words SQL keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

COLUMN_OF = {"account_class": "class", "coupon_class": "class"}
"""Attribute names that differ from their column."""


def columns_of(record: Any) -> dict[str, str]:
    """Attribute -> column of a record class, in the order of its fields."""
    fields: tuple[str, ...] = record.__struct_fields__
    return {name: COLUMN_OF.get(name, name) for name in fields}


def make(record: Any) -> Callable[..., Any]:
    """What makes a record from a row's values, in the order of the fields.

    It is a subclass that takes its fields by position: ten times as quick as by name, and a group
    makes some hundreds of records.
    """
    fields = [(name, Any) for name in record.__struct_fields__]
    return msgspec.defstruct(
        record.__name__, fields, bases=(record,), module=record.__module__, gc=False
    )
