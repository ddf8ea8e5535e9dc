"""Undoing on the book: give-backs, take-backs, what the group itself wrote meanwhile (3.10)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.book import Book, Draft
from card_server.ledger.crediting import credit, refresh
from card_server.ledger.facts import History
from card_server.ledger.records import LotState, OperationKind, Purpose
from card_server.ledger.reversing import (
    burnt_of,
    give_back,
    keep_lot,
    rest_of,
    reversed_so_far,
    take_back,
    take_from,
    undo,
)
from card_server.ledger.settling import settle
from card_server.ledger.spending import debit
from tests.helpers.books import (
    BONUS,
    HOLDER,
    OWED,
    account,
    book_with,
    draft,
    is_sound,
    put_lot,
    rules_with,
    type_with,
)


def _history(book: Book, made: Draft) -> History:
    """What reading the operation back would give, without what came after."""
    ids = {entry.entry_id for entry in made.entries}
    operation_id = made.operation.operation_id
    allocations = [
        row
        for row in book.rows.allocations
        if row.entry_id in ids or row.operation_id == operation_id
    ]
    return History(
        operation=made.operation,
        entries=list(made.entries),
        lots=[lot for lot in book.rows.lots if lot.entry_id in ids],
        allocations=allocations,
        touched_lots=[],
        lot_allocations=[],
        reversing=[],
        reversing_entries=[],
        terms=[],
        levels=[],
        coupon_uses=[],
        holds=[],
        unposted={},
        skipped={},
    )


def _paid(lots: list[int], amount: int) -> tuple[Book, History]:
    book = book_with()
    for number, size in enumerate(lots):
        put_lot(book, size, days=10 + number)
    refresh(book, account(book, BONUS))
    made = draft(book)
    debit(book, made, account(book, BONUS), amount, Purpose.PAY)
    book.accept(made)
    return book, _history(book, made)


@given(
    st.lists(st.integers(1, 200), min_size=1, max_size=5),
    st.integers(1, 600),
    st.lists(st.integers(1, 200), max_size=5),
)
def test_given_back_in_parts_a_payment_leaves_the_lots_of_a_smaller_one(
    lots: list[int], amount: int, parts: list[int]
) -> None:
    book, history = _paid(lots, amount)
    (entry,) = history.entries
    back = 0
    for part in parts:
        part = min(part, rest_of(book, history, entry))  # noqa: PLW2901 - cut to what is left
        if part == 0:
            break
        give_back(book, draft(book, OperationKind.REFUND), history, entry, part)
        back += part
        assert is_sound(book)
    smaller = _paid(lots, amount - back)[0] if amount > back else _unpaid(lots)
    assert _rests(book) == _rests(smaller)
    assert account(book, BONUS).uncovered == account(smaller, BONUS).uncovered
    assert reversed_so_far(book, history, entry) == back


def _unpaid(lots: list[int]) -> Book:
    book = book_with()
    for number, size in enumerate(lots):
        put_lot(book, size, days=10 + number)
    return book


def _rests(book: Book) -> list[int]:
    return [lot.remaining for _, lot in sorted(book.shelf(1).lots.items())]


def test_a_debit_that_was_covered_inside_the_group_is_given_back_to_that_lot() -> None:
    """The history was read before the credit that covered the debit."""
    book, history = _paid([100], 150)
    credit(book, draft(book), account(book, BONUS), 80, Purpose.EARN)
    give_back(book, draft(book), history, history.entries[0], 150)
    assert account(book, BONUS).balance == 180
    assert is_sound(book)


def test_more_than_the_allocations_hold_is_a_fault_and_not_a_loss() -> None:
    book, history = _paid([100], 100)
    with pytest.raises(LookupError, match="no allocations for 1"):
        give_back(book, draft(book), history, history.entries[0], 101)


def test_grace_and_revival_of_dead_lots() -> None:
    book, history = _paid([100, 100], 200)
    book.now += timedelta(days=10, hours=12)
    (entry,) = history.entries
    give_back(book, draft(book), history, entry, 200, revive=date(2026, 3, 20))
    ends = [lot.expires_on for lot in book.shelf(1).lots.values()]
    assert ends == [date(2026, 3, 20), date(2026, 3, 13)], "only the dead one lives longer"
    assert is_sound(book)


def test_a_lot_is_never_kept_shorter() -> None:
    book = book_with()
    lot = put_lot(book, 100, days=30)
    zone = book.zone(1)
    assert not keep_lot(book, draft(book), lot, date(2026, 3, 20), zone)
    assert keep_lot(book, draft(book), lot, date(2026, 5, 1), zone)
    assert lot.expires_at == zone.day_end(date(2026, 5, 1))
    assert not keep_lot(book, draft(book), put_lot(book, 5, days=None), date(2026, 5, 1), zone)


def _earned(amount: int, **kind: int) -> tuple[Book, History]:
    book = book_with(rules_with(types=type_with(BONUS, **kind)))
    made = draft(book)
    credit(book, made, account(book, BONUS), amount, Purpose.EARN)
    book.accept(made)
    return book, _history(book, made)


def test_a_take_back_cancels_its_own_lot_before_others() -> None:
    book, history = _earned(100)
    put_lot(book, 50, days=1)
    take_back(book, draft(book), history, history.entries[0], 100)
    assert history.lots[0].state == LotState.CANCELLED
    assert account(book, BONUS).balance == 50
    assert is_sound(book)


@pytest.mark.parametrize(
    ("policy", "pending", "taken", "forgiven"),
    [(1, 100, 100, 0), (1, 0, 0, 100), (2, 0, 70, 30), (2, 100, 100, 0), (3, 0, 100, 0)],
)
def test_policies_of_what_was_earned(policy: int, pending: int, taken: int, forgiven: int) -> None:
    """100 earned, 30 of it spent unless it is pending."""
    kind = {"delay_kind": 3, "delay_value": 2} if pending else {}
    book, history = _earned(100, **kind)
    if not pending:
        debit(book, draft(book), account(book, BONUS), 30, Purpose.PAY)
    found = take_back(book, draft(book), history, history.entries[0], 100, policy=policy)
    assert (found.taken, found.forgiven) == (taken, forgiven)
    assert is_sound(book)


def test_policy_4_opens_the_debt_it_needs_and_without_a_linked_type_it_forgives() -> None:
    book, history = _earned(100, receivable_type_id=OWED)
    debit(book, draft(book), account(book, BONUS), 30, Purpose.PAY)
    found = take_back(book, draft(book), history, history.entries[0], 100, policy=4)
    assert (found.taken, found.receivable, found.forgiven) == (70, 30, 0)
    assert account(book, OWED).balance == -30
    unlinked, other = _earned(100)
    debit(unlinked, draft(unlinked), account(unlinked, BONUS), 30, Purpose.PAY)
    found = take_back(unlinked, draft(unlinked), other, other.entries[0], 100, policy=4)
    assert (found.taken, found.receivable, found.forgiven) == (70, 0, 30)
    assert unlinked.account_of_type(HOLDER, OWED) is None


def test_what_was_pinned_is_not_taken() -> None:
    book, history = _earned(100)
    (lot,) = history.lots
    book.set_lot(lot, "held", 60)
    book.set_account(account(book, BONUS), "held", 60)
    found = take_from(book, draft(book), account(book, BONUS), 100, 102, own=[lot], policy=2)
    assert (found.taken, found.forgiven) == (40, 60)


def test_what_burnt_is_known_also_when_this_group_burnt_it() -> None:
    book, history = _earned(100, life_kind=1, life_value=1)
    book.now += timedelta(days=5)
    settle(book, account(book, BONUS))
    (entry,) = history.entries
    assert burnt_of(book, history, entry) == 100
    assert undo(book, draft(book), history) == [], "nothing is left to take"


def test_what_was_forgiven_counts_as_done() -> None:
    book, history = _earned(100)
    (entry,) = history.entries
    history.unposted[entry.entry_id] = 30
    take_back(book, draft(book), history, entry, 20)
    assert rest_of(book, history, entry) == 50


@given(st.integers(1, 300), st.integers(0, 300), st.integers(0, 200))
def test_an_undone_sale_is_as_if_it_had_never_been(earned: int, paid: int, before: int) -> None:
    book = book_with()
    if before:
        put_lot(book, before, days=40)
    made = draft(book)
    paid = min(paid, before)
    if paid:
        debit(book, made, account(book, BONUS), paid, Purpose.PAY)
    credit(book, made, account(book, BONUS), earned, Purpose.EARN)
    book.accept(made)
    undo(book, draft(book, OperationKind.SALE_ROLLBACK), _history(book, made))
    assert account(book, BONUS).balance == before
    assert [rest for rest in _rests(book) if rest] == ([before] if before else [])
    assert is_sound(book)
