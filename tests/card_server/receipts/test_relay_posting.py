"""TransactionsEx against the real ledger: farcards.md 5, domain.md 2.9, 3.2, 3.10."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT, Shop

CARD = 10007
SALE = [(0, -2000), (2, 6200), (3, 124000)]


def test_a_sale_books_payment_bonus_and_spending(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.ok(CARD, [(0, 5000)])
    shop.ok(CARD, [*SALE, (1, -3000)])
    assert shop.balance(holder, DEBIT) == 3000
    assert shop.balance(holder, BONUS) == 6200
    assert shop.balance(holder, SPENT) == 124000
    assert shop.balance(holder, DISCOUNT) == -3000


def test_too_little_money_refuses_the_whole_call(shop: Shop) -> None:
    holder = shop.issue(CARD)
    outcome = shop.till(CARD, SALE)
    assert outcome.error.code == ErrorCode.INSUFFICIENT
    assert outcome.error.facts["needed"] == "20.00"
    assert shop.balance(holder, SPENT) == 0


def test_the_worked_example_of_the_domain_page(shop: Shop) -> None:
    """Lots 60.00 and 100.00; 1 240.00 paid with 100.00 of points; refunds of half each."""
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 6000)])
    shop.pass_time(days=3)
    shop.ok(CARD, [(2, 10000)])
    order: dict[str, Any] = {"order_guid": "example", "check_no": 7}
    shop.ok(CARD, [(0, -10000), (2, 5700), (3, 124000)], **order)
    assert shop.balance(holder, BONUS) == 11700
    assert shop.lots(holder) == [(6000, 0), (10000, 6000), (5700, 5700)]
    shop.pass_time(minutes=5)
    half = [(0, 5000), (2, -2850), (3, -62000)]
    shop.ok(CARD, half, chmode=3, **order)
    assert shop.lots(holder) == [(6000, 1000), (10000, 10000), (5700, 2850)]
    shop.pass_time(minutes=5)
    shop.till(CARD, half, chmode=3, order_guid="example", check_no=7)
    assert shop.balance(holder, SPENT) == 62000, "the same key and content is a repeat"
    other = [(0, 5000), (3, -62000), (2, -2850), (1, 0)]
    shop.ok(CARD, other, chmode=3, **order)
    assert shop.lots(holder) == [(6000, 6000), (10000, 10000), (5700, 0)]
    assert shop.balance(holder, SPENT) == 0
    assert shop.balance(holder, BONUS) == 16000


def test_the_sequence_of_repeats_and_roll_backs(shop: Shop) -> None:
    """Farcards 5.2: after all of it the balance is that of one sale."""
    holder = shop.issue(CARD)
    shop.ok(CARD, [(0, 10000)])
    order: dict[str, Any] = {"order_guid": "sequence", "check_no": 3}

    def step(chmode: int, lines: list[tuple[int, int]], stamp: str) -> None:
        shop.ok(CARD, lines, chmode, stamp=stamp, **order)

    back = [(0, 2000), (2, -6200), (3, -124000)]
    step(1, SALE, "2026-03-02T12:00:01")
    step(1, SALE, "2026-03-02T12:00:01")
    step(2, back, "2026-03-02T12:00:02")
    assert shop.balance(holder, DEBIT) == 10000
    step(2, back, "2026-03-02T12:00:03")
    step(1, SALE, "2026-03-02T12:00:04")
    step(3, back, "2026-03-02T12:00:05")
    step(3, back, "2026-03-02T12:00:05")
    assert shop.balance(holder, SPENT) == 0
    step(4, SALE, "2026-03-02T12:00:06")
    assert shop.balance(holder, SPENT) == 124000
    assert shop.balance(holder, DEBIT) == 8000
    assert shop.balance(holder, BONUS) == 6200


def test_a_roll_back_that_overtakes_its_sale_refuses_it(shop: Shop) -> None:
    holder = shop.issue(CARD)
    order: dict[str, Any] = {"order_guid": "overtaken", "check_no": 3}
    lines = [(2, 100), (3, 1000)]
    shop.ok(CARD, lines, 2, stamp="2026-03-02T12:00:05", **order)
    refused = shop.till(CARD, lines, 1, stamp="2026-03-02T12:00:04", **order)
    assert refused.error.code == ErrorCode.ROLLED_BACK
    assert shop.balance(holder, SPENT) == 0
    shop.ok(CARD, lines, 1, stamp="2026-03-02T12:00:06", **order)
    assert shop.balance(holder, SPENT) == 1000


def test_the_same_key_with_other_content_is_a_conflict(shop: Shop) -> None:
    shop.issue(CARD)
    order: dict[str, Any] = {"order_guid": "conflict", "check_no": 3}
    shop.ok(CARD, [(2, 100), (3, 1000)], **order)
    outcome = shop.till(CARD, [(2, 100), (3, 2000)], **order)
    assert outcome.error.code == ErrorCode.KEY_CONFLICT


def test_a_return_cannot_exceed_its_sale(shop: Shop) -> None:
    shop.issue(CARD)
    order: dict[str, Any] = {"order_guid": "big", "check_no": 3}
    shop.ok(CARD, [(3, 1000)], **order)
    outcome = shop.till(CARD, [(3, -1001)], chmode=3, **order)
    assert outcome.error.code == ErrorCode.REFUND_TOO_BIG


def test_points_burn_at_the_end_of_their_last_day(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 5000)])
    shop.pass_time(days=366)
    outcome = shop.till(CARD, [(0, -1000), (3, 100000)])
    assert outcome.error.code == ErrorCode.INSUFFICIENT
    shop.ok(CARD, [(3, 100)])
    assert shop.balance(holder, BONUS) == 0


def test_a_till_whose_clock_is_ahead_does_not_delay_points(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 5000)], occurred_at=shop.now + timedelta(minutes=5))
    assert shop.account(holder, BONUS).pending == 0
    shop.ok(CARD, [(0, -1000), (3, 100000)])


def test_a_card_of_an_unknown_number_is_named(shop: Shop) -> None:
    outcome = shop.till(999, [(3, 100)])
    assert outcome.error.code == ErrorCode.CARD_NOT_FOUND
    assert outcome.error.facts["card"] == 999


def test_bonuses_pay_half_of_a_cheque_at_most(shop: Shop) -> None:
    shop.issue(CARD)
    shop.ok(CARD, [(2, 100000)])
    outcome = shop.till(CARD, [(0, -60000), (3, 100000)])
    assert outcome.error.code == ErrorCode.CAP_EXCEEDED
    shop.ok(CARD, [(0, -50000), (3, 100000)])
