"""The working set of a group: every change can be taken back without a trace."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.accounts.records import Account, SpendCounter
from card_server.ledger.book import Book
from card_server.ledger.crediting import credit
from card_server.ledger.facts import AccountLots, CounterKey
from card_server.ledger.holding import capture_hold, open_hold, void_hold
from card_server.ledger.records import Hold, HoldLot, Purpose
from card_server.ledger.settling import settle
from card_server.ledger.spending import debit, worth
from shared.wire.errors import AppError, ErrorCode
from tests.helpers.books import (
    BONUS,
    DEBIT,
    HOLDER,
    NOW,
    OWED,
    account,
    book_with,
    draft,
    is_sound,
    put_lot,
    rules_with,
    type_with,
)

DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["credit", "debit", "hold", "capture", "void", "time", "count"]),
        st.integers(1, 400),
    ),
    max_size=12,
)


def _do(book: Book, name: str, amount: int) -> None:
    bonus = account(book, BONUS)
    holds = [h for h in book.shelf(bonus.account_id).holds.values() if h.state in (1, 2)]
    if name == "credit":
        credit(book, draft(book), bonus, amount, Purpose.EARN)
    elif name == "debit" and worth(book, bonus).spendable >= amount:
        debit(book, draft(book), bonus, amount, Purpose.PAY)
    elif name == "hold" and worth(book, bonus).spendable >= amount:
        open_hold(book, draft(book), bonus, amount, book.now + timedelta(days=90))
    elif name == "capture" and holds:
        capture_hold(book, draft(book), holds[0], min(amount, holds[0].amount - holds[0].captured))
    elif name == "void" and holds:
        void_hold(book, draft(book), holds[-1])
    elif name == "time":
        book.now += timedelta(days=amount % 20)
        settle(book, bonus)
    elif name == "count":
        book.count(CounterKey(1, 2, 3), amount, 1)


def _picture(book: Book) -> tuple[Any, ...]:
    shelf = book.shelf(account(book, BONUS).account_id)
    return copy.deepcopy(
        (
            [msgspec.structs.asdict(a) for a in book.accounts_of(HOLDER)],
            {i: msgspec.structs.asdict(lot) for i, lot in shelf.lots.items()},
            [(entry.entry_id, rest) for entry, rest in shelf.uncovered],
            {i: msgspec.structs.asdict(hold) for i, hold in shelf.holds.items()},
            {i: {k: p.amount for k, p in pins.items()} for i, pins in shelf.pins.items()},
            book.rows.lengths(),
            book.counter(CounterKey(1, 2, 3)).used_amount,
        )
    )


@given(DEEDS, DEEDS)
def test_rewinding_brings_back_the_marked_state(
    before: list[tuple[str, int]], after: list[tuple[str, int]]
) -> None:
    book = book_with()
    for name, amount in before:
        _do(book, name, amount)
    assert is_sound(book)
    now, picture, mark = book.now, _picture(book), book.mark()
    for name, amount in after:
        _do(book, name, amount)
        assert is_sound(book)
    book.rewind(mark)
    book.now = now
    assert _picture(book) == picture


def test_an_account_opened_and_rewound_is_not_there() -> None:
    book = book_with()
    mark = book.mark()
    opened = book.open_account(HOLDER, book.rules.account_types[OWED])
    assert book.account_of_type(HOLDER, OWED) is opened
    book.rewind(mark)
    assert book.account_of_type(HOLDER, OWED) is None
    assert not book.has_account(opened.account_id)
    assert not book.rows.new_accounts


def test_what_is_read_twice_stays_what_the_group_made_of_it() -> None:
    book = book_with()
    money = account(book, DEBIT)
    book.set_account(money, "balance", 500)
    book.put_account(msgspec.structs.replace(money, balance=0))
    assert account(book, DEBIT).balance == 500
    lot = put_lot(book, 100)
    again = msgspec.structs.replace(lot, remaining=1)
    book.put_lots(lot.account_id, AccountLots(lots=[again], uncovered=[], holds=[], hold_lots=[]))
    assert book.lot(lot.lot_id).remaining == 100
    assert book.known_lot(again) is lot
    book.count(CounterKey(1, 2, 3), 10, 1)
    book.put_counter(SpendCounter(limit_id=1, subject_id=2, period_key=3, stored=True))
    assert book.counter(CounterKey(1, 2, 3)).used_amount == 10


def test_holds_that_were_read_bring_their_pins() -> None:
    book = Book(rules_with(), book_with().ids, NOW)
    book.put_account(Account(account_id=1, holder_id=HOLDER, account_type_id=BONUS, opened_at=NOW))
    lot = put_lot(book_with(), 100)
    hold = Hold(
        hold_id=5,
        account_id=1,
        classifier_id=1,
        open_operation_id=1,
        amount=30,
        expires_at=NOW,
    )
    pin = HoldLot(hold_id=5, lot_id=lot.lot_id, amount=30)
    book.put_lots(1, AccountLots(lots=[lot], uncovered=[], holds=[hold], hold_lots=[pin]))
    assert book.shelf(1).pins[5][lot.lot_id] is pin
    book.set_pin(pin, 10)
    assert list(book.changed_pins()) == [pin]


def test_a_refusal_has_neither_entries_nor_a_trace() -> None:
    book = book_with()
    mark = book.mark()
    made = draft(book)
    made.trace["mode"] = "crm"
    credit(book, made, account(book, DEBIT), 10, Purpose.EARN)
    book.accept(made)
    book.rewind(mark)
    row = book.refuse(made.operation, AppError(ErrorCode.INSUFFICIENT, available="0.00"))
    assert (row.status, row.refusal_code, row.trace_hash) == (2, "INSUFFICIENT", None)
    assert book.rows.operations == [row]
    assert not book.rows.entries
    assert not book.rows.operation_traces


@pytest.mark.parametrize(
    ("facts", "debit_side", "needed"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"uncovered": 5}, False, True),
        ({"next_lot_event_at": NOW}, False, True),
        ({"next_lot_event_at": NOW + timedelta(milliseconds=1)}, False, False),
    ],
)
def test_lots_are_read_only_where_they_matter(
    facts: dict[str, Any],
    debit_side: bool,
    needed: bool,
) -> None:
    book = book_with()
    bonus = account(book, BONUS)
    for name, value in facts.items():
        setattr(bonus, name, value)
    assert book.lots_needed(bonus, debit=debit_side) is needed


def test_an_account_without_lots_is_read_only_for_its_holds() -> None:
    book = book_with()
    money = account(book, DEBIT)
    assert not book.lots_needed(money, debit=True)
    money.held = 5
    assert book.lots_needed(money, debit=True)


def test_a_debt_of_points_needs_the_lots_that_will_pay_it() -> None:
    book = book_with(rules_with(types=type_with(BONUS, receivable_type_id=OWED)))
    bonus = account(book, BONUS)
    assert not book.lots_needed(bonus)
    owed = book.open_account(HOLDER, book.rules.account_types[OWED])
    assert book.debt_of(bonus) == 0
    owed.balance = -70
    assert book.debt_of(bonus) == 70
    assert book.lots_needed(bonus)
