"""Moving value between accounts of one type (domain 3.13)."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.accounts.records import Account
from card_server.ledger.book import Book
from card_server.ledger.crediting import refresh
from card_server.ledger.facts import AccountLots
from card_server.ledger.moving import movable, move, move_all
from card_server.ledger.records import Lot, LotState, OperationKind, Purpose
from card_server.ledger.spending import debit
from shared.wire.errors import AppError
from tests.helpers.books import BONUS, DEBIT, account, book_with, draft, is_sound, put_lot

LOTS = st.lists(
    st.tuples(st.integers(1, 300), st.integers(1, 40), st.integers(-1, 2)), min_size=1, max_size=6
)
TARGET: Final = 50


def _book(lots: list[tuple[int, int, int]], type_id: int = BONUS) -> tuple[Book, Account, Account]:
    book = book_with()
    for amount, days, in_days in lots:
        put_lot(book, amount, days=days + 2, in_days=in_days)
    refresh(book, account(book, BONUS))
    target = Account(account_id=TARGET, holder_id=2, account_type_id=type_id, opened_at=book.now)
    book.put_account(target)
    book.put_lots(TARGET, AccountLots(lots=[], uncovered=[], holds=[], hold_lots=[]))
    return book, account(book, type_id), target


@given(LOTS)
def test_all_of_it_keeps_amounts_dates_and_what_is_pending(
    lots: list[tuple[int, int, int]],
) -> None:
    book, source, target = _book(lots)
    old = {i: (lot.amount, lot.available_at, lot.expires_at) for i, lot in _lots(book, 1).items()}
    pending = source.pending
    move_all(book, draft(book, OperationKind.TRANSFER), source, target)
    new = _lots(book, TARGET).values()
    assert {lot.parent_lot_id: (lot.amount, lot.available_at, lot.expires_at) for lot in new} == old
    assert (source.balance, source.pending, target.pending) == (0, 0, pending)
    assert all(lot.state == LotState.CANCELLED for lot in _lots(book, 1).values())
    assert is_sound(book)


@given(LOTS, st.integers(1, 2_000))
def test_a_part_takes_what_ends_first_and_pending_value_last(
    lots: list[tuple[int, int, int]], amount: int
) -> None:
    book, source, target = _book(lots)
    whole = movable(book, source)
    if amount > whole:
        with pytest.raises(AppError, match="INSUFFICIENT"):
            move(book, draft(book), source, target, amount)
        return
    available = whole - source.pending
    move(book, draft(book), source, target, amount)
    assert source.balance + target.balance == sum(lot[0] for lot in lots)
    assert target.pending == max(0, amount - available)
    assert is_sound(book)


@given(st.integers(1, 500), st.integers(0, 400))
def test_a_debt_moves_as_a_debt(debt: int, points: int) -> None:
    book, source, target = _book([(1, 10, 0)])
    debit(book, draft(book), source, debt + 1, Purpose.PAY)
    if points:
        _give(book, target, points)
    move_all(book, draft(book), source, target)
    assert (source.balance, source.uncovered) == (0, 0)
    assert target.balance == points - debt
    assert target.uncovered == max(0, debt - points)
    assert is_sound(book)


def _give(book: Book, target: Account, points: int) -> None:
    lot = put_lot(book, points)
    book.set_account(account(book, BONUS), "balance", account(book, BONUS).balance - points)
    book.shelf(1).lots.pop(lot.lot_id)
    lot.account_id = TARGET
    book.shelf(TARGET).lots[lot.lot_id] = lot
    book.set_account(target, "balance", points)


@pytest.mark.parametrize("balance", [700, 0, -300])
def test_a_balance_without_lots_moves_as_one_pair(balance: int) -> None:
    book, source, target = _book([(1, 10, 0)], DEBIT)
    book.set_account(source, "balance", balance)
    move_all(book, draft(book), source, target)
    assert (source.balance, target.balance) == (0, balance)
    assert len(book.rows.entries) == (2 if balance else 0)


def _lots(book: Book, account_id: int) -> dict[int, Lot]:
    return dict(book.shelf(account_id).lots)
