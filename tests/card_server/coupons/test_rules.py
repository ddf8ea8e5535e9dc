"""The first reason against a coupon, in the order of domain 3.17."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.coupons.records import (
    COUPON_ACTIVE,
    COUPON_BLOCKED,
    COUPON_EXPIRED,
    COUPON_MADE,
    COUPON_USED,
    COUPON_VOID,
    Coupon,
    CouponDetail,
    CouponType,
)
from card_server.coupons.rules import Case, check_digit, code_of, last_day, places, refusal
from shared.wire.errors import ErrorCode

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CODE = "4600000000015"


def coupon(**values: Any) -> Coupon:
    row = {"coupon_id": 9220014600000000015, "code": CODE, "coupon_type_id": 7, "created_at": NOW}
    return Coupon(**{**row, "state": COUPON_ACTIVE, **values})


def kind(**values: Any) -> CouponType:
    return CouponType(**{"coupon_type_id": 7, "name": "Dessert", "coupon_class": 1, **values})


def case(**values: Any) -> Case:
    return Case(**{"now": NOW, "day": DAY, "issued_on": DAY, "classifier_id": 5, **values})


def reason(one: Coupon, of: CouponType | None, wish: Case) -> ErrorCode | None:
    error = refusal(one, of, wish)
    return error.code if error is not None else None


CAKE = (
    CouponDetail(detail_id=1, coupon_type_id=7, name="Desserts"),
    CouponDetail(detail_id=2, coupon_type_id=7, parent_id=1, name="Cake", external_code="312"),
)

WORST: dict[str, Any] = {
    "coupon": {
        "state": COUPON_BLOCKED,
        "valid_to": DAY - timedelta(days=1),
        "classifiers": frozenset({9}),
        "holder_id": 2,
    },
    "kind": {"per_holder": 1, "details": CAKE},
    "case": {
        "in_time": False,
        "guests": frozenset({1}),
        "used_by_guest": 1,
        "dishes": frozenset({"201"}),
    },
}
STEPS: list[tuple[ErrorCode, str, dict[str, Any]]] = [
    (ErrorCode.COUPON_INACTIVE, "coupon", {"state": COUPON_ACTIVE}),
    (ErrorCode.COUPON_DATES, "coupon", {"valid_to": None}),
    (ErrorCode.COUPON_CLASSIFIER, "coupon", {"classifiers": frozenset()}),
    (ErrorCode.COUPON_NOT_NOW, "case", {"in_time": True}),
    (ErrorCode.COUPON_PERSONAL, "coupon", {"holder_id": None}),
    (ErrorCode.COUPON_HOLDER_LIMIT, "case", {"used_by_guest": 0}),
    (ErrorCode.COUPON_NO_GOODS, "case", {"dishes": frozenset({"312", "201"})}),
]


def test_each_reason_is_told_only_when_the_ones_before_it_are_mended() -> None:
    facts = {name: dict(values) for name, values in WORST.items()}
    assert reason(coupon(**facts["coupon"]), None, case()) == ErrorCode.COUPON_TYPE
    for expected, part, mended in STEPS:
        found = reason(coupon(**facts["coupon"]), kind(**facts["kind"]), case(**facts["case"]))
        assert found == expected
        facts[part].update(mended)
    assert reason(coupon(**facts["coupon"]), kind(**facts["kind"]), case(**facts["case"])) is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (COUPON_MADE, ErrorCode.COUPON_INACTIVE),
        (COUPON_ACTIVE, None),
        (COUPON_USED, ErrorCode.COUPON_USED),
        (COUPON_BLOCKED, ErrorCode.COUPON_INACTIVE),
        (COUPON_EXPIRED, ErrorCode.COUPON_DATES),
        (COUPON_VOID, ErrorCode.COUPON_INACTIVE),
    ],
)
def test_the_state_decides(state: int, expected: ErrorCode | None) -> None:
    assert reason(coupon(state=state), kind(), case()) == expected


def test_uses_are_counted_against_the_types_number() -> None:
    assert reason(coupon(uses=1), kind(max_uses=2), case()) is None
    assert reason(coupon(uses=2), kind(max_uses=2), case()) == ErrorCode.COUPON_USED


def test_dates_are_inclusive_and_a_delay_is_not_now() -> None:
    one = coupon(valid_from=DAY, valid_to=DAY)
    assert reason(one, kind(), case()) is None
    assert reason(one, kind(), case(day=DAY + timedelta(days=1))) == ErrorCode.COUPON_DATES
    assert reason(one, kind(), case(day=DAY - timedelta(days=1))) == ErrorCode.COUPON_DATES
    assert reason(coupon(), kind(delay_days=1), case()) == ErrorCode.COUPON_NOT_NOW
    later = case(day=DAY + timedelta(days=1))
    assert reason(coupon(), kind(delay_days=1), later) is None


def test_the_days_of_a_type_run_from_the_end_of_its_delay() -> None:
    week = kind(delay_days=2, valid_days=7)
    assert last_day(coupon(), week, DAY) == DAY + timedelta(days=8)
    assert last_day(coupon(valid_to=DAY), week, DAY) == DAY
    assert last_day(coupon(), kind(), DAY) is None


def test_a_reserved_coupon_is_not_for_others_now() -> None:
    one = coupon(reserved_until=NOW + timedelta(minutes=1))
    assert reason(one, kind(), case()) == ErrorCode.COUPON_NOT_NOW
    assert reason(coupon(reserved_until=NOW), kind(), case()) is None


def test_places_of_a_coupon_beat_those_of_its_type() -> None:
    here = kind(classifiers=frozenset({5}))
    assert places(coupon(), here) == {5}
    assert places(coupon(classifiers=frozenset({9})), here) == {9}
    assert places(coupon(all_classifiers=True, classifiers=frozenset({9})), here) == frozenset()


def test_the_check_digit_is_that_of_ean_13() -> None:
    assert check_digit("460000000001") == "5"
    assert check_digit("400638133393") == "1"


@given(st.integers(0, 10**12 - 1))
def test_one_wrong_digit_is_always_seen(number: int) -> None:
    twelve = f"{number:012d}"
    other = str((int(twelve[3]) + 1) % 10)
    assert check_digit(twelve) != check_digit(twelve[:3] + other + twelve[4:])


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (CODE, CODE),
        ("9220014600000000015", CODE),
        (" 4600000000015 ", CODE),
        ("15", "0000000000015"),
        ("99999999999999999999", None),
        ("46000x", None),
        ("", None),
        ("٤٦٠", None),
    ],
)
def test_a_code_is_read_from_a_code_or_an_id(sent: str, code: str | None) -> None:
    assert code_of(sent) == code
