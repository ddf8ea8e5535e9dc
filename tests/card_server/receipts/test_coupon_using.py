"""Whatever tills do with one coupon, its count is what its rows say, and never above its type."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from card_server.coupons import tables
from card_server.ledger.verify import verify
from card_server.receipts.records import RelayCall, RelayLine
from card_server.receipts.relay_posting import RelayPosting
from tests.helpers.coupons import make_coupon, make_type, state_of, uses_balance
from tests.helpers.shop import Shop

CARD = 10007
ACTIVE, USED = 2, 3
MOST = 2
STEP = st.tuples(st.integers(1, 4), st.integers(1, 3), st.booleans())
"""Cheque mode, order, and whether the coupon is named."""


@pytest.fixture
def coupon(shop: Shop) -> str:
    shop.issue(CARD)
    make_type(shop, max_uses=MOST)
    return make_coupon(shop)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(groups=st.lists(st.lists(STEP, min_size=1, max_size=3), max_size=8), run=st.integers(0))
def test_the_count_is_what_the_rows_say(
    shop: Shop, coupon: str, groups: list[list[tuple[int, int, bool]]], run: int
) -> None:
    who = shop.ledger.rules.classifiers[shop.classifier_id]
    start = uses_balance(shop, coupon)
    assert start == state_of(shop, coupon)[1]
    serial = shop.count(tables.coupon_use)
    second = 0
    for group in groups:
        postings = []
        for chmode, order, named in group:
            second += 1
            sign = -1 if chmode in (2, 3) else 1
            lines = [RelayLine(card=CARD, person_id=0, kind=3, amount=1000 * sign)]
            if named:
                lines.append(RelayLine(card=int(coupon), person_id=0, kind=1, amount=0))
            call = RelayCall(
                classifier_id=shop.classifier_id,
                chmode=chmode,
                order_guid=f"{run}-{serial}-{order}",
                check_no=1,
                stamp=f"2026-03-02T12:00:{second:02d}",
                lines=lines,
            )
            postings.append(RelayPosting(call, who, None))
        for posting in postings:  # orders of one group may be the same, so each goes alone
            shop.run(posting)
        state, uses = state_of(shop, coupon)
        assert uses == uses_balance(shop, coupon)
        assert uses >= 0
        assert state == (USED if uses >= MOST else ACTIVE)
    report = verify(shop.connection, full=True)
    shop.connection.rollback()
    assert report.ok, report.findings
