"""Operations as windows see them: pages, filters, what an operation wrote and what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update

from card_server.divisions import tables as division_tables
from card_server.ledger import tables
from card_server.ledger.manual import (
    Adjust,
    Correction,
    ExtendLots,
    Header,
    HoldPart,
    OpenHold,
    RollBack,
)
from card_server.ledger.operation_queries import AT_ONCE, left_of
from card_server.schemes import tables as scheme_tables
from shared.wire.base import Condition, Sort
from shared.wire.operations import (
    ExplainOperation,
    GetOperation,
    ListOperations,
    OperationDetail,
    OperationRow,
)
from tests.helpers.office import Office, new_operation_id
from tests.helpers.shop import BONUS, DEBIT

CARD = 6001


def sell(office: Office, card: int = CARD, total: int = 10_000, **facts: Any) -> int:
    """A sale with accrual; returns the operation."""
    outcome = office.desk.book(office.shop.call(card, [(3, total), (2, 500)], **facts))
    assert outcome.error is None, outcome.error
    return newest(office).operation_id


def newest(office: Office) -> OperationRow:
    return office.ask(ListOperations(limit=1)).rows[0]


def get(office: Office, operation_id: int) -> OperationDetail:
    return office.ask(GetOperation(operation_id=operation_id))


def found(office: Office, *where: Condition, **fields: Any) -> list[int]:
    rows = office.ask(ListOperations(where=list(where), **fields)).rows
    return [row.operation_id for row in rows]


def test_pages_tell_every_operation_once_newest_first(office: Office) -> None:
    office.shop.issue(CARD)
    made = [sell(office) for _ in range(7)]
    whole = office.ask(ListOperations(count=True))
    assert whole.total == len(whole.rows)
    assert [row.operation_id for row in whole.rows][:7] == made[::-1]
    seen: list[int] = []
    after = None
    while True:
        page = office.ask(ListOperations(limit=2, after=after))
        seen += [row.operation_id for row in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == [row.operation_id for row in whole.rows]


def test_every_filter_finds_its_operation_and_no_other(office: Office) -> None:
    shop = office.shop
    mine, other = shop.issue(CARD), shop.issue(CARD + 1)
    sell(office, CARD + 1)
    shop.pass_time(days=2)
    office.sign_in()
    wanted = sell(office, unit_id=1, order_guid="the-order")
    row = newest(office)
    values: dict[str, str | int | None] = {
        "operation_id": wanted,
        "kind": 1,
        "status": 1,
        "holder_id": mine,
        "card_code": CARD,
        "unit_id": 1,
        "classifier_id": shop.classifier_id,
        "order_guid": "the-order",
        "business_date": row.business_date.isoformat(),
    }
    assert {name: getattr(row, name) for name in values if name != "business_date"} == {
        name: value for name, value in values.items() if name != "business_date"
    }
    for name, value in values.items():
        assert wanted in found(office, Condition(field=name, value=value)), name
    for name in ("operation_id", "holder_id", "card_code", "order_guid", "business_date"):
        assert found(office, Condition(field=name, value=values[name])) == [wanted], name
    period = Condition(field="occurred_at", operator="lt", value=shop.now.isoformat())
    assert wanted not in found(office, period)
    assert found(office, Condition(field="ext_id", value="none")) == []
    points = shop.account(mine, BONUS).account_id
    assert found(office, account_id=points) == [wanted]
    assert wanted not in found(office, account_id=shop.account(other, BONUS).account_id)


def test_an_order_without_an_index_is_refused(office: Office) -> None:
    holder_id = office.shop.issue(CARD)
    first, second = sell(office), sell(office)
    for field in ("occurred_at", "remarks", "check_total"):
        assert office.refused(ListOperations(sort=Sort(field=field))) == "FIELD_BAD"
    mine = Condition(field="holder_id", value=holder_id)
    assert found(office, mine, sort=Sort(field="occurred_at")) == [first, second]
    dated = office.ask(ListOperations(sort=Sort(field="business_date", descending=True)))
    assert {first, second} <= {row.operation_id for row in dated.rows}
    assert office.refused(ListOperations(where=[Condition(field="hash", value="x")])) == "FIELD_BAD"


def test_a_sale_shows_both_sides_its_lots_and_its_trace(office: Office) -> None:
    office.shop.issue(CARD)
    office.shop.program(calc_mode=2)
    detail = get(office, sell(office))
    assert detail.entries
    for entry in detail.entries:
        assert entry.amount + entry.house_amount == 0
        assert entry.house_account_id == entry.account_type_id
        assert entry.left == entry.amount
    assert sum(lot.amount for lot in detail.lots) == sum(
        entry.amount for entry in detail.entries if entry.account_type_id == BONUS
    )
    assert (detail.reversal, detail.reversed_by, detail.has_trace) == (0, [], True)
    why = office.ask(ExplainOperation(operation_id=detail.operation.operation_id))
    assert why.was_traced
    assert why.trace
    assert why.rule_version == detail.operation.rule_version
    assert office.refused(GetOperation(operation_id=5)) == "ROW_NOT_FOUND"
    assert office.refused(ExplainOperation(operation_id=5)) == "ROW_NOT_FOUND"


def test_a_trace_whose_time_is_over_was_one(office: Office) -> None:
    office.shop.issue(CARD)
    office.shop.program(calc_mode=2)
    operation_id = sell(office)
    with office.shop.connection.begin():
        office.shop.connection.execute(delete(tables.operation_trace))
    why = office.ask(ExplainOperation(operation_id=operation_id))
    assert (why.trace, why.was_traced) == (None, True)


def test_what_was_reversed_says_how_far_and_by_what(office: Office) -> None:
    shop = office.shop
    holder_id = shop.issue(CARD)
    header = Header(key=new_operation_id(), reason_id=1)
    points = shop.account(holder_id, BONUS).account_id
    made = office.desk.book(Adjust(header=header, account_id=points, amount=800)).operation_id
    undo = Correction(header=Header(key=new_operation_id(), reason_id=1), operation_id=made)
    undone = office.desk.book(undo).operation_id
    detail = get(office, made)
    assert (detail.reversal, detail.entries[0].left) == (2, 0)
    assert [(one.operation_id, one.kind, one.stands) for one in detail.reversed_by] == [
        (undone, 60, True)
    ]
    assert get(office, undone).operation.reverses_id == made
    assert get(office, undone).reversal == 0
    redo = Correction(header=Header(key=new_operation_id(), reason_id=1), operation_id=undone)
    redone = office.desk.book(redo)
    assert redone.error is None
    detail = get(office, made)
    assert (detail.reversal, detail.entries[0].left) == (0, 800)
    assert [one.stands for one in detail.reversed_by] == [False]
    assert get(office, undone).reversal == 2


def test_what_is_done_to_lots_holds_and_levels_is_shown(office: Office) -> None:
    shop = office.shop
    holder_id = shop.issue(CARD)
    shop.grant(holder_id, BONUS, 900, days=5)
    points = shop.account(holder_id, BONUS).account_id
    header = Header(key=new_operation_id())
    later = (shop.now + timedelta(days=50)).date()
    made = office.desk.book(ExtendLots(header=header, account_id=points, expires_on=later))
    term = get(office, made.operation_id).terms[0]
    assert term.old_expires_at is not None
    assert term.new_expires_at is not None
    assert term.new_expires_at - term.old_expires_at == timedelta(days=45)
    header = Header(key=new_operation_id())
    part = HoldPart(account_id=points, amount=300)
    made = office.desk.book(OpenHold(header=header, parts=(part,)))
    event = get(office, made.operation_id).hold_events[0]
    assert (event.hold_id, event.event, event.amount) == (made.hold_ids[0], 1, 300)
    header = Header(key=new_operation_id(), reason_id=1)
    made = office.desk.book(Adjust(header=header, account_id=points, amount=-200))
    detail = get(office, made.operation_id)
    assert [row.amount for row in detail.allocations] == [200]
    assert (detail.lots, detail.levels, detail.coupon_uses) == ([], [], [])


def test_one_entry_of_two_is_a_part(office: Office) -> None:
    office.shop.issue(CARD)
    operation_id = sell(office)
    entries = get(office, operation_id).entries
    assert len(entries) > 1
    header = Header(key=new_operation_id(), reason_id=1)
    only = Correction(header=header, operation_id=operation_id, entry_ids=(entries[0].entry_id,))
    assert office.desk.book(only).error is None
    detail = get(office, operation_id)
    assert detail.reversal == 1
    assert [entry.left == 0 for entry in detail.entries] == [True, False]


def test_a_sale_rolled_back_is_reversed_in_full(office: Office) -> None:
    office.shop.issue(CARD)
    operation_id = sell(office)
    rolled = RollBack(header=Header(key=new_operation_id()), operation_id=operation_id)
    assert office.desk.book(rolled).error is None
    assert get(office, operation_id).reversal == 2


def test_returns_count_until_the_whole_sale_is_back(office: Office) -> None:
    office.shop.issue(CARD)
    office.shop.program(calc_mode=2)
    office.shop.add(scheme_tables.scheme, scheme_id=901, name="Пять", base_rate=500)
    office.shop.type_of(BONUS, default_scheme_id=901, refund_earned=1)
    order: dict[str, Any] = {"order_guid": "returned", "check_no": 1}

    def back(*lines: tuple[int, int]) -> int:
        posting = office.shop.call(CARD, list(lines), chmode=3, **order)
        assert office.desk.book(posting).error is None
        return newest(office).operation_id

    assert office.desk.book(office.shop.call(CARD, [(3, 100_000)], **order)).error is None
    sale = newest(office).operation_id
    first = back((3, -40_000))
    assert get(office, sale).reversal == 1
    second = back((3, -60_000), (1, 0))
    detail = get(office, sale)
    assert [(one.operation_id, one.stands) for one in detail.reversed_by] == [
        (first, True),
        (second, True),
    ]
    # the earned points were forgiven, so an entry stands, and yet the sale is back
    assert any(entry.left for entry in detail.entries)
    assert detail.reversal == 2
    undo = RollBack(header=Header(key=new_operation_id()), operation_id=second)
    assert office.desk.book(undo).error is None
    detail = get(office, sale)
    assert [one.stands for one in detail.reversed_by] == [True, False]
    assert (detail.reversal, get(office, second).reversal) == (1, 2)


def test_a_period_is_told_by_its_days_and_every_row_once(office: Office) -> None:
    office.shop.issue(CARD)
    made = []
    for _ in range(3):
        made += [sell(office), sell(office)]
        office.shop.pass_time(days=1)
        office.sign_in()
    period = Condition(field="business_date", operator="ge", value="2026-03-03")
    seen: list[int] = []
    after = None
    while True:
        page = office.ask(ListOperations(where=[period], limit=3, after=after))
        seen += [row.operation_id for row in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == made[:1:-1]


def test_a_refused_operation_shows_the_facts_of_its_refusal(office: Office) -> None:
    holder_id = office.shop.issue(CARD)
    header = Header(key=new_operation_id(), reason_id=1)
    money = office.shop.account(holder_id, DEBIT).account_id
    refused = office.desk.book(Adjust(header=header, account_id=money, amount=-500))
    detail = get(office, refused.operation_id)
    assert (detail.operation.status, detail.operation.refusal_code) == (2, "INSUFFICIENT")
    assert detail.refusal_facts["needed"] == "5.00"
    assert (detail.entries, detail.reversal) == ([], 0)


def test_operations_of_foreign_divisions_are_neither_listed_nor_shown(office: Office) -> None:
    shop = office.shop
    shop.issue(CARD)
    mine, foreign = sell(office), sell(office)
    std = {"created_at": shop.now, "updated_at": shop.now}
    operation, division = tables.operation, division_tables.division
    with shop.connection.begin():
        shop.connection.execute(
            insert(division).values(division_id=2, id_prefix=2, name="Филиал", **std)
        )
        shop.connection.execute(
            update(operation).where(operation.c.operation_id == foreign).values(division_id=2)
        )
    office.add_user("near", "operation.view", "trace.view", divisions=(1,))
    office.sign_in("near")
    listed = found(office)
    assert mine in listed
    assert foreign not in listed
    assert office.refused(GetOperation(operation_id=foreign)) == "DIVISION_FOREIGN"
    assert office.refused(ExplainOperation(operation_id=foreign)) == "DIVISION_FOREIGN"


@pytest.mark.parametrize("count", [0, 1, AT_ONCE + 1])
def test_entries_that_nothing_reverses_are_left_whole(office: Office, count: int) -> None:
    amounts = {number: number for number in range(1, count + 1)}
    assert office.desk.read(lambda connection: left_of(connection, amounts)) == amounts


def test_the_list_of_a_holder_is_read_through_its_index(office: Office) -> None:
    if office.shop.connection.dialect.name != "sqlite":
        pytest.skip("the plan is SQLite's")
    operation = tables.operation
    statement = (
        select(operation.c.operation_id)
        .where(operation.c.holder_id == 1)
        .order_by(operation.c.occurred_at.desc(), operation.c.operation_id.desc())
    )
    sql = str(statement.compile(compile_kwargs={"literal_binds": True}))
    plan = office.shop.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all()
    office.shop.connection.rollback()
    assert "SEARCH crm_operation USING" in str(plan)
    assert "holder_id=?" in str(plan)
