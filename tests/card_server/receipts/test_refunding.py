"""Returns, line by line of domain 3.10."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from card_server.accounts import tables as account_tables
from card_server.db.engine import DatabaseAddress
from card_server.ledger import tables
from card_server.ledger.manual import Correction, Header
from card_server.ledger.records import OperationKind
from card_server.ledger.verify import verify
from card_server.schemes import tables as scheme_tables
from shared.wire.errors import ErrorCode
from tests.conftest import START
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT, Shop, open_shop

CARD = 10007
ORDER: dict[str, Any] = {"order_guid": "order", "check_no": 7}
OWED = 82


@pytest.fixture
def counting(address: DatabaseAddress) -> Iterator[Shop]:
    """A shop that counts itself (mode crm): 5 % of the cheque without points."""
    with open_shop(address, START, calc_mode=2) as shop:
        shop.add(scheme_tables.scheme, scheme_id=901, name="Пять", base_rate=500)
        shop.type_of(BONUS, default_scheme_id=901)
        shop.link(BONUS, max_pay_bp=10_000)
        yield shop


def _figures(shop: Shop, holder: int) -> dict[str, Any]:
    return {
        "bonus": shop.balance(holder, BONUS),
        "debit": shop.balance(holder, DEBIT),
        "spent": shop.balance(holder, SPENT),
        "uncovered": shop.account(holder, BONUS).uncovered,
        "lots": [lot for lot in shop.lots(holder) if lot[1]],
    }


def _verified(shop: Shop) -> None:
    report = verify(shop.connection, full=True)
    shop.connection.rollback()
    assert report.ok, report.findings


# ---------------------------------------------------------------- mode crm: targets


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    net=st.integers(1, 200_000),
    share=st.integers(0, 100),
    cuts=st.lists(st.integers(1, 99), max_size=4, unique=True),
    order=st.randoms(use_true_random=False),
)
def test_a_full_refund_in_any_partition_returns_to_the_start(
    counting: Shop, net: int, share: int, cuts: list[int], order: Any
) -> None:
    """I-29, I-31: lots 60.00 and 100.00, paid with points, 5 % earned on the rest."""
    shop = counting
    card = 20_000 + shop.count(tables.operation)
    holder = shop.issue(card)
    shop.grant(holder, BONUS, 6_000, days=10)
    shop.grant(holder, BONUS, 10_000, days=300)
    before = _figures(shop, holder)
    paid = min(16_000, net) * share // 100
    facts: dict[str, Any] = {"order_guid": f"sale-{card}", "check_no": 1}
    shop.ok(card, [(0, -paid), (3, net)], **facts)
    edges = sorted({0, net, *(net * cut // 100 for cut in cuts)})
    parts = [b - a for a, b in pairwise(edges)]
    order.shuffle(parts)
    for number, part in enumerate(parts):
        stamp = f"2026-03-02T13:00:{number:02d}"
        # a different till number of lines makes each part an operation of its own
        lines = [(3, -part), *([(1, 0)] * number)]
        shop.ok(card, lines, chmode=3, stamp=stamp, **facts)
    assert _figures(shop, holder) == before


def test_each_target_is_the_part_of_the_whole(counting: Shop) -> None:
    shop = counting
    holder = shop.issue(CARD)
    shop.grant(holder, BONUS, 16_000, days=300)
    shop.ok(CARD, [(0, -10_000), (3, 124_000)], **ORDER)
    assert shop.balance(holder, BONUS) == 16_000 - 10_000 + 5_700
    shop.ok(CARD, [(3, -31_000)], chmode=3, **ORDER)
    # a quarter: 25.00 given back, 14.25 taken back
    assert shop.balance(holder, BONUS) == 11_700 + 2_500 - 1_425
    assert shop.balance(holder, SPENT) == 93_000
    outcome = shop.till(CARD, [(3, -93_001), (1, 0)], chmode=3, **ORDER)
    assert outcome.error.code == ErrorCode.REFUND_TOO_BIG
    assert outcome.error.facts == {"rest": "930.00", "total": "1240.00"}
    _verified(shop)


def test_forgiven_points_count_as_done(counting: Shop) -> None:
    """Policy 1: earned points that are available already are forgiven; later parts know it."""
    shop = counting
    shop.type_of(BONUS, refund_earned=1)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(3, 100_000)], **ORDER)
    assert shop.balance(holder, BONUS) == 5_000
    shop.ok(CARD, [(3, -50_000)], chmode=3, **ORDER)
    assert shop.balance(holder, BONUS) == 5_000, "nothing is pending, so all of it is forgiven"
    shop.type_of(BONUS, refund_earned=3)
    shop.ok(CARD, [(3, -50_000), (1, 0)], chmode=3, **ORDER)
    assert shop.balance(holder, BONUS) == 2_500, "only the second half is taken"
    _verified(shop)


# ---------------------------------------------------------------- policies of what was earned


def _earn_and_spend(shop: Shop, policy: int, **kind: Any) -> int:
    """5 000 earned, 4 000 of it spent elsewhere, then the whole sale comes back."""
    shop.type_of(BONUS, refund_earned=policy, **kind)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 5_000), (3, 100_000)], **ORDER)
    shop.ok(CARD, [(0, -4_000), (3, 10_000)], order_guid="elsewhere")
    shop.ok(CARD, [(2, -5_000), (3, -100_000)], chmode=3, **ORDER)
    return holder


def test_policy_2_takes_what_is_there_and_forgives_the_rest(shop: Shop) -> None:
    holder = _earn_and_spend(shop, 2)
    assert shop.balance(holder, BONUS) == 0
    assert shop.account(holder, BONUS).uncovered == 0
    _verified(shop)


def test_policy_2_leaves_what_is_pending_of_other_sales(shop: Shop) -> None:
    shop.type_of(BONUS, refund_earned=2)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 5_000), (3, 100_000)], **ORDER)
    shop.ok(CARD, [(0, -5_000), (3, 10_000)], order_guid="elsewhere")
    shop.type_of(BONUS, delay_kind=3, delay_value=2)
    shop.ok(CARD, [(2, 700), (3, 10_000)], order_guid="third")
    shop.ok(CARD, [(2, -5_000), (3, -100_000)], chmode=3, **ORDER)
    assert shop.account(holder, BONUS).pending == 700
    assert shop.balance(holder, BONUS) == 700


def test_policy_3_may_go_negative_and_the_next_accrual_fills_it_up(shop: Shop) -> None:
    holder = _earn_and_spend(shop, 3)
    assert shop.balance(holder, BONUS) == -4_000
    assert shop.account(holder, BONUS).uncovered == 4_000
    outcome = shop.till(CARD, [(0, -1), (3, 100)], order_guid="poor")
    assert outcome.error.code == ErrorCode.INSUFFICIENT
    shop.ok(CARD, [(2, 4_500), (3, 100)], order_guid="rich")
    assert _figures(shop, holder)["lots"] == [(4_500, 500)]
    _verified(shop)


def test_policy_4_becomes_a_debt_that_the_next_accrual_settles_at_once(shop: Shop) -> None:
    shop.add(
        account_tables.account_type,
        account_type_id=OWED,
        name="Долг",
        **{"class": OWED},
        value_unit=2,
        is_active=True,
        sort_no=9,
    )
    holder = _earn_and_spend(shop, 4, receivable_type_id=OWED)
    assert shop.balance(holder, BONUS) == 0
    assert shop.balance(holder, OWED) == -4_000
    shop.ok(CARD, [(2, 1_500), (3, 30_000)], order_guid="next")
    assert (shop.balance(holder, BONUS), shop.balance(holder, OWED)) == (0, -2_500)
    shop.ok(CARD, [(2, 3_000), (3, 60_000)], order_guid="last")
    assert (shop.balance(holder, BONUS), shop.balance(holder, OWED)) == (500, 0)
    kinds = [row.kind for row in shop.rows(tables.operation)]
    assert kinds.count(OperationKind.SETTLE_RECEIVABLE) == 2
    _verified(shop)


def test_a_debt_is_settled_also_out_of_points_that_are_still_pending(shop: Shop) -> None:
    test_policy_4_becomes_a_debt_that_the_next_accrual_settles_at_once(shop)
    other = shop.issue(5)
    shop.ok(5, [(2, 5_000), (3, 100_000)], order_guid="a", check_no=1)
    shop.ok(5, [(0, -5_000), (3, 10_000)], order_guid="b")
    shop.ok(5, [(2, -5_000), (3, -100_000)], chmode=3, order_guid="a", check_no=1)
    shop.type_of(BONUS, delay_kind=3, delay_value=2)
    shop.ok(5, [(2, 2_000), (3, 10_000)], order_guid="c")
    assert (shop.balance(other, BONUS), shop.balance(other, OWED)) == (0, -3_000)
    _verified(shop)


def test_policy_1_takes_what_is_still_pending(shop: Shop) -> None:
    shop.type_of(BONUS, refund_earned=1, delay_kind=3, delay_value=2)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 5_000), (3, 100_000)], **ORDER)
    shop.ok(CARD, [(2, -2_000), (3, -40_000)], chmode=3, **ORDER)
    assert shop.balance(holder, BONUS) == 3_000
    shop.pass_time(days=3)
    shop.ok(CARD, [(2, -3_000), (3, -60_000), (1, 0)], chmode=3, **ORDER)
    assert shop.balance(holder, BONUS) == 3_000, "available by now: forgiven"


def test_points_that_burnt_are_not_taken_twice(shop: Shop) -> None:
    shop.type_of(BONUS, life_kind=1, life_value=5)
    shop.program(backdate_days=400)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 5_000), (3, 100_000)], **ORDER)
    shop.pass_time(days=7)
    shop.ok(CARD, [(3, 100)], order_guid="settles")
    assert shop.balance(holder, BONUS) == 0
    shop.ok(CARD, [(2, -5_000), (3, -100_000)], chmode=3, **ORDER)
    assert shop.balance(holder, BONUS) == 0
    again = shop.till(CARD, [(2, -1)], chmode=3, **ORDER)
    assert again.error.code == ErrorCode.REFUND_TOO_BIG, "the burnt part counts as done"
    _verified(shop)


# ---------------------------------------------------------------- policies of what was paid


def _pay_and_return(shop: Shop, policy: int, *, days: float) -> int:
    shop.type_of(BONUS, refund_burned=policy, refund_grace_days=7)
    shop.program(backdate_days=400)
    holder = shop.issue(CARD)
    shop.grant(holder, BONUS, 6_000, days=10)
    shop.ok(CARD, [(0, -5_000), (3, 20_000)], **ORDER)
    shop.pass_time(days=days)
    shop.ok(CARD, [(0, 5_000), (3, -20_000)], chmode=3, stamp="2026-04-01T12:00:00", **ORDER)
    return holder


def test_burned_policy_1_gives_back_to_the_same_lot_with_its_old_date(shop: Shop) -> None:
    holder = _pay_and_return(shop, 1, days=12)
    shop.ok(CARD, [(3, 100)], order_guid="settles")
    assert shop.balance(holder, BONUS) == 0, "past its date it burns at the next settle"
    _verified(shop)


def test_burned_policy_2_gives_days_of_grace(shop: Shop) -> None:
    holder = _pay_and_return(shop, 2, days=12)
    shop.ok(CARD, [(3, 100)], order_guid="settles")
    assert shop.balance(holder, BONUS) == 5_000
    (term,) = shop.rows(tables.lot_term)
    left = term.new_expires_at - shop.now
    assert timedelta(days=7) < left < timedelta(days=8)
    _verified(shop)


def test_burned_policy_2_shortens_nothing(shop: Shop) -> None:
    holder = _pay_and_return(shop, 2, days=1)
    assert shop.rows(tables.lot_term) == []
    assert shop.balance(holder, BONUS) == 6_000


def test_burned_policy_3_gives_nothing_back_and_counts_it_as_done(shop: Shop) -> None:
    holder = _pay_and_return(shop, 3, days=1)
    assert shop.balance(holder, BONUS) == 1_000
    again = shop.till(CARD, [(0, 1)], chmode=3, **ORDER)
    assert again.error.code == ErrorCode.REFUND_TOO_BIG
    _verified(shop)


def test_a_payment_is_undone_from_the_last_allocation_to_the_first(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.grant(holder, BONUS, 6_000, days=10)
    shop.grant(holder, BONUS, 6_000, days=20)
    shop.ok(CARD, [(0, -8_000), (3, 20_000)], **ORDER)
    shop.ok(CARD, [(0, 3_000), (3, -7_500)], chmode=3, **ORDER)
    assert shop.lots(holder) == [(6_000, 1_000), (6_000, 6_000)]


def test_two_lots_with_grace_in_one_return_prove_themselves(shop: Shop) -> None:
    """Terms are written last lot first, and hashed in the order of lots."""
    shop.type_of(BONUS, refund_burned=2)
    shop.program(backdate_days=400)
    holder = shop.issue(CARD)
    shop.grant(holder, BONUS, 3_000, days=1)
    shop.grant(holder, BONUS, 3_000, days=2)
    shop.ok(CARD, [(0, -6_000), (3, 20_000)], **ORDER)
    shop.pass_time(days=5)
    shop.ok(CARD, [(0, 6_000), (3, -20_000)], chmode=3, stamp="2026-03-09T12:00:00", **ORDER)
    assert len(shop.rows(tables.lot_term)) == 2
    _verified(shop)


# ---------------------------------------------------------------- mode pos: sums as sent


def test_missing_sums_are_not_invented(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.ok(CARD, [(0, 10_000)], order_guid="top")
    shop.ok(CARD, [(0, -2_000), (1, -500), (2, 6_200), (3, 124_000)], **ORDER)
    shop.ok(CARD, [(3, -124_000)], chmode=3, **ORDER)
    assert shop.balance(holder, SPENT) == 0
    assert shop.balance(holder, DEBIT) == 8_000
    assert shop.balance(holder, BONUS) == 6_200
    assert shop.balance(holder, DISCOUNT) == -500
    shop.ok(CARD, [(1, 500)], chmode=3, **ORDER)
    assert shop.balance(holder, DISCOUNT) == 0


@pytest.mark.parametrize("line", [(0, 2_001), (2, -6_201), (3, -124_001), (1, 501)])
def test_no_kind_may_come_back_beyond_its_rest(shop: Shop, line: tuple[int, int]) -> None:
    shop.issue(CARD)
    shop.ok(CARD, [(0, 10_000)], order_guid="top")
    shop.ok(CARD, [(0, -2_000), (1, -500), (2, 6_200), (3, 124_000)], **ORDER)
    outcome = shop.till(CARD, [line], chmode=3, **ORDER)
    assert outcome.error.code == ErrorCode.REFUND_TOO_BIG


def test_what_the_sale_did_not_book_is_not_taken_back(shop: Shop) -> None:
    """Bookkeeping that was left out at the sale must not stop its return."""
    shop.link(BONUS, credit_allowed=False)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 500), (3, 10_000)], **ORDER)
    assert shop.balance(holder, BONUS) == 0
    shop.ok(CARD, [(2, -500), (3, -10_000)], chmode=3, **ORDER)
    assert (shop.balance(holder, BONUS), shop.balance(holder, SPENT)) == (0, 0)


def test_a_return_needs_the_right_that_its_sale_needed(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.ok(CARD, [(0, 10_000)], order_guid="top")
    shop.ok(CARD, [(0, -2_000), (2, 500), (3, 10_000)], **ORDER)
    shop.link(DEBIT, debit_allowed=False)
    shop.link(BONUS, credit_allowed=False)
    refused = shop.till(CARD, [(0, 2_000), (3, -10_000)], chmode=3, **ORDER)
    assert refused.error.code == ErrorCode.DEBIT_FORBIDDEN
    shop.ok(CARD, [(2, -500), (3, -10_000)], chmode=3, **ORDER)
    assert shop.balance(holder, BONUS) == 500, "a guest is not sent away for bookkeeping"


def test_what_was_corrected_may_not_come_back_again(shop: Shop) -> None:
    shop.issue(CARD)
    shop.ok(CARD, [(2, 500), (3, 10_000)], **ORDER)
    (sale,) = shop.rows(tables.operation)
    (done,) = shop.run(
        Correction(header=Header(key="c", reason_id=1), operation_id=sale.operation_id)
    )
    assert done.error is None
    outcome = shop.till(CARD, [(3, -10_000)], chmode=3, **ORDER)
    assert outcome.error.code == ErrorCode.REFUND_TOO_BIG


# ---------------------------------------------------------------- without a sale


@pytest.mark.parametrize("mode", [1, 3])
def test_a_return_without_its_sale_may_be_refused(shop: Shop, mode: int) -> None:
    shop.program(refund_unmatched=mode)
    shop.issue(CARD)
    outcome = shop.till(CARD, [(3, -1_000)], chmode=3, **ORDER)
    assert outcome.error.code == ErrorCode.SALE_NOT_FOUND


def test_an_accepted_one_takes_back_as_sent_and_gives_nothing_back(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 700), (3, 9_000)], order_guid="other")
    shop.ok(CARD, [(0, 2_000), (1, 50), (2, -500), (3, -10_000)], chmode=3, **ORDER)
    assert shop.balance(holder, DEBIT) == 0
    assert shop.balance(holder, DISCOUNT) == 50
    assert shop.balance(holder, BONUS) == 200
    assert shop.balance(holder, SPENT) == -1_000
    _verified(shop)


def test_an_accepted_one_takes_earned_points_by_today_s_rate_in_mode_crm(counting: Shop) -> None:
    shop = counting
    holder = shop.issue(CARD)
    shop.ok(CARD, [(3, 100_000)], order_guid="other")
    shop.ok(CARD, [(2, -99), (3, -40_000)], chmode=3, **ORDER)
    assert shop.balance(holder, BONUS) == 5_000 - 2_000
    assert shop.balance(holder, SPENT) == 60_000
    _verified(shop)


def test_an_unmatched_take_back_keeps_to_the_policy(shop: Shop) -> None:
    shop.type_of(BONUS, refund_earned=2)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 300), (3, 100)], order_guid="other")
    shop.ok(CARD, [(2, -500), (3, -100)], chmode=3, **ORDER)
    assert shop.balance(holder, BONUS) == 0
