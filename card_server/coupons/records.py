"""Coupons and their types as the rules see them (domain 1.8)."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

COUPON_MADE, COUPON_ACTIVE, COUPON_USED, COUPON_BLOCKED, COUPON_EXPIRED, COUPON_VOID = range(1, 7)
CLASS_PRODUCT, CLASS_SUM, CLASS_DISCOUNT, CLASS_ACCRUAL = 1, 2, 3, 4
KIND_PERCENT, KIND_SUM, KIND_PRICE = 1, 2, 3


class CouponDetail(msgspec.Struct, kw_only=True, frozen=True):
    """A group (no parent) or an item of a coupon type's content."""

    detail_id: int
    coupon_type_id: int
    parent_id: int | None = None
    name: str
    notes: str | None = None
    max_count: int = 1
    priority: int = 0
    kind: int | None = None
    value: int | None = None
    discount_limit: int | None = None
    external_code: str | None = None
    external_id: int | None = None
    auto: bool = False
    classifier_id: int | None = None


class CouponType(msgspec.Struct, kw_only=True, frozen=True):
    """What coupons of a type are for; no `classifiers` means everywhere."""

    coupon_type_id: int
    name: str
    coupon_class: int
    is_active: bool = True
    time_id: int | None = None
    active_from: date | None = None
    active_to: date | None = None
    delay_days: int = 0
    valid_days: int | None = None
    scheme_id: int | None = None
    pos_code: int | None = None
    rate: int | None = None
    fixed_sum: int | None = None
    discount_limit: int | None = None
    confirm_manager: bool = False
    max_uses: int = 1
    per_holder: int | None = None
    per_holder_days: int | None = None
    pool_prefix: int = 922_001
    return_on_refund: bool = True
    classifiers: frozenset[int] = frozenset()
    details: tuple[CouponDetail, ...] = ()

    def groups(self, classifier_id: int) -> list[tuple[CouponDetail, list[CouponDetail]]]:
        """The two-level content for a classifier: groups with their items, by priority."""
        rows = sorted(self.details, key=lambda row: (row.priority, row.detail_id))
        mine = [row for row in rows if row.classifier_id in (None, classifier_id)]
        return [
            (group, [row for row in mine if row.parent_id == group.detail_id])
            for group in mine
            if group.parent_id is None
        ]

    def discount_codes(self, classifier_id: int) -> frozenset[int]:
        """Codes by which the till's discounts name this type (farcards.md 8)."""
        items = [item for _, items in self.groups(classifier_id) for item in items]
        codes = {
            item.external_id if item.external_id is not None else self.pos_code for item in items
        } or {self.pos_code}
        return frozenset(code for code in codes if code is not None)


class Coupon(msgspec.Struct, kw_only=True):
    """One coupon; `uses` and `state` change with its uses, the rest by edits."""

    coupon_id: int
    code: str
    coupon_type_id: int
    holder_id: int | None = None
    state: int = COUPON_MADE
    valid_from: date | None = None
    valid_to: date | None = None
    uses: int = 0
    all_classifiers: bool = False
    notes: str | None = None
    block_reason: str | None = None
    reserved_until: datetime | None = None
    value: int | None = None
    created_at: datetime
    classifiers: frozenset[int] = frozenset()
    """Where this coupon works, if it does not follow its type."""


class HolderUse(msgspec.Struct, frozen=True, gc=False):
    """One use by a guest (count 1), or one that was given back (count -1)."""

    holder_id: int
    coupon_type_id: int
    at: datetime
    count: int
