"""Holds on the book: pins, captures past their date, ends (domain 2.5, 3.8, I-18 .. I-21)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.book import Book
from card_server.ledger.crediting import refresh
from card_server.ledger.holding import (
    capture_hold,
    ended,
    expire_hold,
    extend_hold,
    holds_of_order,
    is_open,
    open_hold,
    rest_of,
    until,
    void_hold,
)
from card_server.ledger.records import Hold, HoldState, OperationKind, Purpose
from card_server.ledger.settling import settle
from card_server.ledger.spending import debit, worth
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.books import BONUS, DEBIT, account, book_with, draft, is_sound, put_lot


def _book(*lots: int) -> Book:
    book = book_with()
    for number, amount in enumerate(lots):
        put_lot(book, amount, days=10 + number)
    refresh(book, account(book, BONUS))
    return book


def _open(book: Book, amount: int, type_id: int = BONUS, **facts: Any) -> Hold:
    operation = draft(book, OperationKind.HOLD_OPEN, **facts)
    end = book.now + timedelta(hours=1)
    return open_hold(book, operation, account(book, type_id), amount, end)


def _state(book: Book) -> tuple[object, ...]:
    bonus = account(book, BONUS)
    lots = sorted(book.shelf(bonus.account_id).lots.items())
    return (
        bonus.balance,
        bonus.held,
        bonus.uncovered,
        worth(book, bonus).spendable,
        [(i, lot.remaining, lot.held, lot.state) for i, lot in lots],
    )


@given(st.lists(st.integers(1, 300), min_size=1, max_size=5), st.integers(1, 100))
def test_opened_and_ended_a_hold_leaves_every_number_as_before(
    lots: list[int], percent: int
) -> None:
    book = _book(*lots)
    before = _state(book)
    amount = max(1, sum(lots) * percent // 100)
    for end in (void_hold, expire_hold):
        hold = _open(book, amount)
        assert account(book, BONUS).held == amount
        assert worth(book, account(book, BONUS)).spendable == sum(lots) - amount
        assert is_sound(book)
        end(book, draft(book), hold)
        assert _state(book) == before


@given(
    st.lists(st.integers(1, 300), min_size=1, max_size=5),
    st.lists(st.integers(1, 200), max_size=4),
)
def test_captures_take_the_pinned_lots_and_never_more_than_was_held(
    lots: list[int], captures: list[int]
) -> None:
    book = _book(*lots)
    hold = _open(book, sum(lots))
    for amount in captures:
        if amount > rest_of(hold):
            with pytest.raises(AppError, match="WRONG_STATE"):
                capture_hold(book, draft(book), hold, amount)
            continue
        capture_hold(book, draft(book), hold, amount)
        assert is_sound(book)
    assert account(book, BONUS).held == rest_of(hold)
    assert account(book, BONUS).uncovered == 0


def test_a_hold_pins_lots_in_burn_order_and_payments_pass_around_it() -> None:
    book = _book(100, 200)
    _open(book, 150)
    assert [book.lot(i).held for i in (1, 2)] == [100, 50]
    debit(book, draft(book), account(book, BONUS), 150, Purpose.PAY)
    assert [book.lot(i).remaining for i in (1, 2)] == [100, 50]


def test_pinned_value_is_captured_even_past_its_date() -> None:
    book = _book(100)
    operation = draft(book, OperationKind.HOLD_OPEN)
    hold = open_hold(book, operation, account(book, BONUS), 60, book.now + timedelta(days=20))
    book.now += timedelta(days=15)
    settle(book, account(book, BONUS))
    assert account(book, BONUS).balance == 60, "what is not pinned burns"
    capture_hold(book, draft(book), hold, 60)
    assert account(book, BONUS).balance == 0
    assert is_sound(book)


def test_what_a_void_frees_past_its_date_burns_at_the_next_settle() -> None:
    book = _book(100)
    operation = draft(book, OperationKind.HOLD_OPEN)
    hold = open_hold(book, operation, account(book, BONUS), 60, book.now + timedelta(days=20))
    book.now += timedelta(days=15)
    void_hold(book, draft(book), hold)
    assert worth(book, account(book, BONUS)).spendable == 0
    settle(book, account(book, BONUS))
    assert account(book, BONUS).balance == 0


def test_settling_ends_a_hold_whose_moment_has_passed() -> None:
    book = _book(100)
    hold = _open(book, 60)
    book.now += timedelta(hours=2)
    settle(book, account(book, BONUS))
    assert hold.state == HoldState.EXPIRED
    assert account(book, BONUS).held == 0
    kinds = [row.kind for row in book.rows.operations]
    assert kinds == [OperationKind.HOLD_EXPIRE]
    assert book.rows.operations[0].idem_key == "j:holds.expire:2026-03-02:1"


def test_credit_depth_is_held_without_a_pin_and_captured_uncovered() -> None:
    book = _book(100)
    account(book, BONUS).credit_depth = 50
    hold = _open(book, 150)
    assert book.lot(1).held == 100
    capture_hold(book, draft(book), hold, 150)
    assert account(book, BONUS).uncovered == 50
    assert is_sound(book)


def test_a_hold_is_checked_as_a_payment_is() -> None:
    book = _book(100)
    _open(book, 60)
    with pytest.raises(AppError) as caught:
        _open(book, 60)
    assert caught.value.code == ErrorCode.HELD_ELSEWHERE
    account(book, BONUS).state = 2
    with pytest.raises(AppError, match="ACCOUNT_BLOCKED"):
        _open(book, 10)


def test_states_follow_the_events() -> None:
    book = _book(100)
    hold = _open(book, 100)
    assert hold.state == HoldState.OPEN
    capture_hold(book, draft(book), hold, 40)
    assert hold.state == HoldState.PART_CAPTURED
    void_hold(book, draft(book), hold)
    assert hold.state == HoldState.RELEASED
    whole = _open(book, 60)
    capture_hold(book, draft(book), whole, 60)
    assert whole.state == HoldState.CAPTURED
    events = [(e.hold_id, e.event, e.amount) for e in book.rows.hold_events]
    assert events == [(1, 1, 100), (1, 2, 40), (1, 3, 60), (2, 1, 60), (2, 2, 60)]


@pytest.mark.parametrize("end", [void_hold, expire_hold])
def test_an_ended_hold_does_not_end_again(end: Any) -> None:
    book = _book(100)
    hold = _open(book, 100)
    end(book, draft(book), hold)
    with pytest.raises(AppError) as caught:
        void_hold(book, draft(book), hold)
    assert caught.value.code == ErrorCode.HOLD_ENDED
    assert not is_open(hold, book.now)


def test_the_refusal_says_why_a_hold_ended() -> None:
    book = _book(100)
    hold = _open(book, 100)
    book.now += timedelta(hours=2)
    assert ended(book, hold).facts["why"] == "expired", "by the clock, before it is booked"
    void_hold(book, draft(book), hold)
    assert ended(book, hold).facts["why"] == "voided"


def test_a_hold_may_only_be_extended() -> None:
    book = _book(100)
    hold = _open(book, 100)
    later = hold.expires_at + timedelta(minutes=5)
    extend_hold(book, draft(book), hold, later)
    assert hold.expires_at == later
    with pytest.raises(AppError, match="FIELD_BAD"):
        extend_hold(book, draft(book), hold, later)


def test_the_life_of_a_hold_has_bounds() -> None:
    book = _book()
    classifier = book.rules.classifiers[1]
    assert until(book, classifier, None) == book.now + timedelta(minutes=60)
    assert until(book, classifier, 10_080) == book.now + timedelta(days=7)
    for minutes in (0, 10_081):
        with pytest.raises(AppError) as caught:
            until(book, classifier, minutes)
        assert caught.value.unstored


def test_holds_of_an_order_are_those_of_its_caller_that_stand() -> None:
    book = _book(100)
    mine = _open(book, 10, order_guid="order")
    _open(book, 10, order_guid="other")
    _open(book, 10, order_guid="order", classifier_id=2)
    bonus = account(book, BONUS)
    assert holds_of_order(book, bonus, 1, "order") == [mine]
    assert holds_of_order(book, bonus, 1, None) == []
    book.now += timedelta(hours=2)
    assert holds_of_order(book, bonus, 1, "order") == []


def test_an_account_without_lots_holds_money() -> None:
    book = _book()
    account(book, DEBIT).balance = 100
    hold = _open(book, 80, DEBIT)
    assert worth(book, account(book, DEBIT)).spendable == 20
    capture_hold(book, draft(book), hold, 80)
    assert (account(book, DEBIT).balance, account(book, DEBIT).held) == (20, 0)


def test_a_rewound_hold_leaves_nothing_behind() -> None:
    book = _book(100)
    before = _state(book)
    mark = book.mark()
    hold = _open(book, 60)
    capture_hold(book, draft(book), hold, 20)
    book.rewind(mark)
    assert _state(book) == before
    assert not book.rows.holds
    assert not book.rows.hold_lots
    assert not book.rows.hold_events
    assert hold.hold_id not in book.shelf(account(book, BONUS).account_id).holds
