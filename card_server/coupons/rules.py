"""Codes of coupons, and the first reason why a coupon cannot be used (domain 3.17)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from card_server.coupons.records import (
    CLASS_PRODUCT,
    COUPON_ACTIVE,
    COUPON_EXPIRED,
    COUPON_USED,
    Coupon,
    CouponType,
)
from shared.wire.errors import AppError, ErrorCode
from shared.wire.ids import COUNTER_SPAN, LARGEST_PREFIX, prefix_of

CODE_DIGITS: Final = 13
ID_DIGITS: Final = 19
NO_BEGIN: Final = "1899-12-30"
NO_END: Final = "2099-12-31"


class Case(msgspec.Struct, kw_only=True):
    """A wish to use a coupon: where, when, by whom, for what."""

    now: datetime
    day: date
    issued_on: date
    classifier_id: int
    in_time: bool = True
    """The type's time set allows this moment."""
    guests: frozenset[int] = frozenset()
    """Holders who are served; none for a cheque without a card."""
    used_by_guest: int = 0
    """Uses of this type by the guest within the type's days."""
    dishes: frozenset[str] | None = None
    """POS codes of the cheque's lines; None where there is no cheque to look at."""


def check_digit(twelve: str) -> str:
    """The EAN-13 check digit of twelve digits."""
    total = sum(int(c) * (3 if i % 2 else 1) for i, c in enumerate(twelve))
    return str(-total % 10)


def code_of(text: str) -> str | None:
    """The 13-digit code in a code or a 19-digit Coupon_ID; None for anything else."""
    value = text.strip()
    if not value.isascii() or not value.isdigit() or len(value) > ID_DIGITS:
        return None
    number = int(value)
    if number >= COUNTER_SPAN and prefix_of(number) > LARGEST_PREFIX:
        return None
    return f"{number % COUNTER_SPAN:0{CODE_DIGITS}d}"


def last_day(coupon: Coupon, kind: CouponType, issued_on: date) -> date | None:
    """The coupon's own last day, else the type's days counted from the end of its delay."""
    if coupon.valid_to is not None or kind.valid_days is None:
        return coupon.valid_to
    begin = max(coupon.valid_from or issued_on, issued_on + timedelta(days=kind.delay_days))
    return begin + timedelta(days=max(0, kind.valid_days - 1))


def refusal(coupon: Coupon, kind: CouponType | None, case: Case) -> AppError | None:
    """The first reason against a use, in the order of domain 3.17; None if there is none."""
    if kind is None:
        return AppError(ErrorCode.COUPON_TYPE, type=coupon.coupon_type_id)
    return (
        _by_state(coupon, kind, case)
        or _by_dates(coupon, kind, case)
        or _by_place(coupon, kind, case)
        or _by_guest(coupon, kind, case)
        or _by_content(coupon, kind, case)
    )


def _by_state(coupon: Coupon, kind: CouponType, case: Case) -> AppError | None:
    code = coupon.code
    if coupon.state == COUPON_USED or (
        coupon.state == COUPON_ACTIVE and coupon.uses >= kind.max_uses
    ):
        return AppError(ErrorCode.COUPON_USED, coupon=code, code=code)
    if coupon.state == COUPON_EXPIRED:
        return _dates(coupon, kind, case)
    if coupon.state != COUPON_ACTIVE:
        return AppError(
            ErrorCode.COUPON_INACTIVE, coupon=code, code=code, reason=coupon.block_reason or ""
        )
    if coupon.reserved_until is not None and coupon.reserved_until > case.now:
        return AppError(ErrorCode.COUPON_NOT_NOW, coupon=code, code=code)
    return None


def _dates(coupon: Coupon, kind: CouponType, case: Case) -> AppError:
    begin, end = coupon.valid_from, last_day(coupon, kind, case.issued_on)
    facts = {
        "coupon": coupon.code,
        "code": coupon.code,
        "from": begin.isoformat() if begin is not None else NO_BEGIN,
        "to": end.isoformat() if end is not None else NO_END,
    }
    return AppError(ErrorCode.COUPON_DATES, **facts)


def _by_dates(coupon: Coupon, kind: CouponType, case: Case) -> AppError | None:
    end = last_day(coupon, kind, case.issued_on)
    early = coupon.valid_from is not None and case.day < coupon.valid_from
    if early or (end is not None and case.day > end):
        return _dates(coupon, kind, case)
    if case.day < case.issued_on + timedelta(days=kind.delay_days):
        return AppError(ErrorCode.COUPON_NOT_NOW, coupon=coupon.code, code=coupon.code)
    return None


def places(coupon: Coupon, kind: CouponType) -> frozenset[int]:
    """Classifiers where the coupon works; none means everywhere."""
    if coupon.all_classifiers:
        return frozenset()
    return coupon.classifiers or kind.classifiers


def _by_place(coupon: Coupon, kind: CouponType, case: Case) -> AppError | None:
    allowed = places(coupon, kind)
    if allowed and case.classifier_id not in allowed:
        return AppError(ErrorCode.COUPON_CLASSIFIER, coupon=coupon.code, code=coupon.code)
    if not case.in_time:
        return AppError(ErrorCode.COUPON_NOT_NOW, coupon=coupon.code, code=coupon.code)
    return None


def _by_guest(coupon: Coupon, kind: CouponType, case: Case) -> AppError | None:
    code = coupon.code
    if coupon.holder_id is not None and case.guests and coupon.holder_id not in case.guests:
        return AppError(ErrorCode.COUPON_PERSONAL, coupon=code, code=code)
    if kind.per_holder is not None and case.used_by_guest >= kind.per_holder:
        return AppError(
            ErrorCode.COUPON_HOLDER_LIMIT,
            coupon=code,
            code=code,
            n=case.used_by_guest,
            days=kind.per_holder_days or 0,
        )
    return None


def _by_content(coupon: Coupon, kind: CouponType, case: Case) -> AppError | None:
    """A product coupon wants one of its dishes in the cheque, if it names any."""
    if kind.coupon_class != CLASS_PRODUCT or case.dishes is None:
        return None
    wanted = _dish_codes(
        item.external_code for _, items in kind.groups(case.classifier_id) for item in items
    )
    if wanted and wanted.isdisjoint(case.dishes):
        return AppError(ErrorCode.COUPON_NO_GOODS, coupon=coupon.code, code=coupon.code)
    return None


def _dish_codes(codes: Iterable[str | None]) -> set[str]:
    return {code.strip() for code in codes if code and code.strip()}
