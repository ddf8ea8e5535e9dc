"""A guest as programs send one (crm-xml.md 7, 8.3, 8.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.relay.crm_xml_holder_reader import guest_nodes, picture_text, read_guest, read_key
from card_server.relay.limits import Limits
from card_server.relay.xml_tree import Node, parse
from shared.wire.errors import AppError, ErrorCode


def tree(text: str) -> Node:
    return parse(text.encode(), Limits())


def person(inner: str) -> dict[str, Any]:
    node = tree(f"<Holder>{inner}</Holder>")
    return read_guest(node, [node]).person.values


def columns(inner: str) -> dict[str, Any]:
    node = tree(f"<Holder>{inner}</Holder>")
    return read_guest(node, [node]).person.holder


def test_what_is_empty_or_missing_is_not_given() -> None:
    node = tree("<Holder><L_Name/><Birth> </Birth><Gender></Gender><Group_ID/></Holder>")
    wish = read_guest(node, [node])
    assert (wish.person.values, wish.person.holder) == ({}, {})
    assert not wish.changes_something


def test_clear_is_none_and_zero_is_no_non_payer_type() -> None:
    assert person('<Remarks Clear="True">x</Remarks>') == {"remarks": None}
    assert columns("<Unpay_Type_ID>0</Unpay_Type_ID>") == {"non_payer_type_id": None}


@pytest.mark.parametrize(("text", "language"), [("#0419", 1049), ("1033", 1033), (" #409 ", 1033)])
def test_a_language_may_be_hexadecimal_r43(text: str, language: int) -> None:
    assert person(f"<Language_ID>{text}</Language_ID>") == {"language": language}


@given(st.text(alphabet="0123456789#abcxZ-_ ", max_size=12))
def test_a_language_is_a_number_or_a_refusal(text: str) -> None:
    outcome: object
    try:
        outcome = person(f"<Language_ID>{text}</Language_ID>")
    except AppError as error:
        outcome = error.code
    number = outcome.get("language", 1) if isinstance(outcome, dict) else 1
    assert outcome is ErrorCode.FIELD_BAD or 0 < number < 2**31


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1985-07-30", date(1985, 7, 30)),
        ("30.07.1985", date(1985, 7, 30)),
        ("19850730", date(1985, 7, 30)),
        ("1985-07-30T00:00:00", date(1985, 7, 30)),
        ("1899-12-30", None),
        ("soon", None),
    ],
)
def test_a_birthday_in_all_its_forms_r22(text: str, shown: date | None) -> None:
    assert person(f"<Birth>{text}</Birth>").get("birth_date") == shown


def test_words_and_their_numbers() -> None:
    assert person("<Gender>female</Gender><Marrital>Yes</Marrital>") == {"gender": 2, "marital": 2}
    assert person("<Gender>1</Gender><Smoke>True</Smoke>") == {"gender": 1, "smokes": True}
    assert person("<Smoke>perhaps</Smoke>") == {}


def test_numbers_as_text_r20() -> None:
    assert columns("<Group_ID> 003 </Group_ID>") == {"group_id": 3}
    for bad in ("x", "3.0", "99999999999"):
        with pytest.raises(AppError) as caught:
            columns(f"<Group_ID>{bad}</Group_ID>")
        assert caught.value.code is ErrorCode.DICT_VALUE_UNKNOWN


def test_the_first_key_counts_and_is_no_wish() -> None:
    node = tree("<Holder><Phone>7</Phone><External_Code>A</External_Code></Holder>")
    key = read_key(node)
    assert key is not None
    assert (key.holder_id, key.phone, key.external_code) == (None, "7", "")
    assert read_guest(node, [node], key).person.holder == {"external_code": "A"}
    alone = tree("<Holder><External_Code>A</External_Code></Holder>")
    key = read_key(alone)
    assert key is not None
    assert read_guest(alone, [alone], key).person.holder == {}
    assert read_key(tree("<Holder/>")) is None


def test_parts_belong_to_the_holder_before_them_r18() -> None:
    def contacts(value: str) -> str:
        return f"<Contacts><Contact><Value>{value}</Value></Contact></Contacts>"

    root = tree(
        f"<m>{contacts('0')}<Holder>{contacts('1')}</Holder>{contacts('2')}<Holder/>"
        f"{contacts('3')}</m>"
    )
    found = [
        [wish.values["value"] for wish in read_guest(node, parts).person.contacts]
        for node, parts in guest_nodes(root)
    ]
    assert found == [["1", "0", "2"], ["3"]]


def test_a_contact_with_everything() -> None:
    node = tree(
        "<Holder><Contacts><Contact><Contact_ID>5</Contact_ID><Type_ID>1</Type_ID>"
        "<Type_Code>M</Type_Code><Type_Class>PHONE</Type_Class><Value> 79 </Value>"
        '<Value_Ext Clear="True"/><Dispatch>no</Dispatch><Notes>n</Notes><Type_Name>x</Type_Name>'
        "</Contact></Contacts></Holder>"
    )
    (wish,) = read_guest(node, [node]).person.contacts
    assert (wish.contact_id, wish.type_id, wish.type_code, wish.type_class) == (5, 1, "M", 1)
    assert wish.values == {"value": "79", "value_ext": None, "dispatch": False, "notes": "n"}
    assert not wish.delete


@pytest.mark.parametrize(
    ("text", "stored"),
    [("55.7558", 557_558_000), ("-37,61", -376_100_000), ("90", 900_000_000), ("+0.00000009", 0)],
)
def test_coordinates(text: str, stored: int) -> None:
    node = tree(f"<Holder><Addresses><Address><LAT>{text}</LAT></Address></Addresses></Holder>")
    (wish,) = read_guest(node, [node]).person.addresses
    assert wish.values == {"lat": stored}


def test_what_is_read_only_is_not_looked_at_r19() -> None:
    node = tree(
        "<Holder><Balance>9</Balance><Create>x</Create><Status>Blocked</Status><Base_Rate>y</Base_Rate>"
        "<Division_ID>9</Division_ID><Holders_Addresses><Holder_Address/></Holders_Addresses>"
        "<Holders_Properties><Holder_Property/></Holders_Properties><Cards_Count>7</Cards_Count></Holder>"
    )
    assert not read_guest(node, [node]).changes_something


def test_the_end_of_a_card() -> None:
    def end(field: str) -> dict[str, Any]:
        card = f"<Cards><Card><Card_Code>007</Card_Code>{field}</Card></Cards>"
        node = tree(f"<Holder>{card}</Holder>")
        (wish,) = read_guest(node, [node]).cards
        assert (wish.code, wish.shown) == (7, "007")
        return wish.values

    assert end("") == {}
    assert end("<Expired>2027-01-15</Expired>") == {"valid_to": date(2027, 1, 15)}
    assert end("<Expired>2099-12-31</Expired>") == {"valid_to": None}
    assert end('<Expired Clear="True"/>') == {"valid_to": None}


def test_the_text_of_a_picture_loses_its_blanks() -> None:
    assert picture_text(tree("<Holder><Holder_Image> QU\n JD </Holder_Image></Holder>")) == "QUJD"
    assert picture_text(tree("<Holder/>")) == ""
