"""What an imported file is made of: cells, formats, rows read, wishes of a row (domain 1.11)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import msgspec

Cell = str | int | float | bool | None
"""A cell as it was read: text files have texts only, workbooks also numbers and flags."""

LARGEST_FILE: Final = 50 << 20
"""Bytes of a file at most."""
LARGEST_UNPACKED: Final = 400 << 20
"""Bytes of all parts of a workbook together, unpacked."""
MOST_ROWS: Final = 500_000
MOST_COLUMNS: Final = 200
LONGEST_CELL: Final = 4000
MEGABYTE: Final = 1 << 20


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a file was read: what was found out, or what a user said instead."""

    encoding: str = ""
    """Of a text file: utf-8, utf-16, cp1251 ..."""
    delimiter: str = ""
    sheet: str = ""
    """Of a workbook."""
    sheets: tuple[str, ...] = ()
    has_header: bool = True
    columns: tuple[str, ...] = ()
    """Names of the columns, from the first row or made up."""


class Formats(msgspec.Struct, frozen=True, kw_only=True):
    """How values are written in the file."""

    dates: str = "auto"
    """`auto`, `dmy`, `mdy`, `ymd`."""
    decimal: str = "auto"
    """`auto`, a point or a comma."""
    country: str = "RU"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """Why a row cannot be imported: the refusal, and the field and value it is about."""

    code: str
    field: str = ""
    value: str = ""
    facts: dict[str, str | int | None] = {}


class ContactKind(msgspec.Struct, frozen=True, kw_only=True):
    """A contact type as far as an import needs it."""

    type_id: int
    contact_class: int
    name: str
    max_holders: int | None = None


class PropertyKind(msgspec.Struct, frozen=True, kw_only=True):
    """A property of guests or cards; `values` are the items of a list, by name as compared."""

    property_id: int
    property_type: int
    name: str
    applies_to: int
    is_personal: bool = False
    values: dict[str, int] = {}


class TypeKind(msgspec.Struct, frozen=True, kw_only=True):
    """An account type as far as an import needs it."""

    account_type_id: int
    account_class: int
    name: str
    external_code: str | None = None


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The dictionaries that rows name, as they stood when a piece of work began."""

    country: str = "RU"
    default_group: int | None = None
    contact_types: dict[int, ContactKind] = {}
    address_types: dict[int, str] = {}
    holder_groups: dict[int, str] = {}
    card_groups: dict[int, str] = {}
    non_payer_types: dict[int, str] = {}
    properties: dict[int, PropertyKind] = {}
    account_types: dict[int, TypeKind] = {}


class ContactPart(msgspec.Struct, frozen=True, kw_only=True):
    """A contact of a row, also as it is compared."""

    type_id: int
    contact_class: int
    value: str
    norm: str


class ConsentPart(msgspec.Struct, frozen=True, kw_only=True):
    """A consent or refusal of a row."""

    purpose: int
    channel: int | None
    granted: bool


class PropertyPart(msgspec.Struct, frozen=True, kw_only=True):
    """A value of a property: exactly one column of `property_link`."""

    property_id: int
    column: str
    value: str | int | date
    is_personal: bool
    owner_kind: int


class BalancePart(msgspec.Struct, frozen=True, kw_only=True):
    """A balance of a row in the sign of the file."""

    account_type_id: int
    amount: int


class Draft(msgspec.Struct, kw_only=True):
    """A row as it is understood; with faults it is not imported."""

    row_no: int = 0
    holder: dict[str, Any] = {}
    person: dict[str, Any] = {}
    contacts: list[ContactPart] = []
    address: dict[str, str] = {}
    address_type_id: int | None = None
    consents: list[ConsentPart] = []
    properties: list[PropertyPart] = []
    card_code: int | None = None
    card: dict[str, Any] = {}
    holder_id: int | None = None
    phone: str = ""
    """The phone to find the guest by, as it is compared."""
    balances: list[BalancePart] = []
    business_date: date | None = None
    available_on: date | None = None
    expires_on: date | None = None
    remarks: str = ""
    faults: list[Fault] = []

    @property
    def names_guest(self) -> bool:
        """The row says something of a guest, not of a card alone."""
        parts = (self.holder, self.person, self.contacts, self.address, self.consents)
        return any(parts) or any(part.owner_kind == OWNER_HOLDER for part in self.properties)


OWNER_HOLDER: Final = 1
OWNER_CARD: Final = 2
