"""Divisions and units through the contract: values, uniqueness, trees, lists by key."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.divisions.rules import inn_fits
from shared.wire.base import Condition, Sort
from shared.wire.divisions import (
    AddDivision,
    AddUnit,
    CloseBooks,
    DeleteUnit,
    DivisionFields,
    EditDivision,
    EditUnit,
    GetUnit,
    ListDivisions,
    ListUnits,
    Unit,
    UnitFields,
)
from tests.helpers.office import Office, new_operation_id


def add(office: Office, name: str, **fields: object) -> int:
    values = UnitFields(name=name, **{"division_id": 1, **fields})  # type: ignore[arg-type]
    return office.ask(AddUnit(operation_id=new_operation_id(), fields=values)).key


def refused(office: Office, **fields: object) -> str:
    values = UnitFields(**{"division_id": 1, **fields})  # type: ignore[arg-type]
    return office.refused(AddUnit(operation_id=new_operation_id(), fields=values))


def test_a_unit_is_made_changed_and_deleted(office: Office) -> None:
    unit_id = add(office, "  Кафе у моря ", pos_code="100010009", pos_number=9, state=2)
    unit = office.ask(GetUnit(unit_id=unit_id))
    assert (unit.name, unit.pos_code, unit.pos_number, unit.state) == (
        "Кафе у моря",
        "100010009",
        9,
        2,
    )
    office.ask(
        EditUnit(
            operation_id=new_operation_id(),
            unit_id=unit_id,
            version=unit.version,
            fields=UnitFields(pos_code=None, phone="+7 000 000-00-00"),
        )
    )
    changed = office.ask(GetUnit(unit_id=unit_id))
    assert (changed.pos_code, changed.pos_number, changed.phone) == (None, 9, "+7 000 000-00-00")
    gone = DeleteUnit(operation_id=new_operation_id(), unit_id=unit_id, version=changed.version)
    office.ask(gone)
    assert office.refused(GetUnit(unit_id=unit_id)) == "ROW_NOT_FOUND"
    deleted = office.ask(ListUnits(deleted=True)).rows
    assert [row.unit_id for row in deleted] == [unit_id]


def test_values_that_do_not_fit_are_refused(office: Office) -> None:
    add(office, "Первый", pos_number=5)
    assert refused(office) == "FIELD_MISSING"
    assert refused(office, name="   ") == "FIELD_MISSING"
    assert refused(office, name="x" * 61) == "TOO_LONG"
    assert refused(office, name="ПЕРВЫЙ") == "VALUE_TAKEN"
    assert refused(office, name="Второй", pos_number=5) == "VALUE_TAKEN"
    assert refused(office, name="Второй", pos_number=65_536) == "FIELD_BAD"
    assert refused(office, name="Второй", state=4) == "FIELD_BAD"
    assert refused(office, name="Второй", classifier_id=99) == "DICT_VALUE_UNKNOWN"
    assert refused(office, name="Второй", division_id=99) == "DICT_VALUE_UNKNOWN"


def test_a_unit_that_sold_something_is_not_deleted(office: Office) -> None:
    office.shop.issue(3001)
    unit_id = add(office, "Живой")
    assert office.desk.book(office.shop.call(3001, [(3, 1000)], unit_id=unit_id)).error is None
    version = office.ask(GetUnit(unit_id=unit_id)).version
    gone = DeleteUnit(operation_id=new_operation_id(), unit_id=unit_id, version=version)
    assert office.refused(gone) == "IN_USE"


def test_divisions_make_a_tree_of_five_storeys_without_a_ring(office: Office) -> None:
    def division(name: str, prefix: int, parent: int | None) -> int:
        fields = DivisionFields(name=name, id_prefix=prefix, parent_id=parent)
        return office.ask(AddDivision(operation_id=new_operation_id(), fields=fields)).key

    at = 1
    for storey in range(2, 6):
        at = division(f"Этаж {storey}", storey, at)
    fields = DivisionFields(name="Лишний", id_prefix=77, parent_id=at)
    lofty = AddDivision(operation_id=new_operation_id(), fields=fields)
    assert office.refused(lofty) == "FIELD_BAD"
    ring = EditDivision(
        operation_id=new_operation_id(),
        division_id=1,
        version=1,
        fields=DivisionFields(parent_id=at),
    )
    assert office.refused(ring) == "FIELD_BAD"


def test_a_prefix_in_use_stays(office: Office) -> None:
    office.shop.issue(3002)
    change = EditDivision(
        operation_id=new_operation_id(),
        division_id=1,
        version=1,
        fields=DivisionFields(id_prefix=7),
    )
    assert office.refused(change) == "IN_USE"


def test_books_are_closed_and_opened_with_a_reason(office: Office) -> None:
    def close(until: date | None, version: int, reason: str = "месяц сверен") -> CloseBooks:
        return CloseBooks(
            operation_id=new_operation_id(),
            division_id=1,
            version=version,
            until=until,
            reason=reason,
        )

    assert office.refused(close(date(2026, 1, 31), 1, "нет")) == "REASON_NEEDED"
    assert office.refused(close(date(2030, 1, 31), 1)) == "FIELD_BAD"
    done = office.ask(close(date(2026, 1, 31), 1))
    assert office.ask(ListDivisions()).rows[0].books_closed_until == date(2026, 1, 31)
    office.ask(close(None, done.version or 0))
    assert office.ask(ListDivisions()).rows[0].books_closed_until is None


@pytest.mark.parametrize("sort", ["name", "pos_number", "unit_id", "address", None])
@pytest.mark.parametrize("descending", [False, True])
def test_pages_by_key_tell_every_row_once_and_in_order(
    office: Office, sort: str | None, *, descending: bool
) -> None:
    for i in range(17):
        add(
            office,
            f"Точка {i * 7 % 17:02d}",
            pos_number=i % 5 + 100 if i % 5 == i else None,
            address=f"дом {i % 3}" if i % 2 else None,
        )
    order = Sort(field=sort, descending=descending) if sort is not None else None
    whole = office.ask(ListUnits(sort=order, limit=1000, count=True))
    assert whole.total == len(whole.rows) == 18
    seen: list[Unit] = []
    after = None
    while True:
        page = office.ask(ListUnits(sort=order, limit=4, after=after))
        seen += page.rows
        after = page.next
        if after is None:
            break
    assert seen == whole.rows
    if sort is not None:
        values = [getattr(row, sort) for row in seen]
        keys = [(value is not None, value) for value in values]
        assert keys == sorted(keys, reverse=descending)


def test_conditions_hold_together(office: Office) -> None:
    for i in range(6):
        add(office, f"Бар_{i}%" if i % 2 else f"Клуб {i}", pos_number=i + 1)

    def names(*where: Condition) -> list[str]:
        return [row.name for row in office.ask(ListUnits(where=list(where))).rows]

    assert names(Condition(field="name", operator="contains", value="_")) == [
        "Бар_1%",
        "Бар_3%",
        "Бар_5%",
    ]
    assert names(
        Condition(field="name", operator="starts", value="Клуб"),
        Condition(field="pos_number", operator="ge", value=3),
    ) == ["Клуб 2", "Клуб 4"]
    assert names(Condition(field="pos_number", operator="in", value=[1, 2])) == ["Клуб 0", "Бар_1%"]
    assert names(Condition(field="pos_number", operator="empty")) == ["Ресторан 1"]
    assert len(names(Condition(field="pos_number", operator="ne", value=1))) == 6


@pytest.mark.parametrize(
    "condition",
    [
        Condition(field="password_hash", value="x"),
        Condition(field="name", operator="like", value="x"),
        Condition(field="pos_number", value="many"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(office: Office, condition: Condition) -> None:
    assert office.refused(ListUnits(where=[condition])) == "FIELD_BAD"
    assert office.refused(ListUnits(after="rubbish")) == "FIELD_BAD"


@pytest.mark.parametrize("inn", ["7707083893", "500100732259"])
def test_a_true_taxpayer_number_fits(inn: str) -> None:
    assert inn_fits(inn)


@given(inn=st.sampled_from(["7707083893", "500100732259"]), place=st.integers(0, 11))
def test_one_wrong_digit_is_found(inn: str, place: int) -> None:
    at = place % len(inn)
    wrong = inn[:at] + str((int(inn[at]) + 1) % 10) + inn[at + 1 :]
    assert not inn_fits(wrong)
    assert not inn_fits(inn[:-1])
