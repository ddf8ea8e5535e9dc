"""Coupons in TransactionsEx: used by a sale, back by roll-back and full return (farcards.md 8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from card_server.ledger.verify import verify
from card_server.receipts.records import Cheque, DiscountMark, RelayCall, RelayLine, RelayOutcome
from card_server.receipts.relay_posting import RelayPosting
from shared.wire.errors import ErrorCode
from tests.helpers.coupons import (
    DISCCODE,
    DISH,
    make_coupon,
    make_type,
    state_of,
    uses_balance,
)
from tests.helpers.shop import SPENT, Shop

CARD = 10007
ACTIVE, USED = 2, 3


def post(
    shop: Shop,
    lines: list[tuple[int, int, int]],
    chmode: int = 1,
    order: str = "order",
    second: int = 0,
    **facts: Any,
) -> RelayPosting:
    """A call with lines of (card, kind, kopecks)."""
    call = RelayCall(
        classifier_id=shop.classifier_id,
        chmode=chmode,
        order_guid=order,
        check_no=1,
        stamp=f"2026-03-02T12:00:{second:02d}",
        lines=[RelayLine(card=c, person_id=0, kind=k, amount=a) for c, k, a in lines],
        **facts,
    )
    return RelayPosting(call, shop.ledger.rules.classifiers[shop.classifier_id], None)


def run(shop: Shop, *args: Any, **facts: Any) -> RelayOutcome:
    (outcome,) = shop.run(post(shop, *args, **facts))
    assert isinstance(outcome, RelayOutcome), outcome
    return outcome


def ok(shop: Shop, *args: Any, **facts: Any) -> None:
    outcome = run(shop, *args, **facts)
    assert outcome.error is None, outcome.error


def proven(shop: Shop) -> bool:
    report = verify(shop.connection, full=True)
    shop.connection.rollback()
    return report.ok


@pytest.fixture
def code(shop: Shop) -> str:
    shop.issue(CARD)
    make_type(shop)
    return make_coupon(shop)


def test_a_sale_uses_the_coupon_of_an_item_once_and_its_repeat_does_not(
    shop: Shop, code: str
) -> None:
    sale = [(CARD, 3, 100000), (int(code), 1, 0)]
    ok(shop, sale)
    ok(shop, sale)
    assert state_of(shop, code) == (USED, 1)
    assert uses_balance(shop, code) == 1
    again = run(shop, sale, order="other")
    assert again.error is not None
    assert again.error.code == ErrorCode.COUPON_USED
    assert proven(shop)


def test_two_uses_in_one_group_are_one(shop: Shop, code: str) -> None:
    outcomes = shop.run(
        *(post(shop, [(int(code), 1, 0), (CARD, 3, 100)], order=f"order-{i}") for i in range(2))
    )
    assert [outcome.error is None for outcome in outcomes] == [True, False]
    assert state_of(shop, code) == (USED, 1)
    assert uses_balance(shop, code) == 1


def test_a_refused_call_leaves_the_coupon_as_it_was(shop: Shop, code: str) -> None:
    outcome = run(shop, [(int(code), 1, 0), (CARD, 0, -5000)])
    assert outcome.error is not None
    assert outcome.error.code == ErrorCode.INSUFFICIENT
    assert state_of(shop, code) == (ACTIVE, 0)


@pytest.mark.parametrize("named", [True, False])
def test_the_sequence_of_roll_backs_and_returns_ends_used(
    shop: Shop, code: str, *, named: bool
) -> None:
    """Farcards 5.2 with a coupon, whether later calls name it or not."""
    sale = [(CARD, 3, 100000), (int(code), 1, -5000)]
    back = [(CARD, 3, -100000), *([(int(code), 1, 5000)] if named else [])]

    def step(chmode: int, lines: list[tuple[int, int, int]], second: int, uses: int) -> None:
        ok(shop, lines, chmode, second=second)
        assert state_of(shop, code) == (USED if uses else ACTIVE, uses)
        assert uses_balance(shop, code) == uses

    step(1, sale, 1, 1)
    step(1, sale, 1, 1)
    step(2, back, 2, 0)
    step(2, back, 3, 0)
    step(1, sale, 4, 1)
    step(3, back, 5, 0)
    step(3, back, 5, 0)
    step(4, [(c, k, -a) for c, k, a in back], 6, 1)
    assert proven(shop)


def test_a_part_return_keeps_the_use_and_the_rest_gives_it_back(shop: Shop, code: str) -> None:
    ok(shop, [(CARD, 3, 100000), (int(code), 1, 0)])
    ok(shop, [(CARD, 3, -40000)], 3, second=2)
    assert state_of(shop, code) == (USED, 1)
    ok(shop, [(CARD, 3, -60000), (CARD, 1, 0)], 3, second=3)
    assert state_of(shop, code) == (ACTIVE, 0)


def test_a_type_may_keep_its_coupons_used_on_return(shop: Shop) -> None:
    shop.issue(CARD)
    make_type(shop, return_on_refund=False)
    code = make_coupon(shop)
    ok(shop, [(CARD, 3, 100000), (int(code), 1, 0)])
    ok(shop, [(CARD, 3, -100000), (int(code), 1, 0)], 3, second=2)
    assert state_of(shop, code) == (USED, 1)


def test_a_discount_with_the_coupons_code_uses_it_inside_the_sale(shop: Shop, code: str) -> None:
    sale = [(CARD, 3, 100000)]
    ok(shop, sale, discounts=[DiscountMark(code=DISCCODE, card=code)])
    assert state_of(shop, code) == (USED, 1)
    ok(shop, [(CARD, 3, -100000)], 2, second=2)
    assert state_of(shop, code) == (ACTIVE, 0)
    assert proven(shop)


def test_a_discount_on_the_guests_card_uses_the_coupon_that_was_offered(shop: Shop) -> None:
    holder = shop.issue(CARD)
    make_type(shop)
    code = make_coupon(shop, holder_id=holder)
    ok(shop, [(CARD, 3, 100000)], discounts=[DiscountMark(code=DISCCODE, card=str(CARD))])
    assert state_of(shop, code) == (USED, 1)


def test_the_guests_ordinary_discount_uses_no_coupon(shop: Shop) -> None:
    holder = shop.issue(CARD)
    make_type(shop, pos_code=1, content=False)
    code = make_coupon(shop, holder_id=holder)
    ok(shop, [(CARD, 3, 100000)], discounts=[DiscountMark(code=1, card=str(CARD))])
    assert state_of(shop, code) == (ACTIVE, 0)


def test_only_a_sale_uses_a_coupon(shop: Shop, code: str) -> None:
    ok(shop, [(int(code), 1, 0)], 0)
    assert state_of(shop, code) == (ACTIVE, 0)


def test_a_coupon_of_another_guest_is_refused(shop: Shop) -> None:
    shop.issue(CARD)
    make_type(shop)
    code = make_coupon(shop, holder_id=shop.issue(10008))
    outcome = run(shop, [(CARD, 3, 100000), (int(code), 1, 0)])
    assert outcome.error is not None
    assert outcome.error.code == ErrorCode.COUPON_PERSONAL
    assert shop.balance(shop.account(1 * 10**13 + 1, SPENT).holder_id or 0, SPENT) == 0


def test_a_guest_uses_a_type_as_often_as_it_allows(shop: Shop) -> None:
    holder = shop.issue(CARD)
    make_type(shop, per_holder=1, per_holder_days=10)
    first, second = (make_coupon(shop, n, holder_id=holder) for n in (1, 2))
    both = shop.run(
        *(
            post(shop, [(CARD, 3, 100), (int(code), 1, 0)], order=code, occurred_at=shop.now)
            for code in (first, second)
        )
    )
    assert [o.error.code if o.error else None for o in both] == [
        None,
        ErrorCode.COUPON_HOLDER_LIMIT,
    ]
    shop.pass_time(days=11)
    ok(shop, [(CARD, 3, 100), (int(second), 1, 0)], second=9, order=second, occurred_at=shop.now)


def test_a_product_coupon_wants_its_dish_in_the_cheque(shop: Shop, code: str) -> None:
    sale = [(CARD, 3, 100000), (int(code), 1, 0)]
    other = Cheque(net=100000, gross=100000, lines=1, dishes=["201"])
    outcome = run(shop, sale, cheque=other)
    assert outcome.error is not None
    assert outcome.error.code == ErrorCode.COUPON_NO_GOODS
    cake = Cheque(net=100000, gross=100000, lines=1, dishes=[DISH])
    ok(shop, sale, cheque=cake, second=2, order="cake")
    assert state_of(shop, code) == (USED, 1)


def test_the_right_is_needed(shop: Shop, code: str) -> None:
    classifier = shop.ledger.rules.classifiers[shop.classifier_id]
    call = RelayCall(
        classifier_id=shop.classifier_id,
        chmode=1,
        order_guid="order",
        lines=[RelayLine(card=int(code), person_id=0, kind=1, amount=0)],
    )
    poor = type(classifier)(
        classifier_id=shop.classifier_id,
        code=classifier.code,
        name=classifier.name,
        rights=classifier.rights - {"coupon.use"},
    )
    (outcome,) = shop.run(RelayPosting(call, poor, None))
    assert outcome.error.code == ErrorCode.NO_API_RIGHT
    assert state_of(shop, code) == (ACTIVE, 0)


def test_an_old_coupon_is_refused_with_its_dates(shop: Shop) -> None:
    shop.issue(CARD)
    make_type(shop)
    code = make_coupon(shop, valid_to=shop.now.date() - timedelta(days=1))
    outcome = run(shop, [(CARD, 3, 100), (int(code), 1, 0)])
    assert outcome.error is not None
    assert outcome.error.code == ErrorCode.COUPON_DATES
    assert outcome.error.facts["to"] == "2026-03-01"
