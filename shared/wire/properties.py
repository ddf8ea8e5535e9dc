"""Properties of holders, cards and units, and the items of lists (domain 1.3)."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from shared.wire.base import SIGNED_IN, ListQuery, Query, Record
from shared.wire.dictionaries import RIGHT, UNSET, DictFields, DictRow
from shared.wire.editing import AddRow, DeleteRow, EditRow


class PropertyValueFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item of a list property; without `property_value_id` it is new."""

    property_value_id: int | None = None
    name: str
    value: str | None = None


class PropertyValue(PropertyValueFields, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """An item as it stands."""


# ---------------------------------------------------------------------- property


class PropertyRow(DictRow, frozen=True, kw_only=True):
    """A property in the list."""

    property_id: int
    property_type: int
    """1 yes or no, 2 integer, 3 amount, 4 date, 5 list, 6 text."""
    code_name: str
    applies_to: int
    """1 holder, 2 card, 4 unit, added up."""
    required: bool
    is_personal: bool


class Property(Record, frozen=True, kw_only=True):
    """A property with what belongs to it."""

    row: PropertyRow
    values: list[PropertyValue]


class ListProperties(ListQuery[PropertyRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Properties of holders, cards and units."""

    right: ClassVar[str] = SIGNED_IN


class GetProperty(Query[Property], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One property."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class PropertyFields(
    DictFields, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a property can be edited."""

    property_type: int | msgspec.UnsetType = UNSET
    code_name: str | msgspec.UnsetType = UNSET
    applies_to: int | msgspec.UnsetType = UNSET
    required: bool | msgspec.UnsetType = UNSET
    is_personal: bool | msgspec.UnsetType = UNSET


class AddProperty(AddRow[PropertyFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new property."""

    right: ClassVar[str] = RIGHT
    values: list[PropertyValueFields] = msgspec.field(default_factory=list)


class EditProperty(EditRow[PropertyFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a property."""

    right: ClassVar[str] = RIGHT
    values: list[PropertyValueFields] | None = None


class DeleteProperty(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a property as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT
