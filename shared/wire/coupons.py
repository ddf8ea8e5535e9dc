"""Coupons one by one: found, issued, given to a guest, blocked, cancelled (domain 1.8, 2.4).

The code of a coupon is worth money to whoever knows it, so lists and cards are shown to those who
may issue coupons or change their states.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Final

import msgspec

from shared.wire.base import SIGNED_IN, Command, Done, ListQuery, Notice, Query, Record

UNSET = msgspec.UNSET
MADE, ACTIVE, USED, BLOCKED, EXPIRED, VOID = range(1, 7)
"""States of a coupon (domain 2.11)."""
ISSUE: Final = "coupon.issue"
STATE: Final = "coupon.state"


class CouponRow(Record, frozen=True, kw_only=True):
    """A coupon in the list."""

    coupon_id: int
    code: str
    coupon_type_id: int
    release_id: int | None
    holder_id: int | None
    """None: whoever shows it may use it."""
    state: int
    """1 made, 2 active, 3 used, 4 blocked, 5 expired, 6 void."""
    valid_from: date | None
    valid_to: date | None
    uses: int
    value: int | None
    notes: str | None
    block_reason: str | None
    all_classifiers: bool
    version: int


class CouponUse(Record, frozen=True, kw_only=True):
    """A use, or one that was given back."""

    coupon_use_id: int
    booked_id: int
    """The operation."""
    at: datetime
    check_total: int | None
    value: int | None
    undoes_use_id: int | None


class Coupon(Record, frozen=True, kw_only=True):
    """A coupon with what belongs to it."""

    row: CouponRow
    type_name: str
    last_day: date | None
    """Its own, or as its type says."""
    classifiers: list[int]
    """Programs where it works; none is everywhere."""
    uses: list[CouponUse]
    unusable: Notice | None
    """The first reason why it cannot be used now, apart from place, hour and guest."""


class ListCoupons(ListQuery[CouponRow], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Coupons; those of guests of foreign divisions are left out."""

    right: ClassVar[str] = SIGNED_IN


class GetCoupon(Query[Coupon], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One coupon, by its id or by its code."""

    right: ClassVar[str] = SIGNED_IN
    coupon_id: int | None = None
    code: str | None = None


# ---------------------------------------------------------------------- making and changing


class IssuedCoupon(Record, frozen=True, kw_only=True):
    """A coupon that was issued."""

    coupon_id: int
    code: str


class IssueCoupon(Command[IssuedCoupon], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One coupon, for a guest or for whoever shows it."""

    right: ClassVar[str] = ISSUE
    coupon_type_id: int
    holder_id: int | None = None
    active: bool = True
    """Works at once; else it waits to be activated."""
    valid_from: date | None = None
    valid_to: date | None = None
    value: int | None = None
    """Of a sum coupon, in minor units; the type's sum if not given."""
    notes: str | None = None
    everywhere: bool = False
    classifiers: list[int] = msgspec.field(default_factory=list)


class CouponFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a coupon can be edited; a field that is not sent stays as it is."""

    valid_from: date | msgspec.UnsetType | None = UNSET
    valid_to: date | msgspec.UnsetType | None = UNSET
    value: int | msgspec.UnsetType | None = UNSET
    notes: str | msgspec.UnsetType | None = UNSET
    all_classifiers: bool | msgspec.UnsetType = UNSET


class EditCoupon(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Change a coupon that is made, active or blocked."""

    right: ClassVar[str] = ISSUE
    coupon_id: int
    version: int
    fields: CouponFields
    classifiers: list[int] | None = None


class GiveCoupon(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a coupon to a guest, or take it back (`None`): then whoever shows it may use it."""

    right: ClassVar[str] = ISSUE
    coupon_id: int
    version: int
    holder_id: int | None


class CouponStep(Command[Done], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A change of state; the reason is kept in the journal."""

    right: ClassVar[str] = STATE
    coupon_id: int
    version: int
    reason: str = ""


class ActivateCoupon(CouponStep, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Made to active."""


class BlockCoupon(CouponStep, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """It cannot be used until it is unblocked; a reason is needed, the till shows it."""


class UnblockCoupon(CouponStep, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Blocked to active."""


class VoidCoupon(CouponStep, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cancel for ever; a reason is needed. A used coupon stays used."""


class ReturnedCoupon(Record, frozen=True, kw_only=True):
    """The operation that gave a use back."""

    booked_id: int
    undoes_use_id: int
    repeated: bool


class ReturnCoupon(Command[ReturnedCoupon], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give the latest use of a coupon back, so that it can be used again; a reason is needed.

    The cheque it was used in stays as it is.
    """

    right: ClassVar[str] = STATE
    coupon_id: int
    reason: str


# ---------------------------------------------------------------------- releases


class Release(Record, frozen=True, kw_only=True):
    """Coupons that were issued together."""

    release_id: int
    coupon_type_id: int
    name: str
    notes: str | None
    quantity: int
    """How many were ordered."""
    user_id: int | None
    created_at: datetime
    exported_at: datetime | None


class ReleaseCard(Record, frozen=True, kw_only=True):
    """A release with what became of its coupons."""

    row: Release
    by_state: dict[int, int]
    """State -> coupons; together how many were made so far."""
    handed_out: int
    """How many belong to a guest."""
    used: int
    """How many were used at least once, given back or not."""


class ListReleases(ListQuery[Release], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Releases of coupons."""

    right: ClassVar[str] = ISSUE


class GetRelease(Query[ReleaseCard], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One release."""

    right: ClassVar[str] = ISSUE
    release_id: int


LARGEST_RELEASE: Final = 200_000
"""Coupons of one release: so many rows an exported file takes."""


class ReleaseOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which coupons are to be made, and how their codes are drawn."""

    coupon_type_id: int
    quantity: int
    active: bool = False
    """They work at once; else each has to be activated."""
    code_begin: str = ""
    """Digits that every code begins with, at most eight of the twelve; the others are random."""
    valid_from: date | None = None
    valid_to: date | None = None
    value: int | None = None
    notes: str | None = None


class ReleasePlan(Record, frozen=True, kw_only=True):
    """What a release would make; nothing was changed."""

    numbers: int
    """How many codes begin so."""
    taken: int
    """How many of them some coupon has."""
    collisions: int
    """How many codes of a draw of this size (at most 1 000) are taken, and would be drawn again."""
    examples: list[str]
    """A few codes as they would look; they are not reserved."""
    problems: list[Notice]
    """Why `IssueRelease` would be refused; empty when it can be ordered."""


class CheckRelease(Query[ReleasePlan], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Try a release out: how many codes are free, what stands in the way."""

    right: ClassVar[str] = ISSUE
    order: ReleaseOrder


class OrderedRelease(Record, frozen=True, kw_only=True):
    """A release was ordered; its run can be followed."""

    release_id: int
    run_id: int


class IssueRelease(Command[OrderedRelease], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Issue many coupons as a job."""

    right: ClassVar[str] = ISSUE
    name: str
    order: ReleaseOrder


class UndoRelease(Command[OrderedRelease], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cancel every coupon of a release as a job; one of which a coupon was used is refused.

    The codes are never drawn again.
    """

    right: ClassVar[str] = STATE
    release_id: int
    reason: str


class CodeFile(Record, frozen=True, kw_only=True):
    """Codes as a file to be saved."""

    name: str
    media_type: str
    body: bytes
    rows: int


class ExportRelease(Command[CodeFile], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The codes of a release for the printer: `xlsx` or `csv`; the access journal keeps it."""

    right: ClassVar[str] = ISSUE
    release_id: int
    file: str = "xlsx"
