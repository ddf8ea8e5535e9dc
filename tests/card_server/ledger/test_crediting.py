"""Credits: delay, life, and the covering of debits that no lot has paid (domain 3.6)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.ledger.book import Book
from card_server.ledger.calendar import zone_of
from card_server.ledger.crediting import (
    LotSpec,
    available_from,
    credit,
    last_day,
    lot_terms,
    refresh,
    state_by_clock,
)
from card_server.ledger.records import REVERSAL, LotState, Purpose
from card_server.ledger.spending import debit
from tests.helpers.books import (
    BONUS,
    TYPES,
    account,
    book_with,
    draft,
    is_sound,
    put_lot,
    rules_with,
    type_with,
)

MOSCOW = zone_of("Europe/Moscow", 240)
NOON = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("kind", "value", "moment"),
    [
        (0, 0, NOON),
        (1, 90, datetime(2026, 3, 2, 10, 30, tzinfo=UTC)),
        (2, 5, datetime(2026, 3, 2, 14, 0, tzinfo=UTC)),
        (3, 2, datetime(2026, 3, 4, 1, 0, tzinfo=UTC)),
    ],
)
def test_delays(kind: int, value: int, moment: datetime) -> None:
    bonus = type_with(BONUS, delay_kind=kind, delay_value=value)[BONUS]
    assert available_from(bonus, NOON, MOSCOW) == moment


@pytest.mark.parametrize(
    ("kind", "value", "day"),
    [
        (0, 10, None),
        (1, 10, date(2026, 3, 12)),
        (2, 6, date(2026, 9, 2)),
        (3, 1, date(2026, 4, 30)),
        (4, 1231, date(2026, 12, 31)),
        (4, 301, date(2027, 3, 1)),
        (5, 90, date(2026, 5, 31)),
    ],
)
def test_lives(kind: int, value: int, day: date | None) -> None:
    assert last_day(type_with(BONUS, life_kind=kind, life_value=value)[BONUS], DAY) == day


def test_life_counts_from_the_business_date_of_availability_and_ends_with_its_last_day() -> None:
    bonus = type_with(BONUS, delay_kind=3, delay_value=5, life_kind=1, life_value=10)[BONUS]
    spec = lot_terms(bonus, 100, NOON, MOSCOW)
    assert spec.expires_on == date(2026, 3, 17)
    assert spec.expires_at == datetime(2026, 3, 18, 1, 0, tzinfo=UTC)


def test_the_caller_s_life_and_delay_win() -> None:
    later = NOON + timedelta(days=1)
    spec = lot_terms(TYPES[BONUS], 100, NOON, MOSCOW, delay=later, life=date(2026, 3, 5))
    assert (spec.available_at, spec.expires_on) == (later, date(2026, 3, 5))


def test_a_backdated_credit_is_dated_from_its_moment_and_may_be_born_dead() -> None:
    book = book_with()
    past = book.now - timedelta(days=40)
    credit(book, draft(book, occurred_at=past), account(book, BONUS), 100, Purpose.EARN)
    (lot,) = book.rows.lots
    assert lot.available_at == past
    assert lot.state == LotState.DUE


def test_a_credit_from_a_clock_ahead_is_usable_at_once() -> None:
    book = book_with()
    ahead = book.now + timedelta(minutes=9)
    credit(book, draft(book, occurred_at=ahead), account(book, BONUS), 100, Purpose.EARN)
    assert book.rows.lots[0].available_at == book.now
    assert account(book, BONUS).pending == 0


def test_pending_lots_count_as_pending_until_their_moment() -> None:
    book = book_with(rules_with(types=type_with(BONUS, delay_kind=2, delay_value=3)))
    bonus = account(book, BONUS)
    credit(book, draft(book), bonus, 100, Purpose.EARN)
    assert (bonus.pending, bonus.next_lot_event_at) == (100, book.now + timedelta(hours=3))
    book.now += timedelta(hours=3)
    refresh(book, bonus)
    assert bonus.pending == 0
    assert book.rows.lots[0].state == LotState.AVAILABLE


def _owing(book: Book, *amounts: int) -> None:
    for amount in amounts:
        debit(book, draft(book), account(book, BONUS), amount, Purpose.PAY)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=5), st.integers(1, 1_500))
def test_a_credit_covers_the_oldest_debit_first(debts: list[int], amount: int) -> None:
    book = book_with()
    _owing(book, *debts)
    bonus = account(book, BONUS)
    credit(book, draft(book), bonus, amount, Purpose.EARN)
    left, rests = amount, []
    for debt in debts:
        paid = min(left, debt)
        left -= paid
        if debt > paid:
            rests.append(debt - paid)
    assert [rest for _, rest in book.shelf(bonus.account_id).uncovered] == rests
    assert is_sound(book)


def test_a_pending_lot_covers_nothing_until_it_is_available() -> None:
    book = book_with(rules_with(types=type_with(BONUS, delay_kind=2, delay_value=3)))
    _owing(book, 50)
    bonus = account(book, BONUS)
    credit(book, draft(book), bonus, 100, Purpose.EARN)
    assert bonus.uncovered == 50


def test_a_take_back_is_covered_by_its_own_lot_first_even_while_pending() -> None:
    book = book_with(rules_with(types=type_with(BONUS, delay_kind=2, delay_value=3)))
    bonus = account(book, BONUS)
    earned = credit(book, draft(book), bonus, 100, Purpose.EARN)
    put_lot(book, 30, days=1)
    entry = book.add_entry(
        draft(book), bonus, -60, Purpose.EARN + REVERSAL, reverses_entry_id=earned.entry_id
    )
    book.set_uncovered(bonus, [(entry, 60)])
    credit(book, draft(book), bonus, 10, Purpose.EARN)
    own = next(lot for lot in book.rows.lots if lot.entry_id == earned.entry_id)
    assert own.remaining == 40
    assert bonus.uncovered == 0
    assert is_sound(book)


def test_an_entry_may_make_several_lots_with_parents() -> None:
    book = book_with()
    specs = [
        LotSpec(amount=30, available_at=book.now, parent_lot_id=77, issued_unit_id=4),
        LotSpec(amount=70, available_at=book.now + timedelta(days=1)),
    ]
    credit(book, draft(book, unit_id=9), account(book, BONUS), 100, Purpose.TRANSFER, lots=specs)
    first, second = book.rows.lots
    assert (first.line, first.parent_lot_id, first.issued_unit_id) == (1, 77, 4)
    assert (second.line, second.parent_lot_id, second.issued_unit_id) == (2, None, 9)
    assert account(book, BONUS).pending == 70


def test_state_follows_the_clock() -> None:
    book = book_with()
    lot = put_lot(book, 10, days=2, in_days=1)
    states = [state_by_clock(lot, book.now + timedelta(days=days)) for days in (0, 1, 2)]
    assert states == [LotState.PENDING, LotState.AVAILABLE, LotState.DUE]
