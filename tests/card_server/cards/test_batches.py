"""An issue of many cards: tried out, ordered, refused; rights, divisions, repeats (domain 1.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert

from card_server.accounts import tables as account_tables
from card_server.cards import tables
from card_server.divisions import tables as division_tables
from card_server.licences import tables as licence_tables
from shared.wire import card_batches as wire
from shared.wire import cards, jobs
from shared.wire.errors import AppError
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import (
    add_range,
    batch,
    issue,
    lay,
    order,
    order_undo,
    work_off,
)
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT


def plan(office: Office, range_id: int, count: int, **fields: Any) -> wire.BatchPlan:
    return office.ask(wire.CheckIssue(batch=batch(range_id, count, **fields)))


def refused(office: Office, range_id: int, count: int, **fields: Any) -> tuple[str, str]:
    """The refusal of the trial and of the order."""
    wanted = batch(range_id, count, **fields)
    asked = wire.IssueRange(operation_id=new_operation_id(), batch=wanted)
    return office.refused(wire.CheckIssue(batch=wanted)), office.refused(asked)


def add_licence(office: Office, quantity: int, state: int = 2) -> None:
    with office.shop.connection.begin():
        office.shop.connection.execute(
            insert(licence_tables.licence).values(
                licence_id=1,
                number="L-1",
                object_code="1",
                metric=1,
                quantity=quantity,
                valid_from=date(2026, 1, 1),
                file_body=b"x",
                loaded_at=office.shop.now,
                state=state,
            )
        )


def test_a_trial_says_what_would_be_made_and_makes_nothing(office: Office) -> None:
    range_id = add_range(office, valid_months=12, start_bonus=500_00)
    lay(office, 1002, 1004)
    lay(office, 1005, state=3)
    office.shop.add(tables.card_group, group_id=77, name="Золотые", sort_no=0)
    found = plan(office, range_id, 10, card_group_id=77)
    assert (found.first_code, found.last_code, found.cards) == (1000, 1009, 7)
    assert (found.taken, found.taken_codes) == (3, [1002, 1004, 1005])
    assert (found.state, found.with_holders) == (1, True)
    assert found.account_types == [BONUS, DISCOUNT, DEBIT, SPENT]
    assert (found.start_bonus, found.bonus_type_id, found.bonus_total) == (500_00, 1, 3_500_00)
    assert (found.valid_to, found.card_group_id) == (date(2027, 3, 2), 77)
    assert (found.licence_quantity, found.licence_used, found.problems) == (None, 2, [])
    assert office.shop.count(tables.card) == 3
    assert office.ask(jobs.ListRuns(count=True)).total == 0


def test_the_next_number_is_proposed_and_the_end_of_the_range_is_told(office: Office) -> None:
    range_id = add_range(office, 1000, 1009)
    issue(office, range_id, 4)
    assert plan(office, range_id, 2).first_code == 1004
    assert plan(office, range_id, 3, first_code=1007).last_code == 1009
    with pytest.raises(AppError) as caught:
        plan(office, range_id, 7)
    assert (caught.value.code, caught.value.facts["last"]) == ("RANGE_FULL", 1009)
    assert refused(office, range_id, 1, first_code=999) == ("CARD_OUT_OF_RANGE",) * 2
    assert refused(office, range_id, 1, first_code=1010) == ("CARD_OUT_OF_RANGE",) * 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"count": 0}, "FIELD_BAD"),
        ({"count": 1_000_001}, "FIELD_BAD"),
        ({"kind": 0}, "FIELD_BAD"),
        ({"kind": 5}, "FIELD_BAD"),
        ({"active": True, "with_holders": False}, "FIELD_BAD"),
        ({"card_group_id": 9_999}, "DICT_VALUE_UNKNOWN"),
        ({"holder_group_id": 9_999}, "DICT_VALUE_UNKNOWN"),
        ({"valid_to": date(2026, 3, 1)}, "FIELD_BAD"),
        ({"valid_to": date(2200, 1, 1)}, "FIELD_BAD"),
        ({"bonus_type_id": DEBIT}, "DICT_VALUE_UNKNOWN"),
        ({"range_id": 9_999}, "ROW_NOT_FOUND"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_refused(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    range_id = add_range(office, start_bonus=1_00)
    wanted = {"range_id": range_id, "count": 1, **fields}
    assert refused(office, **wanted) == (code, code)


def test_a_range_that_is_switched_off_or_foreign_issues_nothing(office: Office) -> None:
    off = add_range(office, 1000, 1099, is_active=False)
    assert refused(office, off, 1) == ("DICT_VALUE_UNKNOWN",) * 2
    office.shop.add(division_tables.division, division_id=2, id_prefix=2, name="Вторая")
    foreign = add_range(office, 2000, 2099, division_id=2)
    office.add_user("issuer", "card.issue", "card.void", divisions=(1,))
    run = issue(office, foreign, 1)
    token = office.sign_in("issuer")
    assert office.refused(wire.CheckIssue(batch=batch(foreign, 1)), token) == "DIVISION_FOREIGN"
    assert refused(office, foreign, 1) == ("DIVISION_FOREIGN",) * 2
    undo = wire.UndoIssue(operation_id=new_operation_id(), run_id=run.run_id, reason="ошибочно")
    assert office.refused(undo, token) == "DIVISION_FOREIGN"


def codes_of(found: wire.BatchPlan) -> list[str]:
    return [problem.code for problem in found.problems]


def test_a_trial_tells_what_stands_in_the_way_and_the_order_is_refused(office: Office) -> None:
    range_id = add_range(office, start_bonus=200_00)
    asked = wire.IssueRange(
        operation_id=new_operation_id(), batch=batch(range_id, 5, with_holders=False)
    )
    assert codes_of(plan(office, range_id, 5, with_holders=False)) == ["BONUS_NEEDS_HOLDER"]
    assert office.refused(asked) == "BONUS_NEEDS_HOLDER"
    assert plan(office, range_id, 5, with_holders=False, with_bonus=False).problems == []

    office.add_user("cashier", "card.issue", amount_limit=199_99)
    office.sign_in("cashier")
    assert codes_of(plan(office, range_id, 5)) == ["AMOUNT_LIMIT"]
    again = wire.IssueRange(operation_id=new_operation_id(), batch=batch(range_id, 5))
    assert office.refused(again) == "AMOUNT_LIMIT"


def test_the_bonus_type_must_be_named_where_several_fit(office: Office) -> None:
    kind = account_tables.account_type
    values = {"value_unit": 2, "open_for_all": True, "uses_lots": True}
    office.shop.add(kind, account_type_id=40, name="Ещё бонусы", **{"class": 1}, **values)
    range_id = add_range(office, start_bonus=1_00)
    found = plan(office, range_id, 1)
    assert (codes_of(found), found.problems[0].facts) == (["BONUS_TYPE"], {"n": 2})
    assert plan(office, range_id, 1, bonus_type_id=40).problems == []


def test_licences_are_looked_at_before_anything_is_made(office: Office) -> None:
    range_id = add_range(office)
    add_licence(office, 10)
    issue(office, range_id, 8)
    found = plan(office, range_id, 3)
    assert (found.licence_quantity, found.licence_used) == (10, 8)
    assert codes_of(found) == ["LICENCE_QUOTA"]
    run = issue(office, range_id, 3)
    assert (run.state, (run.message or "")[:13]) == (jobs.FAILED, "LICENCE_QUOTA")
    assert issue(office, range_id, 2).state == jobs.DONE
    table = licence_tables.licence
    office.shop.change(table, table.c.licence_id == 1, state=6)
    assert "LICENCE_QUOTA" in codes_of(plan(office, range_id, 1))
    asked = wire.IssueRange(operation_id=new_operation_id(), batch=batch(range_id, 1))
    assert office.refused(asked) == "LICENCE_QUOTA"


def test_a_repeated_order_is_one_run(office: Office) -> None:
    range_id = add_range(office)
    asked = wire.IssueRange(operation_id=new_operation_id(), batch=batch(range_id, 3))
    first = office.ask(asked)
    assert office.ask(asked) == first
    assert office.ask(jobs.ListRuns(count=True)).total == 1
    other = wire.IssueRange(operation_id=asked.operation_id, batch=batch(range_id, 4))
    assert office.refused(other) == "KEY_CONFLICT"


def test_an_undo_is_of_an_issue_that_has_ended_with_a_reason_one_at_a_time(office: Office) -> None:
    range_id = add_range(office)
    run_id = order(office, range_id, 3)

    def undo(run_id: int, reason: str = "ошибочно") -> str:
        asked = wire.UndoIssue(operation_id=new_operation_id(), run_id=run_id, reason=reason)
        return office.refused(asked)

    assert undo(run_id) == "WRONG_STATE"
    work_off(office, run_id)
    assert undo(run_id, " нет ") == "REASON_NEEDED"
    assert undo(run_id, "x" * 256) == "TOO_LONG"
    assert undo(7) == "ROW_NOT_FOUND"
    undo_id = order_undo(office, run_id)
    assert undo(run_id) == "WRONG_STATE"
    assert undo(undo_id) == "ROW_NOT_FOUND"
    work_off(office, undo_id)
    assert work_off(office, order_undo(office, run_id)).state == jobs.DONE


def test_a_range_is_limited_to_account_types(office: Office) -> None:
    range_id = add_range(office, account_types=[SPENT, BONUS, BONUS])
    (row,) = office.ask(cards.ListCardRanges()).rows
    assert row.account_types == [BONUS, SPENT]
    assert plan(office, range_id, 1).limited_to == [BONUS, SPENT]

    def edit(types: list[int], version: int) -> cards.EditCardRange:
        fields = cards.CardRangeFields(account_types=types)
        return cards.EditCardRange(
            operation_id=new_operation_id(), key=range_id, version=version, fields=fields
        )

    assert office.refused(edit([9_999], 1)) == "DICT_VALUE_UNKNOWN"
    assert office.refused(edit([BONUS] * 51, 1)) == "TOO_MANY_ITEMS"
    office.ask(edit([], 1))
    assert plan(office, range_id, 1).limited_to == []
