"""Who and what a TransactionsEx call is about: guests without a card, several cards, roll-backs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from card_server.classifiers.records import Classifier
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.records import OperationKind
from card_server.ledger.verify import verify
from card_server.receipts.records import RelayCall, RelayLine
from card_server.receipts.relay_posting import RelayPosting
from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, DEBIT, SPENT, Shop

CARD = 10007
ORDER: dict[str, Any] = {"order_guid": "order", "check_no": 7}


def _classifier(shop: Shop) -> Classifier:
    return shop.ledger.rules.classifiers[shop.classifier_id]


def _call(shop: Shop, lines: list[tuple[int, int, int, int]], chmode: int, stamp: str) -> Any:
    """A call of several guests; lines are (card, person, kind, kopecks)."""
    call = RelayCall(
        classifier_id=shop.classifier_id,
        chmode=chmode,
        stamp=stamp,
        lines=[RelayLine(card=c, person_id=p, kind=k, amount=a) for c, p, k, a in lines],
        **ORDER,
    )
    (outcome,) = shop.run(RelayPosting(call, _classifier(shop), None))
    return outcome


def _verified(shop: Shop) -> None:
    report = verify(shop.connection, full=True)
    shop.connection.rollback()
    assert report.ok, report.findings


def test_two_guests_without_a_card_in_one_call(shop: Shop) -> None:
    one, two = shop.issue(1), shop.issue(2)
    lines = [(0, one, 3, 1_000), (0, two, 3, 2_000)]
    assert _call(shop, lines, 1, "2026-03-02T12:00:01").error is None
    assert _call(shop, lines, 1, "2026-03-02T12:00:01").error is None
    assert (shop.balance(one, SPENT), shop.balance(two, SPENT)) == (1_000, 2_000)
    assert {row.idem_key for row in shop.rows(tables.operation)} == {
        f"f:order,7,1,p{one},3",
        f"f:order,7,1,p{two},3",
    }


def test_a_return_and_a_roll_back_of_one_of_them_leave_the_other_alone(shop: Shop) -> None:
    one, two = shop.issue(1), shop.issue(2)
    both = [(0, one, 3, 1_000), (0, two, 3, 2_000)]
    assert _call(shop, both, 1, "2026-03-02T12:00:01").error is None
    back = [(0, two, 3, -2_000)]
    assert _call(shop, back, 3, "2026-03-02T12:00:02").error is None
    assert (shop.balance(one, SPENT), shop.balance(two, SPENT)) == (1_000, 0)
    too_much = [(0, one, 3, -1_001)]
    outcome = _call(shop, too_much, 3, "2026-03-02T12:00:03")
    assert outcome.error.code == ErrorCode.REFUND_TOO_BIG
    assert _call(shop, [(0, one, 3, -1_000)], 2, "2026-03-02T12:00:04").error is None
    assert (shop.balance(one, SPENT), shop.balance(two, SPENT)) == (0, 0)
    _verified(shop)


def test_a_roll_back_without_its_sale_refuses_only_its_own_guest(shop: Shop) -> None:
    one, two = shop.issue(1), shop.issue(2)
    assert _call(shop, [(0, one, 3, 500)], 2, "2026-03-02T12:00:05").error is None
    late = _call(shop, [(0, one, 3, 500)], 1, "2026-03-02T12:00:04")
    assert late.error.code == ErrorCode.ROLLED_BACK
    assert _call(shop, [(0, two, 3, 500)], 1, "2026-03-02T12:00:04").error is None


def test_an_unknown_card_with_a_known_guest_is_the_guest(shop: Shop) -> None:
    one = shop.issue(1)
    assert _call(shop, [(999, one, 3, 700)], 1, "2026-03-02T12:00:01").error is None
    assert shop.balance(one, SPENT) == 700


def test_cards_of_one_call_are_all_or_none(shop: Shop) -> None:
    one, two = shop.issue(1), shop.issue(2)
    shop.grant(one, DEBIT, 5_000)
    lines = [(1, 0, 0, -5_000), (1, 0, 3, 9_000), (2, 0, 0, -1), (2, 0, 3, 9_000)]
    outcome = _call(shop, lines, 1, "2026-03-02T12:00:01")
    assert outcome.error.code == ErrorCode.INSUFFICIENT
    assert shop.balance(one, DEBIT) == 5_000
    refused = [row for row in shop.rows(tables.operation) if row.status == 2]
    assert [row.card_code for row in refused] == [2], "stored under the card that caused it"
    shop.grant(two, DEBIT, 5_000)
    assert _call(shop, lines, 1, "2026-03-02T12:00:02").error is None
    assert (shop.balance(one, DEBIT), shop.balance(two, DEBIT)) == (0, 4_999)


def test_very_many_lines_make_a_key_that_every_database_takes(shop: Shop) -> None:
    shop.issue(CARD)
    lines = [(3, 1)] * 120
    shop.ok(CARD, lines, **ORDER)
    (row,) = shop.rows(tables.operation)
    assert len(row.idem_key) <= 160
    shop.ok(CARD, lines, **ORDER)
    assert len(shop.rows(tables.operation)) == 1


# ---------------------------------------------------------------- what a roll-back undoes


def test_a_roll_back_is_refused_once_a_return_stands(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.ok(CARD, [(3, 10_000)], **ORDER)
    shop.ok(CARD, [(3, -1_000)], chmode=3, **ORDER)
    outcome = shop.till(CARD, [(3, -10_000)], chmode=2, **ORDER)
    assert outcome.error.code == ErrorCode.WRONG_STATE
    assert shop.balance(holder, SPENT) == 9_000


@pytest.mark.parametrize(("hours", "code"), [(24, None), (24.01, ErrorCode.WRONG_STATE)])
def test_a_roll_back_has_its_hours(shop: Shop, hours: float, code: ErrorCode | None) -> None:
    shop.issue(CARD)
    shop.ok(CARD, [(3, 10_000)], **ORDER)
    shop.pass_time(hours=hours)
    outcome = shop.till(CARD, [(3, -10_000)], chmode=2, **ORDER)
    assert getattr(outcome.error, "code", None) == code


def test_the_hours_are_a_setting(shop: Shop) -> None:
    shop.issue(CARD)
    shop.add(
        division_tables.setting,
        setting_key="loyalty.rollback_hours",
        scope=0,
        scope_id=0,
        value="48",
    )
    shop.ok(CARD, [(3, 10_000)], **ORDER)
    shop.pass_time(hours=40)
    shop.ok(CARD, [(3, -10_000)], chmode=2, **ORDER)


def test_points_that_were_used_already_leave_the_account_uncovered(shop: Shop) -> None:
    shop.type_of(BONUS, refund_earned=1)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 5_000), (3, 10_000)], **ORDER)
    shop.ok(CARD, [(0, -5_000), (3, 20_000)], order_guid="other")
    shop.ok(CARD, [(2, -5_000), (3, -10_000)], chmode=2, **ORDER)
    assert shop.balance(holder, BONUS) == -5_000, "exact, whatever the policy says"
    assert shop.account(holder, BONUS).uncovered == 5_000
    _verified(shop)


def test_lots_that_died_meanwhile_live_until_the_end_of_the_next_business_day(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.grant(holder, BONUS, 1_000, days=0)
    shop.grant(holder, BONUS, 1_000, days=1)
    shop.ok(CARD, [(0, -2_000), (3, 20_000)], **ORDER)
    shop.pass_time(hours=18)
    shop.ok(CARD, [(0, 2_000), (3, -20_000)], chmode=2, **ORDER)
    (term,) = shop.rows(tables.lot_term)
    assert term.new_expires_at - shop.now > timedelta(hours=24)
    days = [row.expires_on for row in shop.rows(tables.lot)]
    assert days == [date(2026, 3, 4), date(2026, 3, 3)], "only the dead one lives longer"
    assert shop.balance(holder, BONUS) == 2_000
    _verified(shop)


def test_a_roll_back_without_a_cheque_number_takes_the_whole_order(shop: Shop) -> None:
    holder = shop.issue(CARD)
    for number in (1, 2):
        shop.ok(CARD, [(3, 1_000)], order_guid="order", check_no=number)
    shop.ok(CARD, [(3, -2_000)], chmode=2, order_guid="order", check_no=0)
    assert shop.balance(holder, SPENT) == 0
    kinds = [row.kind for row in shop.rows(tables.operation)]
    assert kinds.count(OperationKind.SALE_ROLLBACK) == 2
    keys = [row.idem_key for row in shop.rows(tables.operation) if row.kind == 3]
    assert keys[1] == f"{keys[0]}:2"


def test_a_top_up_outside_a_cheque_is_rolled_back_by_the_till_s_numbers(shop: Shop) -> None:
    holder = shop.issue(CARD)
    numbers: dict[str, Any] = {
        "order_guid": None,
        "check_no": 0,
        "rk_check": 55,
        "rk_uni": 4,
        "rk_date": date(2026, 3, 2),
    }
    shop.ok(CARD, [(0, 5_000)], chmode=0, **numbers)
    shop.ok(CARD, [(0, 5_000)], chmode=0, **numbers)
    assert shop.balance(holder, DEBIT) == 5_000
    shop.ok(CARD, [(0, -5_000)], chmode=2, **numbers)
    assert shop.balance(holder, DEBIT) == 0


def test_points_that_burnt_since_are_not_taken_by_a_roll_back(shop: Shop) -> None:
    """Afterwards it is as if the sale had never been (I-28)."""
    shop.type_of(BONUS, life_kind=1, life_value=0)
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 5_000), (3, 10_000)], **ORDER)
    shop.pass_time(hours=20)
    shop.ok(CARD, [(3, 100)], order_guid="settles")
    assert shop.balance(holder, BONUS) == 0
    shop.ok(CARD, [(2, -5_000), (3, -10_000)], chmode=2, **ORDER)
    assert shop.balance(holder, BONUS) == 0
    assert shop.balance(holder, SPENT) == 100
