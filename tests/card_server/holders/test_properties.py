"""Properties of guests through the contract: set, changed, taken away, refused, journalled."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from card_server.divisions import tables as division_tables
from card_server.users import tables as user_tables
from shared.wire import details as wire
from shared.wire import holders, properties
from tests.card_server.holders.test_desk import act, add, see
from tests.helpers.office import Office, new_operation_id


def make(office: Office, code: str, property_type: int, **fields: Any) -> int:
    """A property, by default of guests and cards."""
    values = {"name": code, "code_name": code, "property_type": property_type, "applies_to": 3}
    items = fields.pop("items", [])
    asked = properties.AddProperty(
        operation_id=new_operation_id(),
        fields=properties.PropertyFields(**{**values, **fields}),
        values=[properties.PropertyValueFields(name=item) for item in items],
    )
    return office.ask(asked).key


def given(property_id: int, **value: Any) -> wire.GivenProperty:
    return wire.GivenProperty(property_id=property_id, **value)


def put(office: Office, holder_id: int, *values: wire.GivenProperty, **fields: Any) -> Any:
    return act(office, wire.SetHolderProperties, holder_id, properties=list(values), **fields)


def shown(office: Office, holder_id: int) -> dict[int, object]:
    """Property -> its value."""
    return {
        one.property_id: one.property_value_id or one.value_text or one.value_num or one.value_date
        for one in see(office, holder_id).properties
    }


def test_properties_are_set_changed_and_taken_away(office: Office) -> None:
    holder_id = add(office)
    diet = make(office, "diet", 5, items=["мясо", "рыба"])
    seat, since = make(office, "seat", 6), make(office, "since", 4)
    row = office.ask(properties.GetProperty(key=diet))
    fish = row.values[1].property_value_id or 0
    day = date(2020, 2, 29)
    first = office.ask(
        put(
            office,
            holder_id,
            given(diet, property_value_id=fish),
            given(seat, value_text="у окна"),
            given(since, value_date=day),
        )
    )
    assert shown(office, holder_id) == {diet: fish, seat: "у окна", since: day}
    assert first.version == see(office, holder_id).row.version
    office.ask(put(office, holder_id, given(seat, value_text="терраса"), given(since)))
    assert shown(office, holder_id) == {diet: fish, seat: "терраса"}


def test_what_is_so_already_changes_nothing(office: Office) -> None:
    holder_id, seat = add(office), make(office, "seat", 6)
    version = office.ask(put(office, holder_id, given(seat, value_text="у окна"))).version
    same = office.ask(put(office, holder_id, given(seat, value_text=" у окна ")))
    assert same.version == version
    assert office.ask(put(office, holder_id)).version == version


def test_the_journal_tells_field_by_field_and_knows_what_is_personal(office: Office) -> None:
    holder_id = add(office)
    seat, open_one = make(office, "seat", 6, is_personal=True), make(office, "visits", 2)
    office.ask(put(office, holder_id, given(seat, value_text="a"), given(open_one, value_num=3)))
    office.ask(put(office, holder_id, given(seat, value_text="b")))
    office.ask(put(office, holder_id, given(seat)))
    change, value = user_tables.change_set, user_tables.change_value
    sets = office.shop.rows(
        change, change.c.table_name == "property_link", change.c.row_key == f"1,{holder_id},{seat}"
    )
    assert [row.action for row in sets] == [1, 2, 3]
    ids = [row.change_id for row in sets]
    told = office.shop.rows(value, value.c.change_id.in_(ids), value.c.field_name == "value_text")
    assert [(row.old_value, row.new_value, row.is_personal) for row in told] == [
        (None, "a", True),
        ("a", "b", True),
        ("b", None, True),
    ]


@pytest.mark.parametrize(
    ("fields", "value", "code"),
    [
        ({}, {"value_num": 3}, "FIELD_BAD"),
        ({"applies_to": 2}, {"value_text": "x"}, "DICT_VALUE_UNKNOWN"),
        ({"is_active": False}, {"value_text": "x"}, "DICT_VALUE_UNKNOWN"),
        ({"required": True}, {}, "FIELD_MISSING"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    office: Office, fields: Any, value: Any, code: str
) -> None:
    holder_id, seat = add(office), make(office, "seat", 6, **fields)
    good = make(office, "good", 2)
    asked = put(office, holder_id, given(good, value_num=1), given(seat, **value))
    assert office.refused(asked) == code
    assert shown(office, holder_id) == {}


def test_unknown_doubled_and_too_many_properties_are_refused(office: Office) -> None:
    holder_id, seat = add(office), make(office, "seat", 6)
    one = given(seat, value_text="x")
    assert office.refused(put(office, holder_id, given(9_999))) == "DICT_VALUE_UNKNOWN"
    assert office.refused(put(office, holder_id, one, one)) == "FIELD_BAD"
    assert office.refused(put(office, holder_id, *[one] * 101)) == "TOO_MANY_ITEMS"


def test_stale_foreign_and_deleted_guests_are_refused(office: Office) -> None:
    holder_id, seat = add(office), make(office, "seat", 6)
    one = given(seat, value_text="x")
    replied = office.send(
        "SetHolderProperties",
        (
            f'{{"operation_id":"{new_operation_id()}","holder_id":{holder_id},"version":9,'
            f'"properties":[{{"property_id":{seat},"value_text":"x"}}]}}'
        ).encode(),
    )
    assert replied.status == 409
    assert b'"present"' in replied.body
    office.shop.add(division_tables.division, division_id=2, id_prefix=2, name="Вторая")
    foreign = add(office, division_id=2, contacts=[])
    asked = put(office, foreign, one)
    office.add_user("near", "holder.edit", divisions=(1,))
    assert office.refused(asked, office.sign_in("near")) == "DIVISION_FOREIGN"
    office.sign_in()
    office.ask(act(office, holders.DeleteHolder, holder_id, reason="по просьбе"))
    gone = wire.SetHolderProperties(
        operation_id=new_operation_id(), holder_id=holder_id, version=2, properties=[one]
    )
    assert office.refused(gone) == "ROW_NOT_FOUND"
