"""Corrections and roll-backs by hand (domain 3.15, 2.9)."""

from __future__ import annotations

from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.ledger import tables
from card_server.ledger.manual import Adjust, Correction, Header, RollBack, TopUp
from card_server.ledger.records import OperationKind
from card_server.ledger.verify import verify
from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT, Shop

CARD = 1
ORDER: dict[str, Any] = {"order_guid": "order", "check_no": 7}


@pytest.fixture
def guest(shop: Shop) -> int:
    """A guest with 100.00 of points and of money who bought for 200.00."""
    holder = shop.issue(CARD)
    shop.grant(holder, BONUS, 10_000, days=90)
    shop.grant(holder, DEBIT, 10_000)
    shop.ok(CARD, [(0, -12_000), (1, -300), (2, 900), (3, 40_000)], **ORDER)
    return holder


def _post(shop: Shop, make: Any, **facts: Any) -> Any:
    header = Header(key=f"k{shop.count(tables.operation)}", user_id=3, reason_id=1)
    (outcome,) = shop.run(make(header=header, **facts))
    return outcome


def _code(outcome: Any) -> ErrorCode | None:
    return getattr(getattr(outcome, "error", outcome), "code", None)


def _balances(shop: Shop, holder: int) -> tuple[int, ...]:
    return tuple(shop.balance(holder, i) for i in (BONUS, DISCOUNT, DEBIT, SPENT))


def _sale(shop: Shop) -> Any:
    return shop.rows(tables.operation, tables.operation.c.kind == OperationKind.SALE)[0]


def _verified(shop: Shop) -> None:
    report = verify(shop.connection, full=True)
    shop.connection.rollback()
    assert report.ok, report.findings


def test_a_correction_is_the_full_opposite_of_an_operation(shop: Shop, guest: int) -> None:
    assert _balances(shop, guest) == (8_900, -300, 0, 40_000)
    outcome = _post(shop, Correction, operation_id=_sale(shop).operation_id)
    assert _code(outcome) is None
    assert _balances(shop, guest) == (10_000, 0, 10_000, 0)
    row = shop.rows(tables.operation)[-1]
    assert (row.kind, row.reverses_id) == (OperationKind.CORRECTION, _sale(shop).operation_id)
    assert (row.user_id, row.reason_id, row.holder_id) == (3, 1, guest)
    assert all(entry.reverses_entry_id for entry in outcome.entries)
    again = _post(shop, Correction, operation_id=_sale(shop).operation_id)
    assert _code(again) == ErrorCode.WRONG_STATE
    _verified(shop)


def test_chosen_entries_only_and_the_rest_later(shop: Shop, guest: int) -> None:
    operation_id = _sale(shop).operation_id
    entries = shop.rows(tables.entry, tables.entry.c.operation_id == operation_id)
    spent = next(e.entry_id for e in entries if e.account_type_id == SPENT)
    outcome = _post(shop, Correction, operation_id=operation_id, entry_ids=(spent,))
    assert [entry.amount for entry in outcome.entries] == [-40_000]
    assert _balances(shop, guest) == (8_900, -300, 0, 0)
    strange = _post(shop, Correction, operation_id=operation_id, entry_ids=(spent, 77))
    assert _code(strange) == ErrorCode.FIELD_BAD
    rest = _post(shop, Correction, operation_id=operation_id)
    assert len(rest.entries) == len(entries) - 1
    assert _balances(shop, guest) == (10_000, 0, 10_000, 0)


def test_what_was_refunded_is_not_corrected_again(shop: Shop, guest: int) -> None:
    shop.ok(CARD, [(0, 3_000), (3, -10_000)], chmode=3, **ORDER)
    _post(shop, Correction, operation_id=_sale(shop).operation_id)
    assert _balances(shop, guest) == (10_000, 0, 10_000, 0)
    _verified(shop)


def test_a_correction_of_a_refund_makes_the_sale_stand_again(shop: Shop, guest: int) -> None:
    shop.ok(CARD, [(0, 12_000), (1, 300), (2, -900), (3, -40_000)], chmode=3, **ORDER)
    refund = shop.rows(tables.operation)[-1]
    assert refund.kind == OperationKind.REFUND
    _post(shop, Correction, operation_id=refund.operation_id)
    assert _balances(shop, guest) == (8_900, -300, 0, 40_000)
    _verified(shop)


def test_a_correction_may_be_corrected(shop: Shop, guest: int) -> None:
    operation_id = _sale(shop).operation_id
    first = _post(shop, Correction, operation_id=operation_id)
    second = _post(shop, Correction, operation_id=first.operation_id)
    assert _code(second) is None
    assert _balances(shop, guest) == (8_900, -300, 0, 40_000)
    _verified(shop)


def test_a_refused_operation_has_nothing_to_correct(shop: Shop, guest: int) -> None:
    refused = _post(shop, Adjust, holder_id=guest, account_type_id=BONUS, amount=-99_999)
    assert _code(refused) == ErrorCode.INSUFFICIENT
    outcome = _post(shop, Correction, operation_id=refused.operation_id)
    assert _code(outcome) == ErrorCode.TXN_NOT_FOUND
    assert _code(_post(shop, Correction, operation_id=77)) == ErrorCode.TXN_NOT_FOUND


def test_a_roll_back_by_hand_has_no_hours(shop: Shop, guest: int) -> None:
    shop.pass_time(days=3)
    outcome = _post(shop, RollBack, operation_id=_sale(shop).operation_id)
    assert _code(outcome) is None
    assert _balances(shop, guest) == (10_000, 0, 10_000, 0)
    assert shop.rows(tables.operation)[-1].kind == OperationKind.SALE_ROLLBACK
    twice = _post(shop, RollBack, operation_id=_sale(shop).operation_id)
    assert _code(twice) == ErrorCode.WRONG_STATE
    _verified(shop)


def test_a_refund_is_rolled_back_as_its_own_kind(shop: Shop, guest: int) -> None:
    shop.ok(CARD, [(0, 3_000), (3, -10_000)], chmode=3, **ORDER)
    sale = _post(shop, RollBack, operation_id=_sale(shop).operation_id)
    assert _code(sale) == ErrorCode.WRONG_STATE, "a refund of it stands"
    refund = shop.rows(tables.operation, tables.operation.c.kind == OperationKind.REFUND)[0]
    assert _code(_post(shop, RollBack, operation_id=refund.operation_id)) is None
    assert shop.rows(tables.operation)[-1].kind == OperationKind.REFUND_ROLLBACK
    assert _balances(shop, guest) == (8_900, -300, 0, 40_000)
    assert _code(_post(shop, RollBack, operation_id=_sale(shop).operation_id)) is None
    assert _balances(shop, guest) == (10_000, 0, 10_000, 0)
    _verified(shop)


def test_limits_count_again_when_a_refund_is_rolled_back_by_hand(shop: Shop) -> None:
    shop.add(
        account_tables.spend_limit,
        limit_id=1,
        scope=1,
        scope_id=DEBIT,
        account_type_id=DEBIT,
        period=1,
        max_amount=9_000,
    )
    holder = shop.issue(CARD)
    shop.grant(holder, DEBIT, 10_000)
    shop.ok(CARD, [(0, -8_000), (3, 8_000)], **ORDER)
    shop.ok(CARD, [(0, 8_000), (3, -8_000)], chmode=3, **ORDER)
    refund = shop.rows(tables.operation)[-1].operation_id
    assert _code(_post(shop, RollBack, operation_id=refund)) is None
    (counter,) = shop.rows(account_tables.spend_counter)
    assert (counter.used_amount, counter.used_count) == (8_000, 1)
    _post(shop, Correction, operation_id=_sale(shop).operation_id)
    (counter,) = shop.rows(account_tables.spend_counter)
    assert (counter.used_amount, counter.used_count) == (0, 0)


def test_adjustments_are_corrected_not_rolled_back(shop: Shop, guest: int) -> None:
    adjusted = _post(shop, Adjust, holder_id=guest, account_type_id=DEBIT, amount=50)
    outcome = _post(shop, RollBack, operation_id=adjusted.operation_id)
    assert _code(outcome) == ErrorCode.WRONG_STATE
    topped = _post(shop, TopUp, holder_id=guest, account_type_id=DEBIT, amount=70)
    assert _code(_post(shop, RollBack, operation_id=topped.operation_id)) is None
    assert shop.balance(guest, DEBIT) == 50
