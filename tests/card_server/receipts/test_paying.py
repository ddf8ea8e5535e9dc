"""Payments of a sale: order of accounts, caps, limits, holds of the order, limited cards (3.7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.ledger import tables
from card_server.ledger.manual import CaptureHold, Header, HoldPart, HoldShare, OpenHold
from card_server.ledger.verify import verify
from card_server.receipts.records import XmlItem
from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, DEBIT, SPENT, Shop

CARD = 10007


def _verified(shop: Shop) -> None:
    report = verify(shop.connection, full=True)
    shop.connection.rollback()
    assert report.ok, report.findings


def _guest(shop: Shop, debit: int = 0, bonus: int = 0, card: int = CARD, **facts: Any) -> int:
    holder = shop.issue(card, **facts)
    if debit:
        shop.grant(holder, DEBIT, debit)
    if bonus:
        shop.grant(holder, BONUS, bonus, days=100)
    return holder


def test_money_pays_before_points_and_each_within_its_cap(shop: Shop) -> None:
    holder = _guest(shop, debit=3_000, bonus=9_000)
    shop.ok(CARD, [(0, -8_000), (3, 10_000)])
    assert shop.balance(holder, DEBIT) == 0
    assert shop.balance(holder, BONUS) == 4_000


def test_two_payment_lines_of_one_cheque_share_its_cap(shop: Shop) -> None:
    """50 % of the cheque from points, not 50 % a line."""
    _guest(shop, bonus=90_000)
    outcome = shop.till(CARD, [(0, -4_000), (0, -4_000), (3, 10_000)])
    assert outcome.error.code == ErrorCode.CAP_EXCEEDED


@pytest.mark.parametrize(
    ("link", "amount", "code"),
    [
        ({"min_pay": 500}, 499, ErrorCode.CAP_EXCEEDED),
        ({"min_pay": 500}, 500, None),
        ({"keep_rest": 1_000}, 2_500, ErrorCode.CAP_EXCEEDED),
        ({"keep_rest": 1_000}, 2_000, None),
        ({"keep_rest": 1_000}, 3_000, None),
    ],
)
def test_smallest_payment_and_rest_to_keep(
    shop: Shop, link: dict[str, int], amount: int, code: ErrorCode | None
) -> None:
    shop.link(DEBIT, **link)
    _guest(shop, debit=3_000)
    outcome = shop.till(CARD, [(0, -amount), (3, 10_000)])
    assert getattr(outcome.error, "code", None) == code


def test_a_coefficient_turns_money_into_account_units(shop: Shop) -> None:
    shop.link(BONUS, debit_k_bp=20_000, max_pay_bp=10_000)
    holder = _guest(shop, bonus=1_000)
    shop.ok(CARD, [(0, -500), (3, 10_000)])
    assert shop.balance(holder, BONUS) == 0


def test_why_there_is_too_little(shop: Shop) -> None:
    holder = _guest(shop, debit=1_000)
    purse = shop.account(holder, DEBIT).account_id
    part = HoldPart(account_id=purse, amount=900)
    shop.run(OpenHold(header=Header(key="h", order_guid="table 5"), parts=(part,)))
    held = shop.till(CARD, [(0, -500), (3, 10_000)])
    assert held.error.code == ErrorCode.HELD_ELSEWHERE
    assert held.error.facts["order"] == "table 5"
    short = shop.till(CARD, [(0, -1_500), (3, 10_000)])
    assert short.error.code == ErrorCode.INSUFFICIENT
    assert short.error.facts["available"] == "1.00"


def test_points_that_are_on_their_way_are_named(shop: Shop) -> None:
    shop.type_of(BONUS, delay_kind=3, delay_value=2)
    shop.issue(CARD)
    shop.ok(CARD, [(2, 5_000), (3, 10_000)])
    outcome = shop.till(CARD, [(0, -500), (3, 10_000)])
    assert outcome.error.code == ErrorCode.PENDING_ONLY
    assert outcome.error.facts["sum"] == "50.00"


# ---------------------------------------------------------------- holds of the order


def _hold(shop: Shop, holder: int, type_id: int, amount: int, order: str) -> int:
    account_id = shop.account(holder, type_id).account_id
    header = Header(key=f"h{amount}", classifier_id=shop.classifier_id, order_guid=order)
    part = HoldPart(account_id=account_id, amount=amount)
    (outcome,) = shop.run(OpenHold(header=header, parts=(part,)))
    assert outcome.error is None, outcome.error
    return int(outcome.hold_ids[0])


def test_a_sale_captures_the_hold_of_its_order_first(shop: Shop) -> None:
    holder = _guest(shop, debit=3_000, bonus=9_000)
    _hold(shop, holder, BONUS, 4_000, "order")
    shop.ok(CARD, [(0, -5_000), (3, 10_000)], order_guid="order")
    assert shop.balance(holder, BONUS) == 5_000, "points, though money has priority"
    assert shop.balance(holder, DEBIT) == 2_000
    (hold,) = shop.rows(tables.hold)
    assert (hold.state, hold.captured) == (3, 4_000)
    assert shop.account(holder, BONUS).held == 0
    _verified(shop)


def test_a_smaller_sale_leaves_the_rest_of_the_hold_open(shop: Shop) -> None:
    holder = _guest(shop, bonus=9_000)
    hold_id = _hold(shop, holder, BONUS, 4_000, "order")
    shop.ok(CARD, [(0, -1_000), (3, 10_000)], order_guid="order")
    assert shop.account(holder, BONUS).held == 3_000
    header = Header(key="c", classifier_id=shop.classifier_id)
    (done,) = shop.run(CaptureHold(header=header, shares=(HoldShare(hold_id=hold_id),)))
    assert done.error is None
    assert shop.balance(holder, BONUS) == 5_000
    _verified(shop)


def test_another_order_does_not_touch_the_hold(shop: Shop) -> None:
    holder = _guest(shop, bonus=9_000)
    _hold(shop, holder, BONUS, 4_000, "order")
    shop.ok(CARD, [(0, -5_000), (3, 10_000)], order_guid="other")
    assert shop.account(holder, BONUS).held == 4_000
    assert shop.balance(holder, BONUS) == 4_000


def test_a_hold_pays_also_when_its_account_was_blocked_meanwhile(shop: Shop) -> None:
    holder = _guest(shop, bonus=9_000)
    _hold(shop, holder, BONUS, 4_000, "order")
    shop.change(account_tables.account, account_tables.account.c.holder_id == holder, state=2)
    shop.ok(CARD, [(0, -4_000), (3, 10_000)], order_guid="order")
    refused = shop.till(CARD, [(0, -1), (3, 10_000)], order_guid="next")
    assert refused.error.code == ErrorCode.ACCOUNT_BLOCKED


def test_a_hold_past_its_moment_is_free_for_all(shop: Shop) -> None:
    holder = _guest(shop, bonus=9_000)
    _hold(shop, holder, BONUS, 8_000, "order")
    shop.pass_time(hours=2)
    shop.ok(CARD, [(0, -5_000), (3, 10_000)], order_guid="other")
    assert shop.account(holder, BONUS).held == 0
    _verified(shop)


def test_an_xml_sale_captures_the_hold_of_its_external_id(shop: Shop) -> None:
    holder = _guest(shop, bonus=9_000)
    _hold(shop, holder, BONUS, 4_000, "881")
    bonus, spent = (shop.account(holder, i).account_id for i in (BONUS, SPENT))
    outcome = shop.book(
        XmlItem(account_id=bonus, amount=-5_000, ext_id="881"),
        XmlItem(account_id=spent, amount=10_000, ext_id="881"),
    )
    assert outcome.error is None, outcome.error
    assert shop.balance(holder, BONUS) == 4_000
    assert shop.account(holder, BONUS).held == 0
    _verified(shop)


# ---------------------------------------------------------------- limits


def _limit(shop: Shop, **facts: Any) -> None:
    given = {"limit_id": 1, "scope": 1, "scope_id": DEBIT, "account_type_id": DEBIT, "period": 1}
    shop.add(account_tables.spend_limit, **{**given, **facts})


def _counter(shop: Shop) -> tuple[int, int]:
    (row,) = shop.rows(account_tables.spend_counter)
    return row.used_amount, row.used_count


def test_a_limit_is_kept_over_calls_and_days(shop: Shop) -> None:
    _limit(shop, max_amount=1_000)
    _guest(shop, debit=90_000)
    shop.ok(CARD, [(0, -700), (3, 10_000)])
    outcome = shop.till(CARD, [(0, -301), (3, 10_000)])
    assert outcome.error.code == ErrorCode.LIMIT_EXCEEDED
    assert outcome.error.facts == {
        "period": "day",
        "limit": "10.00",
        "rest": "3.00",
        "when": "2026-03-03",
    }
    shop.ok(CARD, [(0, -300), (3, 10_000)])
    shop.pass_time(days=1)
    shop.ok(CARD, [(0, -1_000), (3, 10_000)])
    assert [row.used_amount for row in shop.rows(account_tables.spend_counter)] == [1_000, 1_000]


def test_payments_of_one_group_see_each_other(shop: Shop) -> None:
    _limit(shop, max_amount=1_000)
    _guest(shop, debit=90_000)
    outcomes = shop.run(*(shop.call(CARD, [(0, -400), (3, 10_000)]) for _ in range(4)))
    assert [outcome.error is None for outcome in outcomes] == [True, True, False, False]
    assert _counter(shop) == (800, 2)


def test_a_limit_sends_the_rest_of_a_payment_to_the_next_account(shop: Shop) -> None:
    _limit(shop, max_amount=1_000)
    holder = _guest(shop, debit=90_000, bonus=9_000)
    shop.ok(CARD, [(0, -3_000), (3, 10_000)])
    assert shop.balance(holder, DEBIT) == 89_000
    assert shop.balance(holder, BONUS) == 7_000


def test_returns_give_the_amount_back_and_the_count_only_in_full(shop: Shop) -> None:
    _limit(shop, max_amount=1_000, max_count=1, period=3)
    _guest(shop, debit=90_000)
    order: dict[str, Any] = {"order_guid": "order", "check_no": 1}
    shop.ok(CARD, [(0, -800), (3, 10_000)], **order)
    shop.ok(CARD, [(0, 300), (3, -3_750)], chmode=3, **order)
    assert _counter(shop) == (500, 1)
    assert shop.till(CARD, [(0, -1), (3, 10)]).error.code == ErrorCode.LIMIT_EXCEEDED
    shop.ok(CARD, [(0, 500), (3, -6_250), (1, 0)], chmode=3, **order)
    assert _counter(shop) == (0, 0)
    shop.ok(CARD, [(0, -1_000), (3, 10_000)])


def test_a_return_after_the_period_changes_no_counter(shop: Shop) -> None:
    _limit(shop, max_amount=1_000)
    _guest(shop, debit=90_000)
    order: dict[str, Any] = {"order_guid": "order", "check_no": 1}
    shop.ok(CARD, [(0, -800), (3, 10_000)], **order)
    shop.pass_time(days=1)
    shop.ok(CARD, [(0, 800), (3, -10_000)], chmode=3, **order)
    assert _counter(shop) == (800, 1)


def test_roll_backs_of_sale_and_return_move_the_counter_there_and_back(shop: Shop) -> None:
    _limit(shop, max_amount=1_000)
    _guest(shop, debit=90_000)
    order: dict[str, Any] = {"order_guid": "order", "check_no": 1}
    sale, back = [(0, -800), (3, 10_000)], [(0, 800), (3, -10_000)]

    def step(lines: list[tuple[int, int]], chmode: int, second: int) -> tuple[int, int]:
        shop.ok(CARD, lines, chmode, stamp=f"2026-03-02T12:00:{second:02d}", **order)
        return _counter(shop)

    assert step(sale, 1, 1) == (800, 1)
    assert step(back, 3, 2) == (0, 0)
    assert step(back, 4, 3) == (800, 1)
    assert step(back, 3, 4) == (0, 0)
    assert step(back, 4, 5) == (800, 1)
    assert step(sale, 2, 6) == (0, 0)
    _verified(shop)


def test_an_xml_payment_keeps_limits_and_caps_too(shop: Shop) -> None:
    _limit(shop, max_amount=1_000)
    holder = _guest(shop, debit=90_000, bonus=9_000)
    purse, bonus, spent = (shop.account(holder, i).account_id for i in (DEBIT, BONUS, SPENT))
    direct = shop.book(XmlItem(account_id=purse, amount=-1_001, ext_id="1"))
    assert direct.error.code == ErrorCode.LIMIT_EXCEEDED
    assert shop.book(XmlItem(account_id=purse, amount=-1_000, ext_id="1")).error is None
    capped = shop.book(
        XmlItem(account_id=bonus, amount=-501, ext_id="2"),
        XmlItem(account_id=spent, amount=1_000, ext_id="2"),
    )
    assert capped.error.code == ErrorCode.CAP_EXCEEDED
    assert _counter(shop) == (1_000, 1)


def test_a_hold_needs_room_under_the_limit_and_its_capture_never_lacks_it(shop: Shop) -> None:
    _limit(shop, max_amount=1_000)
    holder = _guest(shop, debit=90_000)
    hold_id = _hold(shop, holder, DEBIT, 600, "order")
    assert shop.till(CARD, [(0, -401), (3, 10_000)]).error.code == ErrorCode.LIMIT_EXCEEDED
    shop.ok(CARD, [(0, -400), (3, 10_000)])
    header = Header(key="c", classifier_id=shop.classifier_id)
    (done,) = shop.run(CaptureHold(header=header, shares=(HoldShare(hold_id=hold_id),)))
    assert done.error is None
    assert _counter(shop) == (1_000, 2)


# ---------------------------------------------------------------- limited cards


def _limited(shop: Shop, holder: int, **facts: Any) -> None:
    account_id = shop.account(holder, DEBIT).account_id
    shop.add(card_tables.card_account, card_code=CARD, account_id=account_id, **facts)


def test_a_limited_card_moves_only_the_accounts_of_its_list(shop: Shop) -> None:
    """I-50."""
    holder = _guest(shop, debit=1_000, bonus=9_000, limited_accounts=True)
    _limited(shop, holder)
    outcome = shop.till(CARD, [(0, -1_001), (3, 10_000)])
    assert outcome.error.code == ErrorCode.INSUFFICIENT
    shop.ok(CARD, [(0, -1_000), (2, 500), (3, 10_000)])
    assert shop.balance(holder, BONUS) == 9_000
    assert shop.balance(holder, SPENT) == 0


def test_a_limited_card_has_its_own_depth_and_sum_a_cheque(shop: Shop) -> None:
    holder = _guest(shop, debit=1_000, limited_accounts=True)
    shop.change(
        account_tables.account, account_tables.account.c.holder_id == holder, credit_depth=500
    )
    _limited(shop, holder, credit_depth=100, credit_limit=700)
    assert shop.till(CARD, [(0, -701), (3, 10_000)]).error.code == ErrorCode.INSUFFICIENT
    two_lines = shop.till(CARD, [(0, -400), (0, -400), (3, 10_000)])
    assert two_lines.error.code == ErrorCode.INSUFFICIENT
    shop.ok(CARD, [(0, -700), (3, 10_000)])
    assert shop.till(CARD, [(0, -401), (3, 10_000)]).error.code == ErrorCode.INSUFFICIENT
    shop.ok(CARD, [(0, -400), (3, 10_000)])
    assert shop.balance(holder, DEBIT) == -100


def test_xml_by_a_limited_card_keeps_to_its_list(shop: Shop) -> None:
    holder = _guest(shop, debit=1_000, bonus=500, limited_accounts=True)
    _limited(shop, holder)
    refused = shop.book(XmlItem(card_code=CARD, account_type_id=BONUS, amount=-100, ext_id="1"))
    assert refused.error.code == ErrorCode.ACCOUNT_BLOCKED
    assert shop.book(XmlItem(card_code=CARD, account_type_id=DEBIT, amount=-100)).error is None


# ---------------------------------------------------------------- life that slides


def test_each_sale_lets_all_open_points_live_on(shop: Shop) -> None:
    shop.type_of(BONUS, life_kind=5, life_value=30)
    holder = _guest(shop)
    shop.ok(CARD, [(2, 1_000), (3, 10_000)])
    first = shop.rows(tables.lot)[0].expires_at
    shop.pass_time(days=20)
    shop.ok(CARD, [(2, 500), (3, 10_000)])
    lots = shop.rows(tables.lot)
    assert {lot.expires_at for lot in lots} == {first + timedelta(days=20)}
    kinds = [row.kind for row in shop.rows(tables.operation)]
    assert kinds == [1, 1, 19], "one extension for the sale, none where nothing moved"
    shop.pass_time(days=31)
    shop.ok(CARD, [(3, 100)])
    assert shop.balance(holder, BONUS) == 0, "value past its date is not brought back"
    _verified(shop)


def test_an_xml_sale_slides_too_and_a_direct_credit_does_not(shop: Shop) -> None:
    shop.type_of(BONUS, life_kind=5, life_value=30)
    holder = _guest(shop)
    bonus, spent = (shop.account(holder, i).account_id for i in (BONUS, SPENT))
    shop.book(XmlItem(account_id=bonus, amount=1_000))
    first = shop.rows(tables.lot)[0].expires_at
    shop.pass_time(days=5)
    shop.book(XmlItem(account_id=bonus, amount=10))
    assert shop.rows(tables.lot)[0].expires_at == first
    shop.book(XmlItem(account_id=spent, amount=100, ext_id="s"))
    assert shop.rows(tables.lot)[0].expires_at == first + timedelta(days=5)
    _verified(shop)
