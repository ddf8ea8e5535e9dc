"""PIN and properties of cards through the contract (domain 1.3, 1.4)."""

from __future__ import annotations

from typing import Any

import pytest

from card_server.cards import tables
from card_server.users import tables as user_tables
from card_server.users.passwords import fits
from shared.wire import cards
from shared.wire import details as wire
from tests.card_server.cards.test_states import act, do, lay, see
from tests.card_server.holders.test_properties import given, make
from tests.helpers.office import Office, new_operation_id

PIN = "4711"


def stored(office: Office, code: int) -> Any:
    (row,) = office.shop.rows(tables.card, tables.card.c.card_code == code)
    return row


def test_a_pin_is_set_changed_and_taken_away_and_wrong_tries_are_forgotten(
    office: Office,
) -> None:
    office.shop.issue(1, pin_fails=4)
    card = do(office, wire.SetCardPin, 1, pin=PIN)
    assert card.has_pin
    assert card.events[0].event == 11
    row = stored(office, 1)
    assert (fits(PIN, row.pin_hash), row.pin_fails) == (True, 0)
    do(office, wire.SetCardPin, 1, pin="0042")
    assert fits("0042", stored(office, 1).pin_hash)
    card = do(office, wire.SetCardPin, 1, pin="")
    assert (card.has_pin, stored(office, 1).pin_hash) == (False, None)


def test_the_pin_stands_nowhere_but_in_its_hash(office: Office) -> None:
    office.shop.issue(1)
    asked = act(office, wire.SetCardPin, 1, pin=PIN)
    office.ask(asked)
    assert office.ask(asked).version == 2
    value = user_tables.change_value
    told = office.shop.rows(value, value.c.field_name == "pin_hash")
    assert [(row.old_value, row.new_value) for row in told] == [(None, "changed")]
    for table in (user_tables.command_result, user_tables.change_value):
        assert all(PIN not in str(row) for row in office.shop.rows(table))


@pytest.mark.parametrize("pin", ["123", "12345", "12a4", "１２３４", " 123", "-123"])
def test_what_is_no_pin_is_refused_and_not_repeated(office: Office, pin: str) -> None:
    office.shop.issue(1)
    replied = office.send(
        "SetCardPin",
        (
            f'{{"operation_id":"{new_operation_id()}","card_code":1,"version":1,"pin":"{pin}"}}'
        ).encode(),
    )
    assert replied.status == 422
    assert str(office.refusal_of(replied)) == "FIELD_BAD"
    assert pin.encode() not in replied.body
    assert stored(office, 1).pin_hash is None


def test_a_voided_unknown_foreign_or_stale_card_is_refused(office: Office) -> None:
    office.shop.issue(1)
    office.shop.issue(2, state=3)
    for kind, fields in (
        (wire.SetCardPin, {"pin": PIN}),
        (wire.SetCardProperties, {"properties": []}),
    ):
        assert office.refused(act(office, kind, 2, **fields)) == "WRONG_STATE"
        assert office.refused(act(office, kind, 1, version=9, **fields)) == "STALE_EDIT"
        unknown = kind(operation_id=new_operation_id(), card_code=9, version=1, **fields)
        assert office.refused(unknown) == "CARD_NOT_FOUND"
    asked = act(office, wire.SetCardPin, 1, pin=PIN)
    office.add_user("far", "card.limits", divisions=())
    assert office.refused(asked, office.sign_in("far")) == "DIVISION_FOREIGN"


def test_each_needs_its_right(office: Office) -> None:
    office.shop.issue(1)
    pin = act(office, wire.SetCardPin, 1, pin=PIN)
    properties = act(office, wire.SetCardProperties, 1, properties=[])
    office.add_user("one", *office.everyone_but("card.limits"))
    assert office.refused(pin, office.sign_in("one")) == "NO_RIGHT"
    office.add_user("two", *office.everyone_but("holder.edit"))
    assert office.refused(properties, office.sign_in("two")) == "NO_RIGHT"


def test_properties_of_a_card_are_its_own(office: Office) -> None:
    colour = make(office, "colour", 6, applies_to=2)
    of_guests = make(office, "diet", 6, applies_to=1)
    lay(office, 7)
    card = do(office, wire.SetCardProperties, 7, properties=[given(colour, value_text="синяя")])
    assert [(one.property_id, one.value_text) for one in card.properties] == [(colour, "синяя")]
    assert card.row.version == 2
    bad = act(office, wire.SetCardProperties, 7, properties=[given(of_guests, value_text="x")])
    assert office.refused(bad) == "DICT_VALUE_UNKNOWN"
    card = do(office, wire.SetCardProperties, 7, properties=[given(colour)])
    assert card.properties == []
    assert isinstance(see(office, 7), cards.Card)
