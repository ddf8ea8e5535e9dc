"""Coupon buffers: content of one, a choice of several (farcards.md 8)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from card_server.coupons.records import Coupon, CouponDetail, CouponType
from card_server.relay.coupon_buffers import LARGEST, choice, content, offer, short

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def kind(*details: CouponDetail, pos_code: int | None = None) -> CouponType:
    return CouponType(
        coupon_type_id=7, name='"A" & B', coupon_class=1, details=details, pos_code=pos_code
    )


def detail(number: int, parent: int | None = None, **values: Any) -> CouponDetail:
    row: dict[str, Any] = {
        "detail_id": number,
        "coupon_type_id": 7,
        "parent_id": parent,
        "name": f"d{number}",
    }
    return CouponDetail(**{**row, **values})


def coupon(number: int) -> Coupon:
    return Coupon(coupon_id=number, code=f"{number:013d}", coupon_type_id=7, created_at=NOW)


def test_groups_and_items_come_by_priority_for_the_callers_program() -> None:
    one = kind(
        detail(1, priority=2),
        detail(2, priority=1),
        detail(3, 2, kind=2, value=10050, external_code="5", priority=2),
        detail(4, 2, kind=3, value=9900, external_id=8, priority=1, auto=True),
        detail(5, 2, classifier_id=99),
        pos_code=31,
    )
    buffer = content(one, 5)
    assert buffer is not None
    root = ET.fromstring(buffer.xml)  # noqa: S314 - our own reply
    groups = root.findall("item_content/group")
    assert [group.get("name") for group in groups] == ["d2"], "a group without items is left out"
    items = [(i.get("code"), i.get("kind"), i.get("val"), i.get("disccode")) for i in groups[0]]
    assert items == [("", "price", "99", "8"), ("5", "summ", "100.50", "31")]
    assert [i.get("default") for i in groups[0]] == ["1", "0"]


def test_nothing_to_offer_is_no_buffer() -> None:
    assert content(kind(), 5) is None
    assert offer([], 5, "ru") is None
    assert offer([(coupon(1), kind())], 5, "ru") is None


def test_a_choice_stays_below_the_tills_limit() -> None:
    many = [(coupon(n), kind()) for n in range(1, 5000)]
    buffer = choice(many, "ru")
    assert len(buffer.xml) <= LARGEST + 500
    root = ET.fromstring(buffer.xml)  # noqa: S314 - our own reply
    assert root.findtext("hint") == "Выберите купон"
    first = root.find("group/ident")
    assert first is not None
    assert first.attrib == {"code": "0000000000001", "printname": '"A" & B'}


def test_values_have_no_useless_zeros() -> None:
    assert [short(5000), short(1250), short(0)] == ["50", "12.50", "0"]
