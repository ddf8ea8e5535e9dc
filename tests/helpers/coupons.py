"""Coupon types and coupons for tests, straight into the tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from card_server.coupons import tables
from card_server.coupons.rules import check_digit
from card_server.divisions.repository import bump_rules_version
from shared.wire.ids import COUPON_PREFIX, make_id
from tests.helpers.shop import Shop

DESSERT, DISH, DISCCODE = 7, "312", 31


def code_number(number: int) -> str:
    """A 13-digit code with its check digit."""
    twelve = f"46{number:010d}"
    return twelve + check_digit(twelve)


def make_type(shop: Shop, type_id: int = DESSERT, *, content: bool = True, **values: Any) -> int:
    """A product coupon type with one group and one item, as printed in farcards.md 8."""
    std = {"created_at": shop.now, "updated_at": shop.now}
    kind = values.pop("coupon_class", 1)
    row: dict[str, Any] = {"name": f"Dessert {type_id}", "class": kind, **values}
    with shop.connection.begin():
        shop.connection.execute(
            insert(tables.coupon_type).values(coupon_type_id=type_id, **row, **std)
        )
        if content:
            group = {"detail_id": type_id * 10, "name": "Desserts", "priority": 1}
            item = {
                "detail_id": type_id * 10 + 1,
                "parent_id": type_id * 10,
                "name": "Cake",
                "priority": 1,
                "kind": 1,
                "value": 5000,
                "external_code": DISH,
                "external_id": DISCCODE,
            }
            for detail in (group, item):
                shop.connection.execute(
                    insert(tables.coupon_type_detail).values(
                        coupon_type_id=type_id, **detail, **std
                    )
                )
        bump_rules_version(shop.connection, shop.now)
    shop.ledger.forget_rules()
    return type_id


def make_coupon(shop: Shop, number: int = 1, type_id: int = DESSERT, **values: Any) -> str:
    """An active coupon; returns its code."""
    code = code_number(number)
    row: dict[str, Any] = {"state": 2, **values}
    with shop.connection.begin():
        shop.connection.execute(
            insert(tables.coupon).values(
                coupon_id=make_id(COUPON_PREFIX, int(code)),
                code=code,
                coupon_type_id=type_id,
                created_at=shop.now,
                updated_at=shop.now,
                **row,
            )
        )
    return code


def state_of(shop: Shop, code: str) -> tuple[int, int]:
    """(state, uses) of a coupon as stored."""
    table = tables.coupon
    row = shop.connection.execute(
        select(table.c.state, table.c.uses).where(table.c.code == code)
    ).one()
    shop.connection.rollback()
    return (row.state, row.uses)


def uses_balance(shop: Shop, code: str) -> int:
    """Uses minus returns of a coupon by its rows: what the cache must say."""
    use, coupon = tables.coupon_use, tables.coupon
    rows = shop.connection.execute(
        select(use.c.undoes_use_id)
        .join(coupon, coupon.c.coupon_id == use.c.coupon_id)
        .where(coupon.c.code == code)
    ).all()
    shop.connection.rollback()
    return sum(1 if row.undoes_use_id is None else -1 for row in rows)
