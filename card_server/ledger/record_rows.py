"""How records and rows match: attributes are the columns, but for a few words SQL keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

COLUMN_OF = {"account_class": "class"}
"""Attribute names that differ from their column."""


def columns_of(record: Any) -> dict[str, str]:
    """Attribute -> column of a record class, in the order of its fields."""
    fields: tuple[str, ...] = record.__struct_fields__
    return {name: COLUMN_OF.get(name, name) for name in fields}


def make(record: Any) -> Callable[..., Any]:
    """A function from a row's values, in the order of the fields, to the record."""
    names = tuple(columns_of(record))

    def build(*values: Any) -> Any:
        return record(**dict(zip(names, values, strict=True)))

    return build
