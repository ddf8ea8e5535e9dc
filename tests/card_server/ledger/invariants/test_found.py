"""Faults that the laws have found, each as its smallest story."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.classifiers import tables as classifier_tables
from shared.wire.errors import ErrorCode
from tests.helpers.laws import broken_laws
from tests.helpers.raw_ledger import RawLedger
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT, Shop
from tests.helpers.till import Till

CARD = 10001


def test_value_that_burnt_on_arrival_is_settled_by_the_next_sale_of_the_group(shop: Shop) -> None:
    """Found: two late sales in one group left the first one's dead lot in the balance."""
    kind = account_tables.account_type
    shop.change(kind, kind.c.account_type_id == BONUS, life_kind=1, life_value=0)
    holder = shop.issue(CARD)
    late = shop.now - timedelta(days=1, hours=9)
    first = shop.call(CARD, [(2, 30), (3, 300)], occurred_at=late)
    second = shop.call(CARD, [(2, 50), (3, 500)])
    shop.run(first, second)
    assert shop.lots(holder) == [(30, 0), (50, 50)]
    assert shop.balance(holder, BONUS) == 50


@pytest.mark.parametrize(("step", "mode"), [(100, 1), (100, 3), (500, 1)])
def test_a_payment_is_never_rounded_up_beyond_what_is_there(
    shop: Shop, step: int, mode: int
) -> None:
    """Found: 1.50 on an account of whole points could pay 2.00 (I-33)."""
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 150), (3, 1500)])
    kind, matrix = account_tables.account_type, classifier_tables.classifier_account_type
    shop.change(kind, kind.c.account_type_id == BONUS, round_step=step, round_mode=mode)
    shop.change(matrix, matrix.c.account_type_id == BONUS, max_pay_bp=10000)
    outcome = shop.till(CARD, [(0, -150), (3, 1000)])
    assert outcome.error.code == ErrorCode.INSUFFICIENT
    if step == 100:
        shop.ok(CARD, [(0, -100), (3, 1000)])
    assert shop.balance(holder, BONUS) >= 0
    assert not broken_laws(RawLedger(shop.connection), shop.now)


@pytest.mark.parametrize("mode", [1, 2])
def test_what_rounds_to_nothing_makes_no_entry(shop: Shop, mode: int) -> None:
    """Found: a bonus of 0.20 in whole points became an entry of 0, and the whole group failed."""
    holder = shop.issue(CARD)
    kind = account_tables.account_type
    shop.change(
        kind, kind.c.account_type_id.in_([BONUS, DISCOUNT, SPENT]), round_step=100, round_mode=mode
    )
    shop.change(kind, kind.c.account_type_id == DEBIT, round_step=100, round_mode=mode)
    shop.ok(CARD, [(0, 20), (1, -20), (2, 20), (3, 20)])
    assert [shop.balance(holder, t) for t in (BONUS, DISCOUNT, DEBIT, SPENT)] == [0, 0, 0, 0]
    shop.ok(CARD, [(2, 200), (3, 2000)])
    outcome = shop.till(CARD, [(0, -20), (3, 2000)])
    assert outcome.error is None or outcome.error.code == ErrorCode.INSUFFICIENT
    assert not broken_laws(RawLedger(shop.connection), shop.now)


@pytest.mark.parametrize("amount", ["0.20", "-0.20"])
def test_an_xml_item_that_rounds_to_nothing_makes_no_entry(till: Till, amount: str) -> None:
    """Found: the same in the XML API."""
    shop = till.shop
    holder = shop.issue(CARD)
    shop.ok(CARD, [(2, 200), (3, 2000)])
    kind = account_tables.account_type
    shop.change(kind, kind.c.account_type_id == BONUS, round_step=100, round_mode=1)
    number = f"01.1.{shop.account(holder, BONUS).account_id % 10**13}.1"
    item = (
        f"<Transaction><Account_Number>{number}</Account_Number><Amount>{amount}</Amount>"
        f"<External_ID>7</External_ID></Transaction>"
    )
    answer = till.act("Transaction", item)
    assert answer.find(".//Transaction_ID") is not None, answer.attrib
    assert shop.balance(holder, BONUS) == 200
    assert not broken_laws(RawLedger(shop.connection), shop.now)


@pytest.mark.parametrize("k_bp", [5000, 3333, 12500])
@pytest.mark.parametrize("parts", [[155, 155], [103, 103, 104], [1, 309], [77, 78, 77, 78]])
def test_parts_of_a_return_add_up_whatever_the_coefficient(
    shop: Shop, k_bp: int, parts: list[int]
) -> None:
    """Found: with a coefficient the last part of a full return was "too big" by a kopeck (I-29)."""
    matrix = classifier_tables.classifier_account_type
    shop.change(matrix, matrix.c.account_type_id == BONUS, credit_k_bp=k_bp, debit_k_bp=k_bp)
    holder = shop.issue(CARD)
    order: dict[str, Any] = {"order_guid": "parts", "check_no": 1}
    shop.ok(CARD, [(2, 310), (3, 310)], **order)
    for i, part in enumerate(parts):
        shop.pass_time(minutes=1)
        shop.ok(CARD, [(2, -part), (3, -part), *[(1, 0)] * i], chmode=3, **order)
    assert shop.balance(holder, BONUS) == 0
    assert shop.balance(holder, SPENT) == 0
    shop.pass_time(minutes=1)
    shop.ok(CARD, [(2, 310), (3, 310)], chmode=4, order_guid="parts", check_no=0)
    assert shop.balance(holder, SPENT) == 310
    shop.ok(CARD, [(2, -310), (3, -310), *[(1, 0)] * 9], chmode=3, **order)
    assert shop.balance(holder, BONUS) == 0
    assert not broken_laws(RawLedger(shop.connection), shop.now)
