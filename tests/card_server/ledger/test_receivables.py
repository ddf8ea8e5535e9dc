"""Debts of points and the accruals that settle them (domain 3.10, kind 50)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.book import Book
from card_server.ledger.crediting import credit
from card_server.ledger.receivables import settle_debts
from card_server.ledger.records import OperationKind, Purpose
from tests.helpers.books import (
    BONUS,
    DEBIT,
    HOLDER,
    OWED,
    account,
    book_with,
    draft,
    is_sound,
    rules_with,
    type_with,
)


def _owing(debt: int, **kind: int) -> Book:
    book = book_with(rules_with(types=type_with(BONUS, receivable_type_id=OWED, **kind)))
    owed = book.open_account(HOLDER, book.rules.account_types[OWED])
    owed.balance = -debt
    return book


def _earn(book: Book, amount: int, purpose: int = Purpose.EARN) -> None:
    made = draft(book, unit_id=4)
    credit(book, made, account(book, BONUS), amount, purpose)
    book.accept(made)
    settle_debts(book, made)


@given(st.integers(0, 500), st.lists(st.integers(1, 300), min_size=1, max_size=4))
def test_every_accrual_pays_what_is_owed_one_to_one(debt: int, amounts: list[int]) -> None:
    book = _owing(debt)
    for amount in amounts:
        _earn(book, amount)
        assert is_sound(book)
    earned = sum(amounts)
    assert account(book, OWED).balance == -max(0, debt - earned)
    assert account(book, BONUS).balance == max(0, earned - debt)


def test_it_is_an_operation_of_its_own_with_both_sides() -> None:
    book = _owing(70)
    _earn(book, 100)
    sale, settled = book.rows.operations
    assert settled.kind == OperationKind.SETTLE_RECEIVABLE
    assert (settled.unit_id, settled.idem_key) == (4, f"j:receivable:{sale.operation_id}:1")
    pair = [e for e in book.rows.entries if e.operation_id == settled.operation_id]
    assert [(e.account_type_id, e.amount) for e in pair] == [(BONUS, -70), (OWED, 70)]


def test_points_on_their_way_pay_too() -> None:
    book = _owing(70, delay_kind=3, delay_value=5)
    _earn(book, 100)
    assert (account(book, BONUS).balance, account(book, BONUS).pending) == (30, 30)
    assert is_sound(book)


@pytest.mark.parametrize(
    "purpose", [Purpose.ADJUST, Purpose.TRANSFER, Purpose.OPENING, Purpose.REINSTATE]
)
def test_what_is_not_an_accrual_pays_no_debt(purpose: int) -> None:
    book = _owing(70)
    _earn(book, 100, purpose)
    assert account(book, OWED).balance == -70


def test_other_accounts_pay_no_debt() -> None:
    book = _owing(70)
    made = draft(book)
    credit(book, made, account(book, DEBIT), 100, Purpose.DIRECT)
    settle_debts(book, made)
    assert account(book, OWED).balance == -70


def test_points_that_covered_an_older_debit_do_not_pay_twice() -> None:
    book = _owing(70)
    bonus = account(book, BONUS)
    entry = book.add_entry(draft(book), bonus, -90, Purpose.PAY)
    book.set_uncovered(bonus, [(entry, 90)])
    _earn(book, 100)
    assert (bonus.balance, account(book, OWED).balance) == (0, -60)
    assert is_sound(book)
