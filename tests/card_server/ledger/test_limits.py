"""Spend limits and their counters: domain 1.6, 3.7 (I-32, I-33)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.accounts.records import SpendLimit
from card_server.ledger.book import Book
from card_server.ledger.limits import (
    Payer,
    check_limits,
    count_payment,
    period_begin,
    period_end,
    period_key,
    refusal_of,
    uncount,
    wanted,
)
from card_server.ledger.records import Hold, Purpose
from card_server.ledger.spending import debit, money
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.books import BONUS, DEBIT, account, book_with, draft, rules_with

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
WEEK_STARTS = st.sampled_from(["Monday", "Sunday", "saturday", "nonsense"])
TODAY = date(2026, 3, 2)
PAYER = Payer(classifier_id=1, card_code=77, day=TODAY)


@given(DAYS, st.integers(1, 3), WEEK_STARTS)
def test_every_day_lies_in_exactly_one_period(day: date, period: int, start: str) -> None:
    begin, end = period_begin(period, day, start), period_end(period, day, start)
    assert begin <= day < end
    assert period_begin(period, end, start) == end
    key = period_key(period, day, start)
    assert key == period_key(period, begin, start)
    assert key != period_key(period, end, start)


def test_a_week_begins_on_the_day_of_the_setting() -> None:
    wednesday = date(2026, 3, 4)
    assert period_begin(2, wednesday, "Monday") == date(2026, 3, 2)
    assert period_begin(2, wednesday, "Sunday") == date(2026, 3, 1)


def _limit(**facts: int) -> SpendLimit:
    given = {"limit_id": 1, "scope": 1, "scope_id": DEBIT, "account_type_id": DEBIT, "period": 1}
    return SpendLimit(**{**given, **facts})


def _book(*limits: SpendLimit) -> Book:
    book = book_with(rules_with(limits=limits))
    account(book, DEBIT).balance = 1_000_000
    return book


def _pay(book: Book, amount: int, card: int | None = 77, classifier: int = 1) -> None:
    operation = draft(book, card_code=card, classifier_id=classifier)
    purse = account(book, DEBIT)
    check_limits(book, purse, Payer.of(operation.operation), amount, operation)
    debit(book, operation, purse, amount, Purpose.PAY)
    count_payment(book, operation, purse, amount)


def test_without_limits_nothing_is_wanted() -> None:
    assert wanted(_book(), account(_book(), DEBIT), PAYER) == set()


@given(st.lists(st.integers(1, 400), max_size=8), st.integers(0, 1_000))
def test_no_sequence_of_payments_breaks_a_limit(amounts: list[int], most: int) -> None:
    book = _book(_limit(max_amount=most))
    paid = 0
    for amount in amounts:
        if paid + amount > most:
            with pytest.raises(AppError) as caught:
                _pay(book, amount)
            assert caught.value.code == ErrorCode.LIMIT_EXCEEDED
            assert caught.value.facts["rest"] == money(most - paid)
            continue
        _pay(book, amount)
        paid += amount
    assert paid <= most


def test_the_refusal_says_which_limit_and_when_it_is_renewed() -> None:
    book = _book(_limit(max_amount=500, period=3))
    with pytest.raises(AppError) as caught:
        _pay(book, 501)
    assert caught.value.facts == {
        "period": "month",
        "limit": "5.00",
        "rest": "5.00",
        "when": "2026-04-01",
    }


def test_all_matching_limits_must_hold() -> None:
    book = _book(_limit(max_amount=900), _limit(limit_id=2, max_amount=300, period=2))
    with pytest.raises(AppError) as caught:
        _pay(book, 301)
    assert caught.value.facts["period"] == "week"


def test_payments_are_counted_once_for_an_operation() -> None:
    book = _book(_limit(max_count=2))
    _pay(book, 10)
    operation = draft(book, card_code=77)
    purse = account(book, DEBIT)
    for _ in range(2):
        check_limits(book, purse, PAYER, 10, operation)
        debit(book, operation, purse, 10, Purpose.PAY)
        count_payment(book, operation, purse, 10)
    with pytest.raises(AppError, match="LIMIT_EXCEEDED"):
        _pay(book, 1)


def test_a_cheque_limit_sees_only_its_own_cheque() -> None:
    book = _book(_limit(max_amount=100, period=4))
    _pay(book, 100)
    _pay(book, 100)
    with pytest.raises(AppError, match="LIMIT_EXCEEDED"):
        _pay(book, 101)
    purse = account(book, DEBIT)
    room, why = refusal_of(book, purse, PAYER, 60, draft(book), planned=50)
    assert room == 50
    assert why is not None


@pytest.mark.parametrize(
    ("facts", "binds"),
    [
        ({"scope": 1, "scope_id": DEBIT}, True),
        ({"scope": 2, "scope_id": 2}, True),
        ({"scope": 2, "scope_id": 99}, False),
        ({"scope": 3, "scope_id": 77}, True),
        ({"scope": 3, "scope_id": 78}, False),
        ({"scope": 4, "scope_id": 6}, True),
        ({"scope": 4, "scope_id": 5}, False),
        ({"classifier_id": 1}, True),
        ({"classifier_id": 2}, False),
        ({"account_type_id": BONUS}, False),
    ],
)
def test_whom_a_limit_binds(facts: dict[str, int], binds: bool) -> None:
    book = _book(_limit(max_amount=10, **facts))
    book.groups[1] = 6
    if binds:
        with pytest.raises(AppError, match="LIMIT_EXCEEDED"):
            _pay(book, 11)
    else:
        _pay(book, 11)


def test_a_card_s_limit_does_not_bind_another_card_of_the_holder() -> None:
    book = _book(_limit(scope=3, scope_id=77, max_amount=10))
    _pay(book, 10, card=77)
    _pay(book, 500, card=78)
    _pay(book, 500, card=None)
    with pytest.raises(AppError, match="LIMIT_EXCEEDED"):
        _pay(book, 1, card=77)


def test_what_open_holds_keep_is_spoken_for() -> None:
    book = _book(_limit(max_amount=100))
    purse = account(book, DEBIT)
    hold = Hold(
        hold_id=1,
        account_id=purse.account_id,
        classifier_id=1,
        open_operation_id=1,
        amount=80,
        captured=20,
        state=2,
        expires_at=book.now + timedelta(hours=1),
    )
    book.shelf(purse.account_id).holds[1] = hold
    room, _ = refusal_of(book, purse, PAYER, 100)
    assert room == 40


def test_a_return_in_the_same_period_gives_back_and_a_later_one_does_not() -> None:
    book = _book(_limit(max_amount=100))
    _pay(book, 100)
    sale = draft(book, card_code=77).operation
    purse = account(book, DEBIT)
    uncount(book, purse, sale, TODAY + timedelta(days=1), 100, 1)
    assert refusal_of(book, purse, PAYER, 1)[0] == 0
    uncount(book, purse, sale, TODAY, 40, 0)
    assert refusal_of(book, purse, PAYER, 100)[0] == 40
    uncount(book, purse, sale, TODAY, -40, 0)
    assert refusal_of(book, purse, PAYER, 1)[0] == 0


def test_a_rewound_payment_leaves_the_counter_as_it_was() -> None:
    book = _book(_limit(max_amount=100))
    mark = book.mark()
    _pay(book, 70)
    book.rewind(mark)
    _pay(book, 100)
