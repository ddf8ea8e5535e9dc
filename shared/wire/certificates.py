"""Gift certificates: types, numbers, sale, balance, states (domain 1.8, 3.17).

A certificate has an account of its own; it is sold by activating it, which books its value there.
Its number is worth money, so certificates are shown to those who may sell or issue them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Final

import msgspec

from shared.wire.base import SIGNED_IN, Command, Done, ListQuery, Query, Record
from shared.wire.editing import AddRow, DeleteRow, EditRow
from shared.wire.manual_operations import Sum

UNSET = msgspec.UNSET
PROGRAM: Final = "program.edit"
SELL: Final = "certificate.sell"
ISSUE: Final = "coupon.issue"
MADE, ACTIVE, USED, BLOCKED, EXPIRED, VOID = range(1, 7)
"""States of a certificate (domain 1.8)."""
MOST_AT_ONCE: Final = 500


class CertificateType(Record, frozen=True, kw_only=True):
    """A kind of certificates."""

    certificate_type_id: int
    name: str
    account_type_id: int
    """Of class 81."""
    nominal: int | None
    """None: any sum between the bounds."""
    min_sum: int | None
    max_sum: int | None
    valid_days: int | None
    """From the day it becomes usable, that day included."""
    active_after_days: int
    part_use: bool
    """Off: what is left after the first use burns."""
    underpay: bool
    pin_needed: bool
    refund_allowed: bool
    """One that was sold and not used may be taken back."""
    resell_allowed: bool
    sort_no: int
    is_active: bool
    version: int


class ListCertificateTypes(
    ListQuery[CertificateType], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Kinds of certificates."""

    right: ClassVar[str] = SIGNED_IN


class GetCertificateType(
    Query[CertificateType], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """One kind."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class CertificateTypeFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a kind can be edited; a field that is not sent stays as it is."""

    name: str | msgspec.UnsetType = UNSET
    account_type_id: int | msgspec.UnsetType = UNSET
    nominal: int | msgspec.UnsetType | None = UNSET
    min_sum: int | msgspec.UnsetType | None = UNSET
    max_sum: int | msgspec.UnsetType | None = UNSET
    valid_days: int | msgspec.UnsetType | None = UNSET
    active_after_days: int | msgspec.UnsetType = UNSET
    part_use: bool | msgspec.UnsetType = UNSET
    underpay: bool | msgspec.UnsetType = UNSET
    pin_needed: bool | msgspec.UnsetType = UNSET
    refund_allowed: bool | msgspec.UnsetType = UNSET
    resell_allowed: bool | msgspec.UnsetType = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddCertificateType(
    AddRow[CertificateTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new kind; a name, an account type, and a nominal or both bounds are needed."""

    right: ClassVar[str] = PROGRAM


class EditCertificateType(
    EditRow[CertificateTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a kind; the account type only while no certificate of it was made."""

    right: ClassVar[str] = PROGRAM


class DeleteCertificateType(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a kind as deleted; one with certificates is refused."""

    right: ClassVar[str] = PROGRAM


# ---------------------------------------------------------------------- certificates


class Certificate(Record, frozen=True, kw_only=True):
    """A certificate and what it is worth now."""

    certificate_id: int
    number: str
    type_id: int
    account_id: int
    state: int
    """1 made, 2 active, 3 used up, 4 blocked, 5 expired, 6 void; 3 and 5 as of this moment."""
    balance: int
    """What was booked; due value that is not burnt yet is in it."""
    held: int
    holder_id: int | None
    valid_to: date | None
    sold_operation_id: int | None
    block_reason: str | None
    version: int


class ListCertificates(
    ListQuery[Certificate], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Certificates; those of guests of foreign divisions are left out."""

    right: ClassVar[str] = SIGNED_IN


class GetCertificate(Query[Certificate], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One certificate, by its id or its number."""

    right: ClassVar[str] = SIGNED_IN
    certificate_id: int | None = None
    number: str | None = None


class MadeCertificate(Record, frozen=True, kw_only=True):
    """A number that was made."""

    certificate_id: int
    number: str


class MadeCertificates(Record, frozen=True, kw_only=True):
    """Numbers to be printed."""

    certificates: list[MadeCertificate]


class IssueCertificates(
    Command[MadeCertificates], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Make numbers without value; a sale fills them."""

    right: ClassVar[str] = ISSUE
    type_id: int
    count: int = 1


class SoldCertificate(Record, frozen=True, kw_only=True):
    """The certificate after a sale or a return, and the operation that booked it, if one did."""

    certificate: Certificate
    booked_id: int | None
    repeated: bool = False


Pin = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}\Z")]


class ActivateCertificate(
    Command[SoldCertificate], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Sell a certificate: its value is booked; once, whatever is repeated."""

    right: ClassVar[str] = SELL
    secrets: ClassVar[tuple[str, ...]] = ("pin",)
    certificate_id: int
    amount: Sum | None = None
    """Where its kind has no nominal."""
    pin: Pin | None = None
    """Four digits that the guest chose, where its kind needs them."""
    holder_id: int | None = None
    unit_id: int | None = None


class VoidCertificate(
    Command[SoldCertificate], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Cancel a certificate for ever: never sold, or sold and not used, where its kind allows."""

    right: ClassVar[str] = SELL
    certificate_id: int
    reason: str
    unit_id: int | None = None


class BlockCertificate(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It pays for nothing until it is unblocked; a reason is needed."""

    right: ClassVar[str] = SELL
    certificate_id: int
    version: int
    reason: str


class UnblockCertificate(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It works again."""

    right: ClassVar[str] = SELL
    certificate_id: int
    version: int
    reason: str = ""
