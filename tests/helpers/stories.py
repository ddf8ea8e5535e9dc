"""A week of a restaurant that leaves rows of every kind in the ledger."""

from __future__ import annotations

from typing import Any

from card_server.accounts import tables as account_tables
from tests.helpers.shop import BONUS, Shop

GUEST, OTHER = 10007, 10008


def busy_week(shop: Shop) -> None:
    """Sales, payments, returns in parts, a roll-back, burnt and extended points, refusals."""
    kind = account_tables.account_type
    shop.change(
        kind,
        kind.c.account_type_id == BONUS,
        life_kind=1,
        life_value=3,
        delay_kind=1,
        delay_value=30,
        refund_burned=2,
    )
    shop.issue(GUEST)
    shop.issue(OTHER)
    order: dict[str, Any] = {"order_guid": "a", "check_no": 1}
    shop.ok(GUEST, [(2, 10_000), (3, 50_000)], document=None)
    shop.ok(OTHER, [(0, 7_000), (3, 1)])
    shop.pass_time(minutes=31)
    shop.ok(GUEST, [(1, -300), (0, -2_000), (2, 100), (3, 50_000)], **order)
    shop.ok(GUEST, [(0, 1_000), (2, -50), (3, -25_000)], chmode=3, **order)
    shop.till(GUEST, [(0, -900_000), (3, 1)])
    shop.pass_time(days=2)
    shop.ok(GUEST, [(2, 700), (3, 7_000)])
    late: dict[str, Any] = {"order_guid": "b", "check_no": 2}
    shop.ok(OTHER, [(0, -500), (2, 40), (3, 1_000)], **late)
    shop.ok(OTHER, [(0, 500), (2, -40), (3, -1_000)], chmode=2, **late)
    shop.pass_time(days=1, hours=20)
    shop.ok(GUEST, [(3, 100)])
    shop.ok(GUEST, [(0, 0), (2, -50), (3, -25_000), (1, 0)], chmode=3, **order)
