"""I-29, I-30, I-31: a sale that comes back in any parts and any order leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.databases import Databases
from tests.helpers.ledger_machine import LIVES, Counter, Setup, folder
from tests.helpers.model import Policy
from tests.helpers.profiles import tries
from tests.helpers.raw_ledger import RawLedger
from tests.helpers.shop import BONUS, DEBIT, Shop

CARD = 10001


def _figures(shop: Shop) -> tuple[Any, ...]:
    raw = RawLedger(shop.connection)
    accounts = [
        (row["account_type_id"], row["balance"], row["uncovered"], row["pending"])
        for row in raw.rows["account"]
    ]
    return accounts, {row["lot_id"]: row["remaining"] for row in raw.rows["lot"]}


def _parts(whole: int, weights: list[int]) -> list[int]:
    """A whole split by weights, exactly."""
    cut, total, parts = 0, sum(weights), []
    for i in range(len(weights)):
        upto = whole * sum(weights[: i + 1]) // total
        parts.append(upto - cut)
        cut = upto
    return parts


@given(data=st.data())
@tries(25)
def test_a_full_return_in_any_parts_is_as_if_never_sold(
    databases: Databases, data: st.DataObject
) -> None:
    crm = data.draw(st.booleans(), "server counts")
    pay = data.draw(st.sampled_from([0, 70, 1300, 4000]), "paid")
    net = data.draw(st.sampled_from([8000, 9999, 30001]), "net")
    weights = data.draw(st.lists(st.integers(1, 5), min_size=1, max_size=4), "parts")
    k_bp = data.draw(st.sampled_from([10000, 10000, 5000, 3333]), "coefficient")
    setup = Setup(LIVES[data.draw(st.integers(0, 1))], Policy(3, 1, 10000), crm=crm, depth=0)
    with folder() as place:
        counter = Counter(databases.fresh(Path(place)), setup)
        shop = counter.shop
        holder = counter.holders[CARD]
        for amount in (900, 2200):
            shop.grant(holder, BONUS, amount)
            shop.pass_time(minutes=5)
        shop.grant(holder, DEBIT, 500)
        counter.set_coefficient(k_bp)
        before, lots = _figures(shop)
        order: dict[str, Any] = {"order_guid": "whole", "check_no": 1}
        sale = [(0, -pay), (1, -33), (2, 310), (3, net)]
        sold = shop.till(CARD, sale, **order).error is None
        if sold:
            _bring_back(shop, sale, weights, order)
        after, left = _figures(shop)
        assert after == before
        assert {lot: left[lot] for lot in lots} == lots
        counter.check(model=False)
        more = shop.till(CARD, [(3, -1), *[(1, 0)] * 9], chmode=3, **order)
        assert more.error is not None or not sold, "nothing is left to be returned"
        counter.close()


def _bring_back(
    shop: Shop, sale: list[tuple[int, int]], weights: list[int], order: dict[str, Any]
) -> None:
    split = [(kind, _parts(abs(amount), weights), amount < 0) for kind, amount in sale]
    for i in range(len(weights)):
        shop.pass_time(minutes=1)
        lines = [(kind, parts[i] if was_debit else -parts[i]) for kind, parts, was_debit in split]
        # zero lines give each part a key of its own
        shop.ok(CARD, [*lines, *[(1, 0)] * i], chmode=3, **order)
