"""Releases of coupons: tried out, issued and taken back as jobs, exported (domain 1.8, 2.4)."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, insert, select, update

from card_server.coupons import tables
from card_server.coupons.rules import check_digit
from card_server.coupons.service import draw_code
from card_server.ledger import tables as ledger_tables
from shared.wire import coupons as wire
from shared.wire import jobs
from shared.wire.base import Condition
from shared.wire.roles import GetHistory, ListActivity
from tests.helpers.coupon_desk import (
    REASON,
    add_type,
    coupons_of,
    issue,
    order,
    order_release,
    release,
    undo,
)
from tests.helpers.office import Office, new_operation_id
from tests.helpers.runs import die_and_go_on, errors_of, work_off


def plan(office: Office, wanted: wire.ReleaseOrder) -> wire.ReleasePlan:
    return office.ask(wire.CheckRelease(order=wanted))


def see(office: Office, release_id: int) -> wire.ReleaseCard:
    return office.ask(wire.GetRelease(release_id=release_id))


def use(office: Office, coupon_id: int) -> None:
    """A coupon was used by a sale of the shop, as the ledger writes it."""
    code = 40_000 + office.shop.count(ledger_tables.operation)
    office.shop.issue(code)
    assert office.desk.book(office.shop.call(code, [(3, 100)])).error is None
    latest = select(func.max(ledger_tables.operation.c.operation_id))
    with office.shop.connection.begin():
        operation_id = office.shop.connection.execute(latest).scalar_one()
        office.shop.connection.execute(
            insert(tables.coupon_use).values(
                coupon_use_id=coupon_id, coupon_id=coupon_id, operation_id=operation_id
            )
        )
        office.shop.connection.execute(
            update(tables.coupon)
            .where(tables.coupon.c.coupon_id == coupon_id)
            .values(state=3, uses=1)
        )


def test_a_trial_counts_codes_and_makes_nothing(office: Office) -> None:
    type_id = add_type(office)
    found = plan(office, order(type_id, 1000))
    assert (found.numbers, found.taken, found.collisions) == (10**12, 0, 0)
    assert len(found.examples) == 5
    assert all(code[-1] == check_digit(code[:12]) for code in found.examples)
    assert found.problems == []
    begun = plan(office, order(type_id, 10, code_begin="20260308"))
    assert (begun.numbers, begun.taken, begun.problems) == (10**4, 0, [])
    assert all(code.startswith("20260308") for code in begun.examples)
    assert office.shop.count(tables.coupon) == office.shop.count(tables.coupon_release) == 0


def test_codes_that_could_be_guessed_are_not_issued(office: Office) -> None:
    type_id = add_type(office)
    release(office, type_id, 4, code_begin="77777777")
    crowded = order(type_id, 7, code_begin="77777777")
    found = plan(office, crowded)
    assert found.taken == 4
    assert [(p.code, p.facts["free"], p.facts["n"]) for p in found.problems] == [
        ("CODES_FEW", 6, 7)
    ]
    asked = wire.IssueRelease(operation_id=new_operation_id(), name="Мало", order=crowded)
    assert office.refused(asked) == "CODES_FEW"
    nines = plan(office, order(type_id, 1, code_begin="99999999"))
    assert (nines.taken, nines.problems) == (0, [])


def test_a_release_is_issued_by_a_job_with_random_codes_of_its_pool(office: Office) -> None:
    type_id = add_type(office, "Сумма", 2, pool_prefix=920_005)
    release_id = release(
        office,
        type_id,
        600,
        active=True,
        value=300_00,
        valid_to=date(2026, 6, 1),
        notes=" к 8 марта ",
    )
    rows = coupons_of(office, release_id)
    assert len(rows) == len({row.code for row in rows}) == 600
    assert {row.coupon_id // 10**13 for row in rows} == {920_005}
    assert all(row.code[-1] == check_digit(row.code[:12]) for row in rows)
    assert {(r.state, r.value, r.valid_to, r.notes, r.holder_id) for r in rows} == {
        (wire.ACTIVE, 300_00, date(2026, 6, 1), "к 8 марта", None)
    }
    card = see(office, release_id)
    assert (card.row.name, card.row.quantity, card.row.user_id) == ("Весна", 600, 1)
    assert (card.by_state, card.handed_out, card.used) == ({wire.ACTIVE: 600}, 0, 0)
    assert [row.release_id for row in office.ask(wire.ListReleases()).rows] == [release_id]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"quantity": 0}, "FIELD_BAD"),
        ({"quantity": wire.LARGEST_RELEASE + 1}, "FIELD_BAD"),
        ({"code_begin": "123456789"}, "FIELD_BAD"),
        ({"code_begin": "12a"}, "FIELD_BAD"),
        ({"code_begin": "٣"}, "FIELD_BAD"),
        ({"value": 1}, "FIELD_BAD"),
        ({"valid_from": date(2026, 2, 2), "valid_to": date(2026, 2, 1)}, "FIELD_BAD"),
        ({"notes": "x" * 501}, "TOO_LONG"),
    ],
)
def test_an_order_that_cannot_be_is_refused_by_trial_and_command(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    wanted = order(add_type(office), **fields)
    asked = wire.IssueRelease(operation_id=new_operation_id(), name="Проба", order=wanted)
    assert office.refused(asked) == code
    assert office.refused(wire.CheckRelease(order=wanted)) == code


def test_a_release_needs_a_name_and_a_type_in_season(office: Office) -> None:
    type_id, off = add_type(office), add_type(office, "Выключен", is_active=False)
    for name, kind, code in (
        (" ", type_id, "FIELD_MISSING"),
        ("x" * 61, type_id, "TOO_LONG"),
        ("Нет", off, "COUPON_TYPE"),
        ("Нет", 99, "COUPON_TYPE"),
    ):
        asked = wire.IssueRelease(operation_id=new_operation_id(), name=name, order=order(kind))
        assert office.refused(asked) == code
    assert [p.code for p in plan(office, order(99)).problems] == ["COUPON_TYPE"]
    assert office.shop.count(tables.coupon_release) == 0


@pytest.mark.parametrize("after", [False, True])
def test_a_killed_issue_goes_on_after_the_next_start_and_makes_each_coupon_once(
    office: Office, *, after: bool
) -> None:
    type_id = add_type(office)
    for left in range(8):
        made = order_release(office, type_id, 600, f"Выпуск {left}")
        died = die_and_go_on(office, made.run_id, left, after=after)
        if office.ask(jobs.GetRun(run_id=made.run_id)).state == jobs.PLANNED:
            work_off(office, made.run_id)
        assert office.ask(jobs.GetRun(run_id=made.run_id)).state == jobs.DONE
        assert see(office, made.release_id).by_state == {wire.MADE: 600}
        if not died:
            return
    raise AssertionError


def test_a_release_of_which_nothing_was_used_is_taken_back(office: Office) -> None:
    release_id = release(office, add_type(office), 300)
    run = undo(office, release_id)
    assert (run.state, run.processed, run.failed) == (jobs.DONE, 300, 0)
    assert see(office, release_id).by_state == {wire.VOID: 300}
    row = coupons_of(office, release_id)[0]
    assert (row.block_reason, row.version) == (REASON, 2)
    history = office.ask(GetHistory(table_name="coupon", row_key=str(row.coupon_id)))
    fields = {f.field_name: f.new_value for f in history.fields[history.changes[0].change_id]}
    assert fields == {"state": "6", "block_reason": REASON}
    again = undo(office, release_id)
    assert (again.state, again.processed) == (jobs.DONE, 300)
    assert coupons_of(office, release_id)[0].version == 2


def test_a_release_of_which_a_coupon_was_used_stays_as_it_is(office: Office) -> None:
    release_id = release(office, add_type(office), 5)
    use(office, coupons_of(office, release_id)[2].coupon_id)
    run = undo(office, release_id)
    assert run.state == jobs.FAILED
    assert (run.message or "").startswith("RELEASE_USED")
    assert see(office, release_id).by_state == {wire.MADE: 4, wire.USED: 1}
    assert see(office, release_id).used == 1


def test_a_coupon_used_while_the_release_is_taken_back_is_left_and_told(office: Office) -> None:
    release_id = release(office, add_type(office), 600)
    asked = wire.UndoRelease(operation_id=new_operation_id(), release_id=release_id, reason=REASON)
    run_id = office.ask(asked).run_id
    assert die_and_go_on(office, run_id, 2, after=False)
    last = coupons_of(office, release_id)[-1]
    use(office, last.coupon_id)
    run = work_off(office, run_id)
    assert (run.state, run.processed, run.failed) == (jobs.DONE_WITH_ERRORS, 600, 1)
    assert errors_of(office, run_id) == {last.code: "COUPON_USED"}
    assert see(office, release_id).by_state == {wire.VOID: 599, wire.USED: 1}


def test_a_release_that_is_being_made_is_not_taken_back_and_a_reason_is_needed(
    office: Office,
) -> None:
    made = order_release(office, add_type(office))
    key = {"release_id": made.release_id}
    early = wire.UndoRelease(operation_id=new_operation_id(), reason=REASON, **key)
    assert office.refused(early) == "WRONG_STATE"
    work_off(office, made.run_id)
    silent = wire.UndoRelease(operation_id=new_operation_id(), reason="  ", **key)
    assert office.refused(silent) == "REASON_NEEDED"
    unknown = wire.UndoRelease(operation_id=new_operation_id(), reason=REASON, release_id=99)
    assert office.refused(unknown) == "ROW_NOT_FOUND"
    assert office.refused(wire.GetRelease(release_id=99)) == "ROW_NOT_FOUND"


def export(office: Office, release_id: int, file: str) -> wire.CodeFile:
    asked = wire.ExportRelease(operation_id=new_operation_id(), release_id=release_id, file=file)
    return office.ask(asked)


def test_codes_are_exported_as_a_table_and_the_journal_keeps_it(office: Office) -> None:
    release_id = release(office, add_type(office, "=Торт"), 3, valid_to=date(2026, 4, 1))
    codes = [row.code for row in coupons_of(office, release_id)]
    found = export(office, release_id, "csv")
    lines = list(csv.reader(io.StringIO(found.body.decode("utf-8-sig")), delimiter=";"))
    assert lines[0][0] == "Код купона"
    assert [line[0] for line in lines[1:]] == codes
    assert [(line[2], line[4]) for line in lines[1:]] == [("'=Торт", "2026-04-01")] * 3
    assert found.rows == 3
    book = load_workbook(io.BytesIO(export(office, release_id, "xlsx").body), read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True, min_row=2))
    assert [row[0] for row in rows] == codes
    assert {type(row[1]) for row in rows} == {str}
    assert see(office, release_id).row.exported_at == office.shop.now
    exports = Condition(field="what", value="coupon_export")
    noted = office.ask(ListActivity(where=[exports])).rows
    assert [row.details for row in noted] == [
        f"release {release_id}, 3 codes, {file}" for file in ("csv", "xlsx")
    ]
    undo(office, release_id)
    assert export(office, release_id, "csv").rows == 0


def test_an_export_of_nothing_or_of_another_kind_is_refused(office: Office) -> None:
    release_id = release(office, add_type(office), 1)
    for file, key, code in (("pdf", release_id, "FIELD_BAD"), ("csv", 99, "ROW_NOT_FOUND")):
        asked = wire.ExportRelease(operation_id=new_operation_id(), release_id=key, file=file)
        assert office.refused(asked) == code


def test_a_number_once_drawn_is_not_drawn_again_also_when_its_coupon_was_deleted(
    office: Office,
) -> None:
    type_id = add_type(office)
    coupon = issue(office, type_id)
    with office.shop.connection.begin():
        office.shop.connection.execute(update(tables.coupon).values(deleted_at=office.shop.now))
    begin = coupon.code[:8]
    assert plan(office, order(type_id, 1, code_begin=begin)).taken == 0
    release_id = release(office, type_id, 10, code_begin=begin)
    assert coupon.code not in {row.code for row in coupons_of(office, release_id)}
    assert len({draw_code("12345678") for _ in range(50)}) > 1
