"""Debits: worth, burn order, what stays uncovered, why there is too little (domain 1.6, 3.7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.accounts.records import ACCOUNT_BLOCKED
from card_server.ledger.book import Book
from card_server.ledger.crediting import burn_order, refresh
from card_server.ledger.records import LotState, Purpose
from card_server.ledger.spending import check_account, check_funds, debit, money, worth
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.books import (
    BONUS,
    DEBIT,
    SPENT,
    account,
    book_with,
    draft,
    is_sound,
    put_lot,
    rules_with,
    type_with,
)

LOTS = st.lists(
    st.tuples(
        st.integers(1, 500),
        st.one_of(st.none(), st.integers(-3, 40).filter(bool)),
        st.integers(-2, 3),
    ),
    max_size=8,
)


def _book(lots: list[tuple[int, int | None, int]]) -> Book:
    book = book_with()
    for amount, days, in_days in lots:
        put_lot(book, amount, days=days, in_days=in_days)
    refresh(book, account(book, BONUS))
    return book


@given(LOTS, st.integers(1, 2_000))
def test_a_payment_takes_lots_in_burn_order_and_leaves_the_rest_uncovered(
    lots: list[tuple[int, int | None, int]], amount: int
) -> None:
    book = _book(lots)
    bonus = account(book, BONUS)
    order = [(lot.lot_id, lot.remaining) for lot in burn_order(book, bonus)]
    available = sum(rest for _, rest in order)
    debit(book, draft(book), bonus, amount, Purpose.PAY)
    taken = {row.lot_id: row.amount for row in book.rows.allocations}
    left = amount
    for lot_id, rest in order:
        assert taken.get(lot_id, 0) == min(left, rest)
        left -= min(left, rest)
    assert bonus.uncovered == max(0, amount - available)
    assert is_sound(book)


@given(LOTS)
def test_worth_counts_neither_pending_nor_burnt_value(
    lots: list[tuple[int, int | None, int]],
) -> None:
    book = _book(lots)
    figures = worth(book, account(book, BONUS))
    assert figures.spendable == sum(lot.remaining for lot in burn_order(book, account(book, BONUS)))


def test_lots_burn_by_end_then_availability_then_number_and_endless_ones_last() -> None:
    book = _book([(1, None, 0), (2, 20, 0), (3, 10, 0), (4, 10, -1), (5, 10, 0)])
    order = [lot.amount for lot in burn_order(book, account(book, BONUS))]
    assert order == [4, 3, 5, 2, 1]


def test_an_emptied_lot_is_spent() -> None:
    book = _book([(100, 10, 0)])
    debit(book, draft(book), account(book, BONUS), 100, Purpose.PAY)
    assert book.lot(1).state == LotState.SPENT


def test_credit_depth_lets_the_balance_go_below_zero_and_no_further() -> None:
    book = book_with()
    money_account = account(book, DEBIT)
    money_account.credit_depth = 500
    check_funds(book, money_account, 500)
    with pytest.raises(AppError) as caught:
        check_funds(book, money_account, 501)
    assert caught.value.facts["available"] == "5.00"


def test_a_minimum_balance_works_only_without_credit_depth() -> None:
    book = book_with(rules_with(types=type_with(DEBIT, min_balance=300)))
    money_account = account(book, DEBIT)
    money_account.balance = 1_000
    assert worth(book, money_account).spendable == 700
    money_account.credit_depth = 200
    assert worth(book, money_account).spendable == 1_200
    assert worth(book, money_account, depth=50).spendable == 1_050
    assert worth(book, money_account, depth=0).spendable == 700


def test_accounts_that_only_record_never_lack_funds() -> None:
    book = book_with()
    check_funds(book, account(book, SPENT), 1_000_000)


def test_held_value_is_the_reason_where_it_is() -> None:
    book = book_with()
    money_account = account(book, DEBIT)
    money_account.balance = money_account.held = 1_000
    with pytest.raises(AppError) as caught:
        check_funds(book, money_account, 900)
    assert caught.value.code == ErrorCode.HELD_ELSEWHERE
    with pytest.raises(AppError) as short:
        check_funds(book, money_account, 1_001)
    assert short.value.code == ErrorCode.INSUFFICIENT


def test_pending_value_is_the_reason_where_nothing_else_is_there() -> None:
    book = _book([(1_000, 30, 2)])
    with pytest.raises(AppError) as caught:
        check_funds(book, account(book, BONUS), 900)
    assert caught.value.code == ErrorCode.PENDING_ONLY
    assert caught.value.facts["sum"] == "10.00"


def test_blocked_and_expired_accounts_do_not_pay() -> None:
    book = book_with()
    money_account = account(book, DEBIT)
    check_account(book, money_account)
    money_account.valid_to = (book.now - timedelta(days=1)).date()
    with pytest.raises(AppError, match="ACCOUNT_BLOCKED"):
        check_account(book, money_account)
    money_account.valid_to = None
    money_account.state = ACCOUNT_BLOCKED
    money_account.block_reason = "спор"
    with pytest.raises(AppError) as caught:
        check_account(book, money_account)
    assert caught.value.facts["reason"] == "спор"


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56")]
)
def test_sums_in_refusals_are_decimal(amount: int, text: str) -> None:
    assert money(amount) == text
