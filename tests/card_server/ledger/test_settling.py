"""Settling an account: due holds end, due value burns, available value covers (3.1 step 5)."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.book import Book
from card_server.ledger.crediting import burn_order, refresh
from card_server.ledger.records import LotState, OperationKind, Purpose
from card_server.ledger.settling import settle
from card_server.ledger.spending import worth
from tests.helpers.books import BONUS, account, book_with, draft, is_sound, put_lot

LOTS = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 20), st.integers(-1, 5)), max_size=6)


def _book(lots: list[tuple[int, int, int]], debt: int = 0) -> Book:
    book = book_with()
    for amount, days, in_days in lots:
        put_lot(book, amount, days=days + in_days, in_days=in_days)
    bonus = account(book, BONUS)
    if debt:
        entry = book.add_entry(draft(book), bonus, -debt, Purpose.PAY)
        book.set_uncovered(bonus, [(entry, debt)])
    refresh(book, bonus)
    return book


@given(LOTS, st.integers(0, 500), st.integers(0, 30))
def test_after_settling_nothing_is_due_and_nothing_free_leaves_a_debt(
    lots: list[tuple[int, int, int]], debt: int, days: int
) -> None:
    """I-11, I-14."""
    book = _book(lots, debt)
    book.now += timedelta(days=days)
    bonus = account(book, BONUS)
    settle(book, bonus)
    assert is_sound(book)
    now = book.now
    for lot in book.shelf(bonus.account_id).lots.values():
        assert not (lot.remaining and lot.expires_at and lot.expires_at <= now)
    if bonus.uncovered:
        assert burn_order(book, bonus) == []
    lengths = book.rows.lengths()
    settle(book, bonus)
    assert book.rows.lengths() == lengths, "settling twice is settling once"


@given(LOTS, st.integers(0, 30))
def test_what_may_be_spent_is_the_same_before_and_after(
    lots: list[tuple[int, int, int]], days: int
) -> None:
    """I-42."""
    book = _book(lots)
    book.now += timedelta(days=days)
    bonus = account(book, BONUS)
    before = worth(book, bonus).spendable
    settle(book, bonus)
    assert worth(book, bonus).spendable == before
    assert bonus.balance - bonus.pending == before, "and the caches say so"


def test_burning_is_one_operation_of_the_suite() -> None:
    book = _book([(100, 1, 0), (50, 2, 0), (70, 30, 0)])
    book.now += timedelta(days=9)
    operation = settle(book, account(book, BONUS))
    assert operation is not None
    assert (operation.kind, operation.classifier_id) == (OperationKind.EXPIRE, 0)
    assert [entry.amount for entry in book.rows.entries] == [-150]
    assert [book.lot(i).state for i in (1, 2, 3)] == [
        LotState.BURNT,
        LotState.BURNT,
        LotState.AVAILABLE,
    ]


def test_value_that_became_available_covers_without_an_entry() -> None:
    book = _book([(100, 30, 2)], debt=40)
    bonus = account(book, BONUS)
    assert settle(book, bonus) is None
    book.now += timedelta(days=2)
    operation = settle(book, bonus)
    assert operation is not None
    assert operation.kind == OperationKind.EXPIRE
    assert (bonus.uncovered, bonus.pending) == (0, 0)
    assert [e.operation_id for e in book.rows.entries] != [operation.operation_id]


def test_an_account_that_was_not_read_is_left_alone() -> None:
    book = _book([(100, 1, 0)])
    book.now += timedelta(days=9)
    book.shelf(1).loaded = False
    assert settle(book, account(book, BONUS)) is None
    assert account(book, BONUS).balance == 100
