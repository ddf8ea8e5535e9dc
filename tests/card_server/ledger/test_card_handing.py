"""One new card for one holder, with its start bonus: repeats, refusals, rights (domain 2.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from card_server.accounts import tables as account_tables
from card_server.cards import tables
from card_server.divisions import tables as division_tables
from card_server.ledger import tables as ledger_tables
from card_server.ledger.verify import verify
from shared.wire import card_batches as wire
from shared.wire import cards
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import add_range, issue, lay, order_undo, work_off
from tests.helpers.shop import BONUS

BONUS_SUM = 300_00


def hand(holder_id: int, **fields: Any) -> wire.IssueCard:
    given = {"operation_id": new_operation_id(), "holder_id": holder_id, **fields}
    return wire.IssueCard(**given)


def guest(office: Office) -> int:
    return office.shop.issue(77)


def bonuses(office: Office) -> int:
    return office.shop.count(ledger_tables.operation)


def test_a_holder_gets_the_number_that_was_named(office: Office) -> None:
    holder_id = guest(office)
    range_id = add_range(office, valid_months=12, start_bonus=BONUS_SUM)
    made = office.ask(hand(holder_id, card_code=1500, kind=2))
    assert (made.card_code, made.start_bonus, made.notices) == (1500, BONUS_SUM, [])
    card = office.ask(cards.GetCard(card_code=1500))
    assert (card.row.holder_id, card.row.state, card.row.kind) == (holder_id, 1, 2)
    assert (card.row.range_id, card.row.valid_to) == (range_id, date(2027, 3, 2))
    assert [event.event for event in card.events] == [1]
    assert office.shop.balance(holder_id, BONUS) == BONUS_SUM
    (booked,) = office.shop.rows(ledger_tables.operation)
    assert (booked.operation_id, booked.card_code, booked.user_id) == (made.booked_id, 1500, 1)
    office.shop.ok(1500, [(3, 500_00), (0, -100_00)])
    with office.shop.connection.begin():
        assert verify(office.shop.connection, full=True, now=office.shop.now).findings == []


def test_the_next_number_of_a_range(office: Office) -> None:
    holder_id, range_id = guest(office), add_range(office, 1000, 1002)
    lay(office, 1001)
    codes = [office.ask(hand(holder_id, range_id=range_id)).card_code for _ in range(2)]
    assert codes == [1000, 1002]
    assert office.refused(hand(holder_id, range_id=range_id)) == "RANGE_FULL"


def test_a_repeated_command_makes_one_card_and_one_bonus(office: Office) -> None:
    holder_id, range_id = guest(office), add_range(office, start_bonus=BONUS_SUM)
    asked = hand(holder_id, range_id=range_id)
    first = office.ask(asked)
    assert office.ask(asked) == first
    assert (office.shop.count(tables.card), bonuses(office)) == (2, 1)
    other = hand(holder_id, range_id=range_id, operation_id=asked.operation_id, kind=2)
    assert office.refused(other) == "KEY_CONFLICT"


def test_a_server_that_dies_before_the_bonus_books_it_with_the_repeat(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder_id, range_id = guest(office), add_range(office, start_bonus=BONUS_SUM)
    asked = hand(holder_id, range_id=range_id)

    def die(_posting: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(office.desk, "book", die)
        with pytest.raises(SystemExit):
            office.ask(asked)
    assert (office.shop.count(tables.card), bonuses(office)) == (2, 0)
    assert office.ask(asked).start_bonus == BONUS_SUM
    assert (office.shop.count(tables.card), bonuses(office)) == (2, 1)


def test_a_bonus_that_is_refused_is_told_with_the_card(office: Office) -> None:
    holder_id, range_id = guest(office), add_range(office, start_bonus=BONUS_SUM)
    division = division_tables.division
    closed = date(2026, 3, 31)
    office.shop.change(division, division.c.division_id == 1, books_closed_until=closed)
    made = office.ask(hand(holder_id, range_id=range_id))
    assert (made.card_code, made.start_bonus, made.booked_id) == (1000, 0, None)
    assert [one.code for one in made.notices] == ["BOOKS_CLOSED"]


def test_without_the_bonus_nothing_is_booked(office: Office) -> None:
    holder_id, range_id = guest(office), add_range(office, start_bonus=BONUS_SUM)
    made = office.ask(hand(holder_id, range_id=range_id, with_bonus=False))
    assert (made.start_bonus, made.booked_id, bonuses(office)) == (0, None, 0)


def test_a_card_of_a_limited_range_gets_the_holder_s_accounts_of_its_types(office: Office) -> None:
    kind = account_tables.account_type
    office.shop.add(
        kind, account_type_id=30, name="Обеды", **{"class": 3}, value_unit=1, open_for_all=False
    )
    holder_id, range_id = guest(office), add_range(office, account_types=[30, BONUS])
    office.ask(hand(holder_id, range_id=range_id))
    card = office.ask(cards.GetCard(card_code=1000))
    allowed = [office.shop.account(holder_id, type_id).account_id for type_id in (BONUS, 30)]
    assert card.row.limited_accounts
    assert [limit.account_id for limit in card.accounts] == sorted(allowed)


def test_a_number_whose_issue_was_undone_may_be_handed_out(office: Office) -> None:
    holder_id, range_id = guest(office), add_range(office)
    run = issue(office, range_id, 2)
    office.shop.pass_time(minutes=1)
    work_off(office, order_undo(office, run.run_id))
    assert office.ask(hand(holder_id, card_code=1001)).card_code == 1001
    card = office.ask(cards.GetCard(card_code=1001))
    assert (card.row.holder_id, card.row.state) == (holder_id, 1)
    assert sorted(event.event for event in card.events) == [1, 1, 12]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "FIELD_MISSING"),
        ({"card_code": 1000, "range_id": 1}, "FIELD_BAD"),
        ({"card_code": 0}, "CARD_OUT_OF_RANGE"),
        ({"card_code": 10**18}, "CARD_OUT_OF_RANGE"),
        ({"card_code": 1005}, "CARD_TAKEN"),
        ({"card_code": 1006}, "CARD_TAKEN"),
        ({"range_id": 9_999}, "DICT_VALUE_UNKNOWN"),
        ({"card_code": 1000, "kind": 0}, "FIELD_BAD"),
        ({"card_code": 1000, "card_group_id": 9_999}, "DICT_VALUE_UNKNOWN"),
        ({"card_code": 1000, "valid_to": date(2026, 3, 1)}, "FIELD_BAD"),
        ({"card_code": 1000, "valid_to": date(2200, 1, 1)}, "FIELD_BAD"),
        ({"card_code": 1000, "bonus_type_id": 3}, "DICT_VALUE_UNKNOWN"),
        ({"card_code": 1000, "holder_id": 5}, "ROW_NOT_FOUND"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    holder_id = guest(office)
    add_range(office, start_bonus=BONUS_SUM)
    lay(office, 1005)
    lay(office, 1006, state=3)
    assert office.refused(hand(**{"holder_id": holder_id, **fields})) == code
    assert (office.shop.count(tables.card), bonuses(office)) == (3, 0)


def test_foreign_divisions_limits_and_numbers_outside_ranges_need_their_rights(
    office: Office,
) -> None:
    holder_id, range_id = guest(office), add_range(office, start_bonus=BONUS_SUM)
    inside, outside = hand(holder_id, range_id=range_id), 99_000
    office.add_user("far", "card.issue", divisions=())
    assert office.refused(inside, office.sign_in("far")) == "DIVISION_FOREIGN"
    office.add_user("small", "card.issue", amount_limit=BONUS_SUM - 1)
    assert office.refused(inside, office.sign_in("small")) == "AMOUNT_LIMIT"
    office.add_user("near", "card.issue")
    token = office.sign_in("near")
    any_number = hand(holder_id, card_code=outside)
    assert office.refused(any_number, token) == "CARD_OUT_OF_RANGE"
    office.add_user("free", "card.issue", "card.issue_any")
    assert office.ask(any_number, office.sign_in("free")).card_code == outside
    office.add_user("none", *office.everyone_but("card.issue"))
    assert office.refused(inside, office.sign_in("none")) == "NO_RIGHT"
