"""Edit holders from bytes to bytes (crm-xml.md 8.4)."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import select, update

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.classifiers.signing_in import open_session
from card_server.holders import tables
from card_server.relay.handlers.guest_sessions import session_text
from card_server.users import tables as user_tables
from tests.helpers.guests import EMAIL, add_address, add_contact
from tests.helpers.shop import BONUS, DEBIT, Shop
from tests.helpers.till import Till

CARD = 10007
PHONE = "79000000011"
WORDS = "Account, Holder_Contact, Holder_Address, Holder_Card, Holder_Property"


@pytest.fixture
def guest(till: Till) -> int:
    """Анна Петрова with a phone and a card."""
    inner = (
        "<Holder><L_Name>Петрова</L_Name><F_Name>Анна</F_Name><Birth>1990-02-11</Birth>"
        "<Remarks>VIP</Remarks><External_Code>A-1</External_Code></Holder>"
    )
    holder_id = int(till.act("Add holders", inner).findtext("Holder_ID") or 0)
    add_contact(till.shop, holder_id, PHONE)
    shop = till.shop
    shop.issue(CARD)
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, holder_id=holder_id)
    return holder_id


def edit(till: Till, inner: str, include: str = "", **attributes: str) -> Element:
    message = f"<Holder>{inner}</Holder><Include>{include}</Include>"
    root = till.act("Edit holders", message, **attributes)
    assert root.tag == "Holder", (root.get("ErrorCode"), root.get("ErrorText"))
    return root


def refusal(till: Till, inner: str, **attributes: str) -> str:
    return till.refusal("Edit holders", f"<Holder>{inner}</Holder>", **attributes)


def by_id(holder_id: int, inner: str = "") -> str:
    return f"<Holder_ID>{holder_id}</Holder_ID>{inner}"


def changes_of(shop: Shop) -> int:
    return shop.count(user_tables.change_set)


@pytest.mark.parametrize(
    "key",
    [
        f"<Phone>{PHONE}</Phone>",
        "<Phone>8 (900) 000-00-11</Phone>",
        "<External_Code>A-1</External_Code>",
    ],
)
def test_a_key_alone_finds_the_guest_and_changes_nothing_r33(
    till: Till, guest: int, key: str
) -> None:
    before = changes_of(till.shop)
    till.forbid("holder.write")
    reply = edit(till, key, "Holder_Contact")
    assert reply.findtext("Holder_ID") == str(guest)
    same = till.act("Get holder info", by_id(guest, "<Include>Holder_Contact</Include>"))
    assert ET.tostring(reply) == ET.tostring(same), "the reply is that of Get holder info"
    assert changes_of(till.shop) == before
    assert refusal(till, f"{key}<Smoke>Yes</Smoke>") == "SAC-9101"


def test_nobody_or_several_behind_a_key(till: Till, guest: int) -> None:
    assert refusal(till, "<Phone>79990000000</Phone>") == "SAC-0075"
    assert refusal(till, "<Phone>none</Phone>") == "SAC-0075"
    assert refusal(till, "<External_Code>a-1</External_Code>") == "SAC-0075"
    assert refusal(till, by_id(guest + 1000, "<Smoke>1</Smoke>")) == "SAC-0075"
    assert refusal(till, "<Holder_ID>x</Holder_ID>") == "SAC-0075"
    assert refusal(till, "<Smoke>1</Smoke>") == "SAC-9009"
    assert till.refusal("Edit holders") == "SAC-9009"
    add_contact(till.shop, till.shop.issue(CARD + 1), PHONE)
    assert refusal(till, f"<Phone>{PHONE}</Phone>") == "SAC-9301"


def test_only_what_is_there_is_changed(till: Till, guest: int) -> None:
    reply = edit(till, f"<Phone>{PHONE}</Phone><Smoke>Yes</Smoke><Remarks/><L_Name> </L_Name>")
    assert reply.findtext("Holder_ID") == str(guest)
    names = ("L_Name", "Full_Name", "Birth", "Smoke", "Remarks", "External_Code")
    assert [reply.findtext(name) for name in names] == [
        "Петрова", "Петрова Анна", "1990-02-11", "Yes", "VIP", "A-1",
    ]  # fmt: skip


def test_clear_empties_a_field(till: Till, guest: int) -> None:
    cleared = (
        '<Remarks Clear="True"/><Birth Clear="yes"/><External_Code Clear="1">x</External_Code>'
    )
    reply = edit(till, by_id(guest, cleared))
    names = ("Remarks", "Birth", "External_Code")
    assert [reply.findtext(name) for name in names] == ["", "1899-12-30", ""]
    person = tables.person
    stored = till.shop.connection.execute(
        select(person.c.birth_md).where(person.c.holder_id == guest)
    ).scalar()
    till.shop.connection.rollback()
    assert stored is None


@pytest.mark.parametrize("birth", ["", "rubbish", "2999-01-01", "1899-12-30"])
def test_a_bad_birthday_leaves_the_old_one_r22(till: Till, guest: int, birth: str) -> None:
    reply = edit(till, by_id(guest, f"<Birth>{birth}</Birth><Smoke>Yes</Smoke>"))
    assert (reply.findtext("Birth"), reply.findtext("Smoke")) == ("1990-02-11", "Yes")


def test_a_joined_full_name_follows_its_parts(till: Till, guest: int) -> None:
    reply = edit(till, by_id(guest, "<L_Name>Иванова</L_Name><M_Name>Львовна</M_Name>"))
    assert reply.findtext("Full_Name") == "Иванова Анна Львовна"
    sent_back = "<L_Name>Сидорова</L_Name><Full_Name>Иванова Анна Львовна</Full_Name>"
    reply = edit(till, by_id(guest, sent_back))
    assert reply.findtext("Full_Name") == "Сидорова Анна Львовна"
    reply = edit(till, by_id(guest, "<Full_Name>Аннушка</Full_Name>"))
    assert (reply.findtext("Full_Name"), reply.findtext("L_Name")) == ("Аннушка", "Сидорова")
    reply = edit(till, by_id(guest, "<L_Name>Ёжикова</L_Name>"))
    assert reply.findtext("Full_Name") == "Аннушка", "a name of its own stays"
    person = tables.person
    keys = till.shop.connection.execute(
        select(person.c.search_name, person.c.search_last).where(person.c.holder_id == guest)
    ).one()
    till.shop.connection.rollback()
    assert tuple(keys) == ("аннушка", "ежикова")
    reply = edit(till, by_id(guest, '<Full_Name Clear="True"/>'))
    assert reply.findtext("Full_Name") == "Ёжикова Анна Львовна"


def test_the_whole_reply_sent_back_changes_nothing_r19(till: Till, guest: int) -> None:
    shop = till.shop
    shop.ok(CARD, [(2, 6200), (3, 124_000)])
    add_address(shop, guest, "Тверь", "Мира", "5")
    read = till.act("Get holder info", by_id(guest, f"<Include>{WORDS}</Include>"))
    before = changes_of(shop)
    till.forbid("account.block", "card.issue", "card.state")
    inner = "".join(ET.tostring(child, "unicode") for child in read)
    spoilt = inner.replace("<Balance>62.00", "<Balance>9962.00").replace(
        "<Status>Active", "<Status>Blocked"
    )
    for sent in (inner, spoilt):
        reply = edit(till, sent, WORDS)
        assert ET.tostring(reply) == ET.tostring(read)
    assert changes_of(shop) == before
    assert shop.balance(guest, BONUS) == 6200


def test_contacts_are_added_changed_and_removed(till: Till, guest: int) -> None:
    shop = till.shop
    mail = add_contact(shop, guest, "anna@b.example", EMAIL, confirmed_at=shop.now)
    contacts = (
        f"<Contact><Contact_ID>{mail}</Contact_ID><Value>anna@c.example</Value></Contact>"
        "<Contact><Type_ID>1</Type_ID><Value>+7 900 000-00-11</Value></Contact>"
        "<Contact><Type_ID>1</Type_ID><Value>79000000013</Value><Dispatch>No</Dispatch></Contact>"
    )
    reply = edit(till, by_id(guest, f"<Contacts>{contacts}</Contacts>"), "Holder_Contact")
    shown = [(n.findtext("Value"), n.findtext("Dispatch")) for n in reply.iter("Contact")]
    assert shown == [(PHONE, "Yes"), ("anna@c.example", "Yes"), ("79000000013", "No")]
    table = tables.contact
    row = shop.connection.execute(
        select(table.c.value_norm, table.c.confirmed_at).where(table.c.contact_id == mail)
    ).one()
    shop.connection.rollback()
    assert tuple(row) == ("anna@c.example", None), "a new address is not confirmed"
    gone = f"<Contact><Contact_ID>{mail}</Contact_ID><Deleted>True</Deleted></Contact>"
    reply = edit(till, by_id(guest, f"<Contacts>{gone}</Contacts>"), "Holder_Contact")
    assert "anna@c.example" not in [n.text for n in reply.iter("Value")]
    assert refusal(till, by_id(guest, f"<Contacts>{gone}</Contacts>")) == "SAC-9303"


def test_contacts_of_others_cannot_be_touched_or_taken(till: Till, guest: int) -> None:
    shop = till.shop
    other = shop.issue(CARD + 1)
    theirs = add_contact(shop, other, "79000000099")
    mine = add_contact(shop, guest, "79000000012")
    foreign = f"<Contact><Contact_ID>{theirs}</Contact_ID><Deleted>1</Deleted></Contact>"
    assert refusal(till, by_id(guest, f"<Contacts>{foreign}</Contacts>")) == "SAC-9303"
    for value in ("79000000099", PHONE):
        change = f"<Contact><Contact_ID>{mine}</Contact_ID><Value>{value}</Value></Contact>"
        assert refusal(till, by_id(guest, f"<Contacts>{change}</Contacts>")) == "SAC-0122"


def test_a_masked_value_sent_back_changes_nothing(till: Till, guest: int) -> None:
    till.forbid("person.full")
    read = edit(till, by_id(guest), "Holder_Contact").find(".//Contact")
    assert read is not None
    assert read.findtext("Value") == "7900*****11"
    sent = ET.tostring(read, "unicode")
    notes = sent.replace("<Notes />", "<Notes>call late</Notes>")
    edit(till, by_id(guest, f"<Contacts>{notes}</Contacts>"))
    till.allow()
    contact = edit(till, by_id(guest), "Holder_Contact").find(".//Contact")
    assert contact is not None
    assert (contact.findtext("Value"), contact.findtext("Notes")) == (PHONE, "call late")


def test_addresses_are_changed_part_by_part(till: Till, guest: int) -> None:
    number = add_address(till.shop, guest, "Тверь", "Мира", "5")

    def change(parts: str) -> Element:
        address = f"<Address><Address_ID>{number}</Address_ID>{parts}</Address>"
        inner = by_id(guest, f"<Addresses>{address}</Addresses>")
        return edit(till, inner, "Holder_Address")

    shown = change('<House>7</House><ZIP>170100</ZIP><LAT Clear="True"/>').find(".//Address")
    assert shown is not None
    names = ("City", "Street", "House", "ZIP", "LAT", "LNG")
    assert [shown.findtext(n) for n in names] == [
        "Тверь", "Мира", "7", "170100", "", "-37.6173000",
    ]  # fmt: skip
    add_address(till.shop, guest, "Псков", "Мира", "1")
    assert len(change("<Deleted>yes</Deleted>").findall(".//Address")) == 1


def test_accounts_are_edited_with_their_right_and_opened_where_missing(
    till: Till, guest: int
) -> None:
    shop = till.shop
    account = account_tables.account
    shop.change(
        account, (account.c.holder_id == guest) & (account.c.account_type_id == DEBIT), state=3
    )
    seen = edit(till, by_id(guest), "Account")
    number = seen.findtext("Accounts/Account/Account_Number")
    assert len(seen.findall("Accounts/Account")) == 3
    change = (
        f"<Account><Account_Number>{number}</Account_Number>"
        "<Auto_Change_Levels>No</Auto_Change_Levels><Credit_Depth>100,00</Credit_Depth>"
        "<Account_Level_ID>6</Account_Level_ID></Account>"
        f"<Account><Account_Type_ID>{DEBIT}</Account_Type_ID></Account>"
        f"<Account><Account_Type_ID>{BONUS}</Account_Type_ID></Account>"
    )
    inner = by_id(guest, f"<Accounts>{change}</Accounts>")
    till.forbid("account.block")
    assert refusal(till, inner) == "SAC-9101"
    till.allow()
    reply = edit(till, inner, "Account")
    assert [n.text for n in reply.iter("Account_Type_ID")] == ["1", "2", "3", "5"]
    bonus = reply.find("Accounts/Account")
    assert bonus is not None
    names = ("Auto_Change_Levels", "Credit_Depth", "Account_Level_ID")
    assert [bonus.findtext(name) for name in names] == ["No", "100.00", "6"]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("<Account_Number>undefined</Account_Number>", "SAC-9401"),
        ("<Account_ID>01.00001.99999999.0001</Account_ID>", "SAC-9401"),
        ("<Account_Number>0.0.4600000000015.922001</Account_Number>", "SAC-9401"),
        ("<Account_Type_ID>77</Account_Type_ID>", "SAC-9305"),
        ("<Account_Number>{n}</Account_Number><Account_Level_ID>1</Account_Level_ID>", "SAC-9305"),
        ("<Account_Number>{n}</Account_Number><Credit_Depth>-1</Credit_Depth>", "SAC-9010"),
        ("<Account_Number>{n}</Account_Number><Credit_Depth>a</Credit_Depth>", "SAC-9405"),
        ("<Account_Number>05{n}</Account_Number><Credit_Depth>1</Credit_Depth>", "SAC-9401"),
    ],
)
def test_bad_accounts_are_refused_r25(till: Till, guest: int, sent: str, code: str) -> None:
    number = edit(till, by_id(guest), "Account").findtext("Accounts/Account/Account_Number")
    account = sent.replace("{n}", str(number))
    inner = by_id(guest, f"<Accounts><Account>{account}</Account></Accounts>")
    assert refusal(till, inner) == code


def test_an_empty_account_number_is_not_given_r25(till: Till, guest: int) -> None:
    empty = "<Accounts><Account><Account_Number></Account_Number></Account></Accounts>"
    assert edit(till, by_id(guest, f"{empty}<Smoke>1</Smoke>")).findtext("Smoke") == "Yes"


def test_a_card_is_unbound_with_its_right(till: Till, guest: int) -> None:
    shop = till.shop
    card = f"<Card><Card_Code>{CARD}</Card_Code><Deleted>True</Deleted></Card>"
    inner = by_id(guest, f"<Cards>{card}</Cards>")
    till.forbid("card.state")
    assert refusal(till, inner) == "SAC-9101"
    till.allow()
    assert edit(till, inner).findtext("Cards_Count") == "0"
    event = card_tables.card_event
    found = shop.connection.execute(select(event.c.event, event.c.old_holder_id)).one()
    shop.connection.rollback()
    assert tuple(found) == (3, guest)
    edit(till, inner)
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, holder_id=shop.issue(5))
    assert refusal(till, inner) == "SAC-9204"
    unknown = f"<Cards>{card.replace(str(CARD), '99')}</Cards>"
    assert refusal(till, by_id(guest, unknown)) == "SAC-9201"


def test_a_merged_guest_is_edited_in_the_survivor_and_a_deleted_one_not(
    till: Till, guest: int
) -> None:
    shop = till.shop
    other = shop.issue(CARD + 1)
    holder = tables.holder
    shop.change(holder, holder.c.holder_id == other, state=2, merged_into=guest)
    reply = edit(till, by_id(other, "<Smoke>Yes</Smoke>"))
    assert (reply.findtext("Holder_ID"), reply.findtext("Smoke")) == (str(guest), "Yes")
    shop.change(holder, holder.c.holder_id == guest, deleted_at=shop.now)
    assert refusal(till, by_id(guest, "<Smoke>No</Smoke>")) == "SAC-9307"
    assert edit(till, by_id(guest)).findtext("Deleted") == "Yes"
    assert refusal(till, f"<Phone>{PHONE}</Phone>") == "SAC-0075"


def test_a_refusal_undoes_the_whole_edit(till: Till, guest: int) -> None:
    before = changes_of(till.shop)
    bad = "<L_Name>X</L_Name><Contacts><Contact><Value>1</Value></Contact></Contacts>"
    inner = by_id(guest, bad.replace(">1<", ">12345<"))
    assert refusal(till, inner) == "SAC-9306"
    assert edit(till, by_id(guest)).findtext("L_Name") == "Петрова"
    assert changes_of(till.shop) == before


def test_a_signed_in_guest_edits_himself_only(till: Till, guest: int) -> None:
    shop = till.shop
    other = shop.issue(CARD + 1)
    with shop.connection.begin():
        key = open_session(shop.connection, guest, shop.classifier_id, 30, shop.now)
    session = session_text(key)
    assert edit(till, "<Smoke>Yes</Smoke>", Session=session).findtext("Smoke") == "Yes"
    assert refusal(till, by_id(other, "<Smoke>Yes</Smoke>"), Session=session) == "SAC-9101"
    with shop.connection.begin():
        shop.connection.execute(update(tables.holder).values(group_id=2))
    assert edit(till, "", Session=session).findtext("Group_ID") == "2"


def test_editing_names_the_version_and_the_program(till: Till, guest: int) -> None:
    edit(till, by_id(guest, "<Group_ID>2</Group_ID>"))
    holder, changes = tables.holder, user_tables.change_set
    row: Any = till.shop.connection.execute(
        select(holder.c.version, holder.c.group_id).where(holder.c.holder_id == guest)
    ).one()
    assert tuple(row) == (2, 2)
    last = till.shop.connection.execute(
        select(changes.c.application, changes.c.host, changes.c.row_key)
        .where(changes.c.table_name == "holder")
        .order_by(changes.c.change_id.desc())
    ).first()
    till.shop.connection.rollback()
    assert last is not None
    assert tuple(last) == ("xml", "127.0.0.1", str(guest))
