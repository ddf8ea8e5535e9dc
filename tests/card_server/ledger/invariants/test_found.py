"""Faults that the laws have found, each as its smallest story."""

from __future__ import annotations

from datetime import timedelta

import pytest

from card_server.accounts import tables as account_tables
from card_server.classifiers import tables as classifier_tables
from shared.wire.errors import ErrorCode
from tests.helpers.laws import broken_laws
from tests.helpers.raw_ledger import RawLedger
from tests.helpers.shop import BONUS, Shop

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
