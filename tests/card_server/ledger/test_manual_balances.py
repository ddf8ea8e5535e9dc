"""Cash, direct postings, adjustments, opening balances (domain 3.14, 3.18)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.manual import (
    Adjust,
    DirectCredit,
    DirectDebit,
    Header,
    Opening,
    OpeningLot,
    TopUp,
    Withdraw,
)
from card_server.ledger.verify import verify
from shared.wire.errors import ErrorCode
from tests.helpers.shop import BONUS, DEBIT, SPENT, Shop

CARD = 1


def _post(shop: Shop, make: Any, type_id: int = DEBIT, **facts: Any) -> Any:
    """A posting about the guest's account of a type, under a key of its own."""
    key = f"{make.__name__}-{shop.count(tables.operation)}"
    header = Header(key=key, **facts.pop("header", {}))
    holder = shop.rows(account_tables.account)[-1].holder_id
    facts.setdefault("holder_id", holder)
    (outcome,) = shop.run(make(header=header, account_type_id=type_id, **facts))
    return outcome


def _code(outcome: Any) -> ErrorCode | None:
    return getattr(getattr(outcome, "error", outcome), "code", None)


@pytest.mark.parametrize("type_id", [BONUS, SPENT])
def test_cash_goes_only_onto_accounts_of_money(shop: Shop, type_id: int) -> None:
    shop.issue(CARD)
    assert _code(_post(shop, TopUp, type_id, amount=5)) == ErrorCode.CREDIT_FORBIDDEN
    assert _code(_post(shop, Withdraw, type_id, amount=5)) == ErrorCode.DEBIT_FORBIDDEN


def test_a_withdrawal_goes_neither_below_the_floor_nor_on_credit(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.type_of(DEBIT, min_balance=300)
    assert _code(_post(shop, TopUp, amount=1_000)) is None
    assert _code(_post(shop, Withdraw, amount=701)) == ErrorCode.INSUFFICIENT
    table = account_tables.account
    shop.change(table, table.c.holder_id == holder, credit_depth=5_000)
    assert _code(_post(shop, Withdraw, amount=1_001)) == ErrorCode.INSUFFICIENT
    assert _code(_post(shop, Withdraw, amount=1_000)) is None
    assert shop.balance(holder, DEBIT) == 0


def test_a_program_needs_its_matrix_and_the_suite_does_not(shop: Shop) -> None:
    shop.issue(CARD)
    shop.link(DEBIT, credit_allowed=False, debit_allowed=False)
    program = {"classifier_id": shop.classifier_id}
    credits_: list[Any] = [TopUp, DirectCredit]
    debits: list[Any] = [Withdraw, DirectDebit]
    for make in credits_:
        refused = _post(shop, make, amount=5, header=program)
        assert _code(refused) == ErrorCode.CREDIT_FORBIDDEN
        assert _code(_post(shop, make, amount=5)) is None
    for make in debits:
        refused = _post(shop, make, amount=5, header=program)
        assert _code(refused) == ErrorCode.DEBIT_FORBIDDEN
        assert _code(_post(shop, make, amount=5)) is None


def test_a_blocked_account_takes_adjustments_only(shop: Shop) -> None:
    """Domain 2.2."""
    holder = shop.issue(CARD)
    shop.grant(holder, DEBIT, 1_000)
    table = account_tables.account
    shop.change(table, table.c.holder_id == holder, state=2)
    for make in (TopUp, Withdraw, DirectCredit, DirectDebit):
        assert _code(_post(shop, make, amount=5)) == ErrorCode.ACCOUNT_BLOCKED
    assert _code(_post(shop, Adjust, amount=-5, header={"reason_id": 1})) is None


def test_an_adjustment_goes_below_zero_only_when_it_is_allowed_to(shop: Shop) -> None:
    holder = shop.issue(CARD)
    reason = {"reason_id": 1}
    refused = _post(shop, Adjust, BONUS, amount=-500, header=reason)
    assert _code(refused) == ErrorCode.INSUFFICIENT
    done = _post(shop, Adjust, BONUS, amount=-500, allow_negative=True, header=reason)
    assert _code(done) is None
    assert shop.account(holder, BONUS).uncovered == 500
    _post(shop, Adjust, BONUS, amount=800, header=reason)
    assert [lot for lot in shop.lots(holder) if lot[1]] == [(800, 300)]


def test_dates_of_a_direct_credit_may_be_given(shop: Shop) -> None:
    shop.issue(CARD)
    later = shop.now + timedelta(days=2)
    day = date(2026, 6, 1)
    _post(shop, DirectCredit, BONUS, amount=5, available_at=later, expires_on=day)
    (lot,) = shop.rows(tables.lot)
    assert (lot.available_at, lot.expires_on) == (later, day)
    early = date(2026, 3, 1)
    bad = _post(shop, DirectCredit, BONUS, amount=5, expires_on=early)
    assert _code(bad) == ErrorCode.BAD_LIFE


def test_a_direct_debit_keeps_limits_and_counts(shop: Shop) -> None:
    holder = shop.issue(CARD)
    shop.grant(holder, DEBIT, 5_000)
    shop.add(
        account_tables.spend_limit,
        limit_id=1,
        scope=1,
        scope_id=DEBIT,
        account_type_id=DEBIT,
        period=1,
        max_amount=1_000,
    )
    assert _code(_post(shop, DirectDebit, amount=1_001)) == ErrorCode.LIMIT_EXCEEDED
    assert _code(_post(shop, DirectDebit, amount=600)) is None
    (counter,) = shop.rows(account_tables.spend_counter)
    assert (counter.used_amount, counter.used_count) == (600, 1)


def test_a_missing_account_is_opened_for_a_credit(shop: Shop) -> None:
    holder = shop.issue(CARD)
    table = account_tables.account
    with shop.connection.begin():
        shop.connection.execute(
            table.delete().where(table.c.holder_id == holder, table.c.account_type_id == BONUS)
        )
    outcome = _post(shop, DirectCredit, BONUS, amount=70, holder_id=holder)
    assert _code(outcome) is None
    assert shop.balance(holder, BONUS) == 70


# ---------------------------------------------------------------- opening balances


def test_an_opening_balance_brings_its_lots_as_they_were(shop: Shop) -> None:
    holder = shop.issue(CARD)
    lots = (
        OpeningLot(amount=100, expires_on=date(2026, 5, 1), issued_unit_id=1),
        OpeningLot(amount=50, available_at=shop.now + timedelta(days=3)),
        OpeningLot(amount=25),
    )
    assert _code(_post(shop, Opening, BONUS, amount=175, lots=lots)) is None
    rows = shop.rows(tables.lot)
    assert [row.amount for row in rows] == [100, 50, 25]
    assert [row.expires_on for row in rows] == [date(2026, 5, 1), None, None]
    assert shop.account(holder, BONUS).pending == 50
    assert verify(shop.connection, full=True).ok


def test_its_business_date_may_lie_in_closed_books(shop: Shop) -> None:
    holder = shop.issue(CARD)
    division = division_tables.division
    shop.change(division, division.c.division_id == 1, books_closed_until=date(2026, 2, 28))
    months = [date(2025, month, 1) for month in (1, 2, 3)]
    for month in months:
        header = {"business_date": month}
        assert _code(_post(shop, Opening, SPENT, amount=1_000, header=header)) is None
    assert [row.business_date for row in shop.rows(tables.entry)] == months
    assert shop.balance(holder, SPENT) == 3_000


def test_a_debt_may_be_brought_along(shop: Shop) -> None:
    holder = shop.issue(CARD)
    assert _code(_post(shop, Opening, BONUS, amount=-300)) is None
    assert shop.account(holder, BONUS).uncovered == 300


@pytest.mark.parametrize(
    ("amount", "lots"),
    [
        (0, ()),
        (100, (OpeningLot(amount=99),)),
        (100, (OpeningLot(amount=150), OpeningLot(amount=-50))),
    ],
)
def test_lots_that_do_not_add_up_are_malformed(shop: Shop, amount: int, lots: Any) -> None:
    shop.issue(CARD)
    assert _code(_post(shop, Opening, BONUS, amount=amount, lots=lots)) == ErrorCode.FIELD_BAD
    assert shop.rows(tables.operation) == []


def test_a_lot_that_ends_before_it_begins_is_refused(shop: Shop) -> None:
    shop.issue(CARD)
    lots = (OpeningLot(amount=5, expires_on=date(2026, 3, 1)),)
    assert _code(_post(shop, Opening, BONUS, amount=5, lots=lots)) == ErrorCode.BAD_LIFE
