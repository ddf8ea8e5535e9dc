"""Ranges of card numbers through the contract: values, overlaps, cards that came from them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert

from card_server.cards import tables
from card_server.divisions import tables as division_tables
from shared.wire import cards as wire
from tests.helpers.office import Office, new_operation_id


def command(name: str, start: int, end: int, **fields: Any) -> wire.AddCardRange:
    values = {"name": name, "start_code": start, "end_code": end, "division_id": 1, **fields}
    return wire.AddCardRange(operation_id=new_operation_id(), fields=wire.CardRangeFields(**values))


def change(office: Office, key: int, **fields: Any) -> wire.EditCardRange:
    row = next(r for r in office.ask(wire.ListCardRanges()).rows if r.range_id == key)
    return wire.EditCardRange(
        operation_id=new_operation_id(),
        key=key,
        version=row.version,
        fields=wire.CardRangeFields(**fields),
    )


def issue(office: Office, code: int, range_id: int) -> None:
    std = {"created_at": office.shop.now, "updated_at": office.shop.now}
    with office.shop.connection.begin():
        office.shop.connection.execute(
            insert(tables.card).values(card_code=code, range_id=range_id, **std)
        )


def test_a_range_is_made_changed_and_deleted(office: Office) -> None:
    key = office.ask(command(" Основные ", 1000, 1999, valid_months=24, digits=8)).key
    (row,) = office.ask(wire.ListCardRanges()).rows
    assert (row.name, row.current_code, row.valid_months) == ("Основные", 999, 24)
    office.ask(change(office, key, end_code=2999, valid_months=None))
    (row,) = office.ask(wire.ListCardRanges()).rows
    assert (row.end_code, row.valid_months, row.version) == (2999, None, 2)
    stale = wire.DeleteCardRange(operation_id=new_operation_id(), key=key, version=1)
    assert office.refused(stale) == "STALE_EDIT"
    office.ask(wire.DeleteCardRange(operation_id=new_operation_id(), key=key, version=2))
    assert office.ask(wire.ListCardRanges()).rows == []
    office.ask(command("Основные", 1500, 1600))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": ""}, "FIELD_MISSING"),
        ({"name": "x" * 61}, "TOO_LONG"),
        ({"name": "ПЕРВЫЕ"}, "VALUE_TAKEN"),
        ({"start_code": 0}, "FIELD_BAD"),
        ({"end_code": 10**18}, "FIELD_BAD"),
        ({"start_code": 600}, "FIELD_BAD"),
        ({"valid_months": 0}, "FIELD_BAD"),
        ({"digits": 19}, "FIELD_BAD"),
        ({"start_bonus": -1}, "FIELD_BAD"),
        ({"division_id": 77}, "DICT_VALUE_UNKNOWN"),
        ({"card_group_id": 777}, "DICT_VALUE_UNKNOWN"),
        ({"holder_group_id": 777}, "DICT_VALUE_UNKNOWN"),
        ({"start_code": 150}, "VALUE_TAKEN"),
        ({"start_code": 200}, "VALUE_TAKEN"),
        ({"start_code": 50}, "VALUE_TAKEN"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    office: Office, fields: dict[str, Any], code: str
) -> None:
    office.ask(command("Первые", 100, 200))
    values = {"name": "Вторые", "start": 500, "end": 550, **fields}
    values["start"] = values.pop("start_code", values["start"])
    values["end"] = values.pop("end_code", values["end"])
    assert office.refused(command(**values)) == code


def test_ranges_of_two_divisions_may_overlap_but_foreign_ones_are_not_touched(
    office: Office,
) -> None:
    office.shop.add(division_tables.division, division_id=2, id_prefix=2, name="Вторая")
    office.ask(command("Первые", 100, 200))
    foreign = office.ask(command("Чужие", 150, 250, division_id=2)).key
    moving = change(office, foreign, division_id=1)
    assert office.refused(moving) == "VALUE_TAKEN"
    office.add_user("local", "holder.view", "dict.edit", divisions=(1,))
    office.sign_in("local")
    assert [r.name for r in office.ask(wire.ListCardRanges()).rows] == ["Первые"]
    assert office.refused(moving) == "DIVISION_FOREIGN"
    assert office.refused(command("Ещё", 900, 950, division_id=2)) == "DIVISION_FOREIGN"


def test_cards_that_came_from_a_range_keep_it(office: Office) -> None:
    key = office.ask(command("Первые", 100, 200)).key
    issue(office, 120, key)
    assert office.refused(change(office, key, start_code=121)) == "IN_USE"
    assert office.refused(change(office, key, end_code=119)) == "IN_USE"
    gone = wire.DeleteCardRange(operation_id=new_operation_id(), key=key, version=1)
    assert office.refused(gone) == "IN_USE"
    office.ask(change(office, key, start_code=110, end_code=130))
