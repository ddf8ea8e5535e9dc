"""Dictionaries of the house: contact and address types, non-payers, reasons.

All of them are listed, edited and deleted the same way (domain 0.1, 1.3).
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from shared.wire.base import SIGNED_IN, ListQuery, Query, Record
from shared.wire.editing import AddRow, DeleteRow, EditRow

UNSET = msgspec.UNSET
RIGHT = "dict.edit"


class DictFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What every dictionary can edit; a field that is not sent stays as it is."""

    name: str | msgspec.UnsetType = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class DictRow(Record, frozen=True, kw_only=True):
    """What every dictionary shows."""

    name: str
    sort_no: int
    is_active: bool
    version: int


# ---------------------------------------------------------------------- contact type


class ContactType(DictRow, frozen=True, kw_only=True):
    """A contact type."""

    contact_type_id: int
    contact_class: int
    """1 phone, 2 e-mail, 3 Skype, 4 social network, 5 messenger."""
    external_code: str | None
    dispatch: bool
    max_holders: int | None
    """How many holders may share a value; None is any number."""


class ListContactTypes(
    ListQuery[ContactType], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Contact types."""

    right: ClassVar[str] = SIGNED_IN


class GetContactType(Query[ContactType], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One contact type."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class ContactTypeFields(
    DictFields, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a contact type can be edited."""

    contact_class: int | msgspec.UnsetType = UNSET
    external_code: str | msgspec.UnsetType | None = UNSET
    dispatch: bool | msgspec.UnsetType = UNSET
    max_holders: int | msgspec.UnsetType | None = UNSET


class AddContactType(
    AddRow[ContactTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new contact type."""

    right: ClassVar[str] = RIGHT


class EditContactType(
    EditRow[ContactTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a contact type."""

    right: ClassVar[str] = RIGHT


class DeleteContactType(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a contact type as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT


# ---------------------------------------------------------------------- address type


class AddressType(DictRow, frozen=True, kw_only=True):
    """A address type."""

    address_type_id: int


class ListAddressTypes(
    ListQuery[AddressType], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Address types."""

    right: ClassVar[str] = SIGNED_IN


class GetAddressType(Query[AddressType], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address type."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class AddressTypeFields(
    DictFields, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a address type can be edited."""


class AddAddressType(
    AddRow[AddressTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new address type."""

    right: ClassVar[str] = RIGHT


class EditAddressType(
    EditRow[AddressTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a address type."""

    right: ClassVar[str] = RIGHT


class DeleteAddressType(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a address type as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT


# ---------------------------------------------------------------------- type of non-payers


class NonPayerType(DictRow, frozen=True, kw_only=True):
    """A type of non-payers."""

    non_payer_type_id: int
    external_id: int | None
    """The till's number of the type."""
    parent_id: int | None
    forbid_order: bool
    forbid_topup: bool
    notes: str | None


class ListNonPayerTypes(
    ListQuery[NonPayerType], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Types of non-payers."""

    right: ClassVar[str] = SIGNED_IN


class GetNonPayerType(Query[NonPayerType], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One type of non-payers."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class NonPayerTypeFields(
    DictFields, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a type of non-payers can be edited."""

    external_id: int | msgspec.UnsetType | None = UNSET
    parent_id: int | msgspec.UnsetType | None = UNSET
    forbid_order: bool | msgspec.UnsetType = UNSET
    forbid_topup: bool | msgspec.UnsetType = UNSET
    notes: str | msgspec.UnsetType | None = UNSET


class AddNonPayerType(
    AddRow[NonPayerTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new type of non-payers."""

    right: ClassVar[str] = RIGHT


class EditNonPayerType(
    EditRow[NonPayerTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a type of non-payers."""

    right: ClassVar[str] = RIGHT


class DeleteNonPayerType(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a type of non-payers as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT


# ---------------------------------------------------------------------- reason


class Reason(DictRow, frozen=True, kw_only=True):
    """A reason."""

    reason_id: int
    applies_to: int
    needs_text: bool
    """The reason needs words of its own."""


class ListReasons(ListQuery[Reason], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reasons of operations by hand."""

    right: ClassVar[str] = SIGNED_IN


class GetReason(Query[Reason], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reason."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class ReasonFields(
    DictFields, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a reason can be edited."""

    applies_to: int | msgspec.UnsetType = UNSET
    needs_text: bool | msgspec.UnsetType = UNSET


class AddReason(AddRow[ReasonFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new reason."""

    right: ClassVar[str] = RIGHT


class EditReason(EditRow[ReasonFields], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a reason."""

    right: ClassVar[str] = RIGHT


class DeleteReason(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a reason as deleted; one that is used is refused."""

    right: ClassVar[str] = RIGHT
