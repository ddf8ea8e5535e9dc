"""Types of coupons with their content: what a coupon is good for, where and when (domain 1.8)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import msgspec

from shared.wire.base import SIGNED_IN, ListQuery, Query, Record
from shared.wire.editing import AddRow, DeleteRow, EditRow

UNSET = msgspec.UNSET
RIGHT = "program.edit"


class CouponItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dish or a discount that a coupon is good for; without `detail_id` it is new."""

    detail_id: int | None = None
    name: str
    notes: str | None = None
    max_count: int = 1
    priority: int = 0
    kind: int | None = None
    """1 percent, 2 sum, 3 price."""
    value: int | None = None
    """Basis points of a percent, else minor units."""
    discount_limit: int | None = None
    external_code: str | None = None
    """The dish's code at the till."""
    external_id: int | None = None
    """The discount's code at the till."""
    auto: bool = False
    classifier_id: int | None = None
    """The only program it is for."""


class CouponGroup(CouponItem, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group of the content with its items."""

    items: list[CouponItem] = msgspec.field(default_factory=list)


class CouponTypeRow(Record, frozen=True, kw_only=True):
    """A type of coupons in the list."""

    coupon_type_id: int
    name: str
    parent_id: int | None
    coupon_class: int
    """1 product, 2 sum, 3 discount, 4 accrual."""
    time_id: int | None
    active_from: date | None
    active_to: date | None
    """The days on which coupons of the type are issued."""
    delay_days: int
    valid_days: int | None
    scheme_id: int | None
    pos_code: int | None
    rate: int | None
    """Basis points."""
    fixed_sum: int | None
    discount_limit: int | None
    confirm_manager: bool
    max_uses: int
    per_holder: int | None
    per_holder_days: int | None
    stackable_group_id: int | None
    pool_prefix: int
    pool_min: int
    pool_step: int
    return_on_refund: bool
    sort_no: int
    is_active: bool
    version: int


class CouponType(Record, frozen=True, kw_only=True):
    """A type of coupons with its content and its programs; none of those is everywhere."""

    row: CouponTypeRow
    groups: list[CouponGroup]
    classifiers: list[int]


class ListCouponTypes(
    ListQuery[CouponTypeRow], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Types of coupons."""

    right: ClassVar[str] = SIGNED_IN


class GetCouponType(Query[CouponType], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One type of coupons."""

    right: ClassVar[str] = SIGNED_IN
    key: int


class CouponTypeFields(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """What of a type can be edited; a field that is not sent stays as it is."""

    name: str | msgspec.UnsetType = UNSET
    parent_id: int | msgspec.UnsetType | None = UNSET
    coupon_class: int | msgspec.UnsetType = UNSET
    time_id: int | msgspec.UnsetType | None = UNSET
    active_from: date | msgspec.UnsetType | None = UNSET
    active_to: date | msgspec.UnsetType | None = UNSET
    delay_days: int | msgspec.UnsetType = UNSET
    valid_days: int | msgspec.UnsetType | None = UNSET
    scheme_id: int | msgspec.UnsetType | None = UNSET
    pos_code: int | msgspec.UnsetType | None = UNSET
    rate: int | msgspec.UnsetType | None = UNSET
    fixed_sum: int | msgspec.UnsetType | None = UNSET
    discount_limit: int | msgspec.UnsetType | None = UNSET
    confirm_manager: bool | msgspec.UnsetType = UNSET
    max_uses: int | msgspec.UnsetType = UNSET
    per_holder: int | msgspec.UnsetType | None = UNSET
    per_holder_days: int | msgspec.UnsetType | None = UNSET
    stackable_group_id: int | msgspec.UnsetType | None = UNSET
    pool_prefix: int | msgspec.UnsetType = UNSET
    pool_min: int | msgspec.UnsetType = UNSET
    pool_step: int | msgspec.UnsetType = UNSET
    return_on_refund: bool | msgspec.UnsetType = UNSET
    sort_no: int | msgspec.UnsetType = UNSET
    is_active: bool | msgspec.UnsetType = UNSET


class AddCouponType(
    AddRow[CouponTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """A new type; name and class are needed."""

    right: ClassVar[str] = RIGHT
    groups: list[CouponGroup] = msgspec.field(default_factory=list)
    classifiers: list[int] = msgspec.field(default_factory=list)


class EditCouponType(
    EditRow[CouponTypeFields], frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """Change a type; the class only while no coupon of it was issued.

    Content and programs, where they are sent, take the place of what was there.
    """

    right: ClassVar[str] = RIGHT
    groups: list[CouponGroup] | None = None
    classifiers: list[int] | None = None


class DeleteCouponType(DeleteRow, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Mark a type as deleted; one with coupons is refused."""

    right: ClassVar[str] = RIGHT
