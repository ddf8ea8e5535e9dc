"""Get holder info from bytes to bytes (crm-xml.md 7.1, 8.2)."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from card_server.cards import tables as card_tables
from card_server.classifiers.signing_in import open_session
from card_server.coupons import tables as coupon_tables
from card_server.holders import tables
from card_server.relay.handlers.guest_sessions import session_text
from tests.helpers.guests import EMAIL, add_address, add_contact, png
from tests.helpers.till import Till

CARD = 10007
HEAD = (
    "Deleted Group_ID Group_Name Division_ID Division_Name Holder_ID INN External_Code"
    " Unpay_Type_ID Unpay_Type_Name L_Name F_Name M_Name Full_Name Birth Gender Marrital Smoke"
    " Verification Image Language_ID Language_Name Source Remarks"
)
COUNTS = "Cards_Count Accounts_Count Contacts_Count"
WRAPPERS = (
    "Accounts Holders_Contacts Holders_Addresses Holders_Cards Holders_Coupons Holders_Properties"
    " Holder_Image"
)
EVERYTHING = (
    "Account; Holder_Contact, Holder_Address\n Holder_Card  Holder_Coupon,Holder_Property,"
    " Holder_Image, Holder_Relative, Nonsense"
)


def ask(till: Till, holder_id: int, words: str = "", **attributes: str) -> list[str]:
    inner = f"<Holder_ID>{holder_id}</Holder_ID><Include>{words}</Include>"
    return [child.tag for child in till.act("Get holder info", inner, **attributes)]


def test_the_elements_stand_in_the_order_of_the_page(till: Till) -> None:
    holder = till.shop.issue(CARD)
    assert ask(till, holder) == f"{HEAD} {COUNTS}".split()
    assert ask(till, holder, "holder_nocount") == HEAD.split()
    assert ask(till, holder, EVERYTHING) == f"{HEAD} {COUNTS} {WRAPPERS}".split()


def test_the_counts_are_true(till: Till) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    add_contact(shop, holder, "+7 900 000-00-11")
    add_contact(shop, holder, "anna@b.example", EMAIL)
    add_contact(shop, holder, "old@b.example", EMAIL, deleted_at=shop.now)
    std = {"created_at": shop.now, "updated_at": shop.now}
    rows: list[dict[str, Any]] = [
        {"card_code": CARD + 1, "holder_id": holder, "state": 4, "block_reason": "x", **std},
        {"card_code": CARD + 2, "holder_id": holder, "state": 3, "block_reason": None, **std},
    ]
    with shop.connection.begin():
        shop.connection.execute(insert(card_tables.card), rows)
    reply = till.act("Get holder info", f"<Holder_ID>{holder}</Holder_ID>")
    counts = {name: reply.findtext(name) for name in COUNTS.split()}
    assert counts == {"Cards_Count": "2", "Accounts_Count": "4", "Contacts_Count": "2"}
    inner = f"<Card_Code>{CARD}</Card_Code><Include>Holder</Include>"
    block = till.act("Get card info", inner).find("Card/Holders/Holder")
    assert block is not None
    assert {name: block.findtext(name) for name in COUNTS.split()} == counts


def test_without_the_right_contacts_are_masked_and_addresses_end_with_the_city(till: Till) -> None:
    holder = till.shop.issue(CARD)
    add_contact(till.shop, holder, "+7 (900) 000-00-11", value_ext="123")
    add_contact(till.shop, holder, "anna@b.example", EMAIL)
    add_address(till.shop, holder, "Тверь", "Мира", "5")
    inner = f"<Holder_ID>{holder}</Holder_ID><Include>Holder_Contact Holder_Address</Include>"
    seen = till.act("Get holder info", inner)
    assert [c.text for c in seen.iter("Value")] == ["+7 (900) 000-00-11", "anna@b.example"]
    address = seen.find("Holders_Addresses/Holder_Address/Address")
    assert address is not None
    shown = [address.findtext(n) for n in ("Country", "City", "Street", "House", "LAT", "LNG")]
    assert shown == ["Россия", "Тверь", "Мира", "5", "55.7558000", "-37.6173000"]
    till.forbid("person.full")
    seen = till.act("Get holder info", inner)
    assert [c.text for c in seen.iter("Value")] == ["7900*****11", "a***@b.example"]
    assert [c.text for c in seen.iter("Value_Ext")] == ["***"]
    address = seen.find("Holders_Addresses/Holder_Address/Address")
    assert address is not None
    shown = [address.findtext(n) for n in ("Country", "City", "Street", "House", "LAT", "LNG")]
    assert shown == ["Россия", "Тверь", "", "", "", ""]


def test_a_wrapper_without_rows_is_sent_with_the_holder_only(till: Till) -> None:
    holder = till.shop.issue(CARD)
    inner = f"<Holder_ID>{holder}</Holder_ID><Include>{EVERYTHING}</Include>"
    reply = till.act("Get holder info", inner)
    for wrapper, block in (
        ("Holders_Contacts", "Holder_Contact"),
        ("Holders_Addresses", "Holder_Address"),
    ):
        found = reply.find(f"{wrapper}/{block}")
        assert found is not None
        assert [(c.tag, c.text) for c in found] == [("Holder_ID", str(holder))]
    coupons = reply.find("Holders_Coupons")
    assert coupons is not None
    assert coupons.attrib == {"Count": "0"}
    properties = reply.find("Holders_Properties")
    assert properties is not None
    assert list(properties) == []


def test_cards_properties_and_the_picture_are_shown(till: Till) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    picture = png(3, 2)
    std = {"created_at": shop.now, "updated_at": shop.now}
    with shop.connection.begin():
        run = shop.connection.execute
        run(
            insert(tables.property_).values(
                property_id=7, property_type=5, code_name="fish", applies_to=1, name="Fish", **std
            )
        )
        run(insert(tables.property_value).values(property_value_id=70, property_id=7, name="Yes"))
        run(
            insert(tables.property_link).values(
                owner_kind=1, owner_id=holder, property_id=7, property_value_id=70
            )
        )
        run(
            insert(tables.person_photo).values(
                holder_id=holder, mime="image/png", bytes=picture, thumb=b"\xff\xd8\xff"
            )
        )
    inner = f"<Holder_ID>{holder}</Holder_ID><Include>{EVERYTHING}</Include>"
    reply = till.act("Get holder info", inner)
    assert reply.findtext("Image") == "Yes"
    assert reply.findtext("Holders_Cards/Holder_Card/Card/Card_Code") == str(CARD)
    assert reply.findtext("Holders_Properties/Holder_Property/Property_ID") == "7"
    assert reply.findtext("Holders_Properties/Holder_Property/Value_ID") == "70"
    image = reply.find("Holder_Image")
    assert image is not None
    assert image.attrib == {"Format": "PNG", "Width": "3", "Height": "2", "Encoding": "Base64"}
    assert base64.b64decode(image.text or "") == picture
    till.forbid("holder.image")
    assert till.refusal("Get holder info", inner) == "SAC-9101"


def test_a_deleted_holder_is_answered_and_a_merged_one_by_the_survivor(till: Till) -> None:
    shop = till.shop
    old, new = shop.issue(CARD), shop.issue(CARD + 1)
    merged = {"state": 2, "merged_into": new}
    shop.change(tables.holder, tables.holder.c.holder_id == old, **merged)
    reply = till.act("Get holder info", f"<Holder_ID>{old}</Holder_ID>")
    assert (reply.findtext("Holder_ID"), reply.findtext("Deleted")) == (str(new), "No")
    shop.change(tables.holder, tables.holder.c.holder_id == new, deleted_at=shop.now)
    reply = till.act("Get holder info", f"<Holder_ID>{new}</Holder_ID>")
    assert (reply.findtext("Holder_ID"), reply.findtext("Deleted")) == (str(new), "Yes")


def test_an_erased_holder_is_answered_without_a_person(till: Till) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    with shop.connection.begin():
        shop.connection.execute(delete(tables.person).where(tables.person.c.holder_id == holder))
        shop.connection.execute(
            update(tables.holder).where(tables.holder.c.holder_id == holder).values(state=3)
        )
    reply = till.act("Get holder info", f"<Holder_ID>{holder}</Holder_ID>")
    assert (reply.findtext("Deleted"), reply.findtext("Full_Name")) == ("Yes", "")


@pytest.mark.parametrize("value", ["12345", "undefined", "-1", "1e5"])
def test_an_unknown_holder_is_not_found(till: Till, value: str) -> None:
    assert till.refusal("Get holder info", f"<Holder_ID>{value}</Holder_ID>") == "SAC-0075"


def test_a_holder_id_may_have_blanks_and_leading_zeros_r20(till: Till) -> None:
    holder = till.shop.issue(CARD)
    reply = till.act("Get holder info", f"<Holder_ID> 00{holder} </Holder_ID>")
    assert reply.findtext("Holder_ID") == str(holder)


def test_a_guest_s_session_answers_his_own_block_only(till: Till) -> None:
    shop = till.shop
    mine, other = shop.issue(CARD), shop.issue(CARD + 1)
    with shop.connection.begin():
        key = open_session(shop.connection, mine, shop.classifier_id, 30, shop.now)
    session = session_text(key)
    assert till.act("Get holder info", Session=session).findtext("Holder_ID") == str(mine)
    inner = f"<Holder_ID>{other}</Holder_ID>"
    assert till.refusal("Get holder info", inner, Session=session) == "SAC-9101"
    shop.pass_time(days=29)
    assert till.act("Get holder info", Session=session).tag == "Holder"
    shop.pass_time(days=29)
    assert till.act("Get holder info", Session=session).tag == "Holder", "each use prolongs it"
    shop.pass_time(days=31)
    assert till.refusal("Get holder info", Session=session) == "SAC-9707"


def test_a_session_of_zeros_is_none_r42(till: Till) -> None:
    holder = till.shop.issue(CARD)
    zeros = "{00000000-0000-0000-0000-000000000000}"
    assert till.refusal("Get holder info", Session=zeros) == "SAC-9009"
    reply = till.act("Get holder info", f"<Holder_ID>{holder}</Holder_ID>", Session=zeros)
    assert reply.findtext("Holder_ID") == str(holder)


def test_an_unknown_session_is_lost(till: Till) -> None:
    assert till.refusal("Get holder info", Session="{rubbish}") == "SAC-9707"
    assert till.refusal("Get holder info", Session="{" + "a" * 32 + "}") == "SAC-9707"


def test_coupons_of_the_holder_need_their_right(till: Till) -> None:
    holder = till.shop.issue(CARD)
    inner = f"<Holder_ID>{holder}</Holder_ID><Include>Holder_Coupon</Include>"
    assert till.act("Get holder info", inner).tag == "Holder"
    assert till.shop.count(coupon_tables.coupon) == 0
    till.forbid("coupon.read")
    assert till.refusal("Get holder info", inner) == "SAC-9101"
