"""Divisions (companies, branches) and units (restaurants) (domain 1.1)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import msgspec

from shared.wire.base import Command, Done, ListQuery, Made, Query, Record

UNSET = msgspec.UNSET
"""A field that an edit leaves as it is."""


class Division(Record, frozen=True, kw_only=True):
    """A company or branch that owns rows."""

    division_id: int
    parent_id: int | None
    id_prefix: int
    name: str
    full_name: str | None
    is_main: bool
    inn: str | None
    books_closed_until: date | None
    sort_no: int
    is_active: bool
    version: int


class Unit(Record, frozen=True, kw_only=True):
    """A restaurant or point of sale."""

    unit_id: int
    division_id: int
    name: str
    pos_code: str | None
    pos_number: int | None
    classifier_id: int | None
    state: int
    """1 test, 2 live, 3 closed."""
    address: str | None
    phone: str | None
    sort_no: int
    is_active: bool
    version: int


class ListDivisions(ListQuery[Division], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Divisions of the user."""

    right: ClassVar[str] = "operation.view"


class ListUnits(ListQuery[Unit], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Units of the user's divisions."""

    right: ClassVar[str] = "operation.view"


class GetUnit(Query[Unit], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit."""

    right: ClassVar[str] = "operation.view"
    unit_id: int


class UnitFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a unit can be edited; a field that is not sent stays as it is."""

    division_id: int | msgspec.UnsetType = UNSET
    name: str | msgspec.UnsetType = UNSET
    pos_code: str | msgspec.UnsetType | None = UNSET
    pos_number: int | msgspec.UnsetType | None = UNSET
    classifier_id: int | msgspec.UnsetType | None = UNSET
    state: int | msgspec.UnsetType = UNSET
    address: str | msgspec.UnsetType | None = UNSET
    phone: str | msgspec.UnsetType | None = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddUnit(Command[Made], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new unit; name and division are needed."""

    right: ClassVar[str] = "unit.edit"
    fields: UnitFields


class EditUnit(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a unit; `version` is the one that was edited."""

    right: ClassVar[str] = "unit.edit"
    unit_id: int
    version: int
    fields: UnitFields


class DeleteUnit(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a unit as deleted; one that is used is refused (`IN_USE`)."""

    right: ClassVar[str] = "unit.edit"
    unit_id: int
    version: int


class DivisionFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a division can be edited; a field that is not sent stays as it is."""

    parent_id: int | msgspec.UnsetType | None = UNSET
    id_prefix: int | msgspec.UnsetType = UNSET
    name: str | msgspec.UnsetType = UNSET
    full_name: str | msgspec.UnsetType | None = UNSET
    inn: str | msgspec.UnsetType | None = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddDivision(Command[Made], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new division; name and prefix are needed."""

    right: ClassVar[str] = "unit.edit"
    fields: DivisionFields


class EditDivision(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a division."""

    right: ClassVar[str] = "unit.edit"
    division_id: int
    version: int
    fields: DivisionFields


class CloseBooks(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set or lift the day up to which nothing may be booked; `None` lifts it."""

    right: ClassVar[str] = "books.close"
    division_id: int
    version: int
    until: date | None
    reason: str
