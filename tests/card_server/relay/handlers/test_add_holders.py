"""Add holders from bytes to bytes (crm-xml.md 8.3)."""

from __future__ import annotations

import base64
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, select, update

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.holders import tables
from card_server.licences import tables as licence_tables
from card_server.users import tables as user_tables
from tests.helpers.guests import add_contact, png
from tests.helpers.shop import Shop
from tests.helpers.till import Till

CARD = 10007
EXAMPLE = (
    "<Include>Account, Holder_Contact, Holder_Card</Include>"
    "<Holder><Group_ID>3</Group_ID><Full_Name>Сидоров Пётр</Full_Name><Birth>1985-07-30</Birth>"
    "<Gender>Male</Gender><Language_ID>#0419</Language_ID><Cards><Card><Card_Code>10008</Card_Code>"
    "<Password>demo</Password></Card></Cards></Holder><Contacts><Contact><Type_ID>1</Type_ID>"
    "<Value>+7 (900) 000-00-12</Value><Dispatch>Yes</Dispatch></Contact></Contacts>"
)


def add_range(shop: Shop, **more: Any) -> None:
    values = {
        "range_id": 1,
        "name": "Range",
        "start_code": 10_000,
        "end_code": 19_999,
        "current_code": 9_999,
        "division_id": 1,
        "card_group_id": 11,
        "valid_months": 36,
        "created_at": shop.now,
        "updated_at": shop.now,
    }
    with shop.connection.begin():
        shop.connection.execute(insert(card_tables.card_range).values({**values, **more}))


def free_card(shop: Shop, code: int, **values: Any) -> None:
    std = {"created_at": shop.now, "updated_at": shop.now}
    with shop.connection.begin():
        shop.connection.execute(insert(card_tables.card).values(card_code=code, **values, **std))


def row(shop: Shop, table: Any, *where: Any) -> Any:
    found = shop.connection.execute(select(table).where(*where)).mappings().one()
    shop.connection.rollback()
    return found


def add(till: Till, inner: str, beside: str = "") -> Element:
    root = till.act("Add holders", f"<Holder>{inner}</Holder>{beside}")
    assert root.tag == "Holder", (root.get("ErrorCode"), root.get("ErrorText"))
    return root


def test_the_example_of_the_page(till: Till) -> None:
    shop = till.shop
    add_range(shop)
    reply = till.act("Add holders", EXAMPLE)
    assert reply.tag == "Holder"
    shown = {name: reply.findtext(name) for name in ("Full_Name", "L_Name", "Birth", "Gender")}
    assert shown == {
        "Full_Name": "Сидоров Пётр",
        "L_Name": "",
        "Birth": "1985-07-30",
        "Gender": "Male",
    }
    assert (reply.findtext("Group_ID"), reply.findtext("Group_Name")) == ("3", "Сотрудники")
    assert reply.findtext("Language_ID") == "1049"
    assert [n.text for n in reply.iter("Account_Type_ID")] == ["1", "2", "3", "5"]
    counts = ("Cards_Count", "Accounts_Count", "Contacts_Count")
    assert [reply.findtext(name) for name in counts] == ["1", "4", "1"]
    assert reply.findtext("Holders_Contacts/Holder_Contact/Contact/Value") == "+7 (900) 000-00-12"
    card = reply.find("Holders_Cards/Holder_Card/Card")
    assert card is not None
    assert (card.findtext("Card_Code"), card.findtext("Status")) == ("10008", "Active")
    assert (card.findtext("Offered"), card.findtext("Expired")) == ("2026-03-02", "2029-03-02")
    holder_id = int(reply.findtext("Holder_ID") or 0)
    again = till.act("Get holder info", f"<Holder_ID>{holder_id}</Holder_ID>")
    assert again.findtext("Full_Name") == "Сидоров Пётр"


def test_what_is_stored_can_be_searched_and_journalled(till: Till) -> None:
    shop = till.shop
    inner = "<L_Name>Ёлкина</L_Name><F_Name>Анна</F_Name><Birth>1990-02-11</Birth><Phone/>"
    contact = "<Contacts><Contact><Value>8 900 000 00 11</Value></Contact></Contacts>"
    holder_id = int(add(till, inner + contact).findtext("Holder_ID") or 0)
    person = row(shop, tables.person, tables.person.c.holder_id == holder_id)
    assert person["full_name"] == "Ёлкина Анна"
    assert (person["search_name"], person["search_last"]) == ("елкина анна", "елкина")
    assert person["birth_md"] == 211
    stored = row(shop, tables.contact, tables.contact.c.holder_id == holder_id)
    assert (stored["value"], stored["value_norm"]) == ("8 900 000 00 11", "79000000011")
    assert stored["is_main"]
    assert stored["dispatch"]
    changes = user_tables.change_set
    journal = shop.connection.execute(
        select(changes.c.table_name).where(changes.c.classifier_id == shop.classifier_id)
    ).scalars()
    assert {"holder", "person", "contact", "account"} <= set(journal)
    shop.connection.rollback()
    assert shop.count(tables.consent) == 0


def test_a_new_holder_has_the_first_levels_of_its_account_types(till: Till) -> None:
    reply = till.act("Add holders", "<Holder><L_Name>A</L_Name></Holder><Include>Account</Include>")
    names = {
        node.findtext("Account_Type_ID"): node.findtext("Account_Level_Name")
        for node in reply.iter("Account")
    }
    assert names == {"1": "Гость", "2": "Базовый", "3": "", "5": None}


def test_a_group_may_have_its_own_level_and_depth(till: Till) -> None:
    shop = till.shop
    table = tables.group_account_default
    with shop.connection.begin():
        shop.connection.execute(
            insert(table).values(group_id=2, account_type_id=3, credit_depth=50_000)
        )
    inner = "<Holder><Group_ID> 02 </Group_ID></Holder><Include>Account</Include>"
    reply = till.act("Add holders", inner)
    depths = [node.findtext("Credit_Depth") for node in reply.iter("Account")]
    assert depths == ["0.00", "0.00", "500.00", "0.00"]


def test_types_that_are_not_for_all_are_not_opened(till: Till) -> None:
    kind = account_tables.account_type
    till.shop.change(kind, kind.c.account_type_id == 3, open_for_all=False)
    till.shop.change(kind, kind.c.account_type_id == 2, is_active=False)
    reply = till.act("Add holders", "<Holder/><Include>Account</Include>")
    assert [n.text for n in reply.iter("Account_Type_ID")] == ["1", "5"]


def test_names_may_be_empty_unless_the_setting_demands_one_r23(till: Till) -> None:
    reply = add(till, "<L_Name/><F_Name> </F_Name>")
    assert reply.findtext("Full_Name") == ""
    assert reply.findtext("Group_ID") == "1", "the default group"
    till.set_setting("api.name_required", "1")
    assert till.refusal("Add holders", "<Holder><L_Name/></Holder>") == "SAC-9302"
    assert add(till, "<Full_Name>Анна</Full_Name>").findtext("Full_Name") == "Анна"


@pytest.mark.parametrize(
    "birth",
    ["", "rubbish", "1899-12-30", "2999-01-01", "0000-00-00", "31.02.2000"],
)
def test_a_bad_birthday_is_not_set_r22(till: Till, birth: str) -> None:
    assert add(till, f"<Birth>{birth}</Birth>").findtext("Birth") == "1899-12-30"


def test_parts_beside_and_inside_the_holder_r18(till: Till) -> None:
    inside = "<Contacts><Contact><Value>a@b.example</Value></Contact></Contacts>"
    beside = (
        "<Contacts><Contact><Value>79000000012</Value></Contact></Contacts>"
        "<Addresses><Address><City>Тверь</City></Address></Addresses>"
    )
    include = "<Include>Holder_Contact, Holder_Address</Include>"
    reply = add(till, inside, beside + include)
    assert [n.text for n in reply.iter("Type_Class")] == ["Email", "Phone"]
    assert reply.findtext("Holders_Addresses/Holder_Address/Address/City") == "Тверь"


def test_values_come_back_unchanged_r27(till: Till) -> None:
    name = "O&apos;Brien &quot;Б&quot; &amp; Со 😀"
    reply = add(till, f"<Full_Name>{name}</Full_Name><Remarks>&lt;b&gt;</Remarks>")
    assert reply.findtext("Full_Name") == 'O\'Brien "Б" & Со 😀'
    assert reply.findtext("Remarks") == "<b>"


def test_several_holders_come_together_or_not_at_all(till: Till) -> None:
    def guest(name: str, phone: str) -> str:
        contact = f"<Contacts><Contact><Value>{phone}</Value></Contact></Contacts>"
        return f"<Holder><L_Name>{name}</L_Name></Holder>{contact}"

    one, two = guest("A", "79000000001"), guest("B", "79000000002")
    reply = till.act("Add holders", f"{one}{two}<Include>Holder_Contact</Include>")
    assert reply.tag == "Holders"
    assert [n.text for n in reply.iter("Value")] == ["79000000001", "79000000002"]
    assert [n.findtext("L_Name") for n in reply] == ["A", "B"]
    before = till.shop.count(tables.holder)
    three = "<Holder><L_Name>C</L_Name></Holder>"
    assert till.refusal("Add holders", three + one) == "SAC-0122"
    assert till.shop.count(tables.holder) == before
    assert till.refusal("Add holders", "<Holder/>" * 101) == "SAC-9011"
    assert till.refusal("Add holders") == "SAC-9009"


def test_a_contact_that_is_taken_is_named_and_nothing_is_made(till: Till) -> None:
    shop = till.shop
    add_contact(shop, shop.issue(CARD), "79000000012")
    before = shop.count(tables.holder)
    root = till.act("Add holders", EXAMPLE.replace("10008", str(CARD + 1)))
    assert root.get("ErrorCode") == "SAC-0122"
    text = root.get("ErrorText") or ""
    assert '"+7 (900) 000-00-12"' in text
    assert "допустимо владельцев: 1" in text
    assert shop.count(tables.holder) == before
    kind = tables.contact_type
    with shop.connection.begin():
        shop.connection.execute(
            update(kind).where(kind.c.contact_type_id == 1).values(max_holders=2)
        )
    contact = "<Contacts><Contact><Value>89000000012</Value></Contact></Contacts>"
    add(till, contact)
    assert till.refusal("Add holders", f"<Holder>{contact}</Holder>") == "SAC-0122"


@pytest.mark.parametrize(
    ("contact", "code"),
    [
        ("<Value>12345</Value>", "SAC-9306"),
        ("<Value>a@b</Value>", "SAC-9306"),
        ("<Type_ID>2</Type_ID><Value>79000000012</Value>", "SAC-9306"),
        ("<Type_ID>99</Type_ID><Value>79000000012</Value>", "SAC-9305"),
        ("<Type_ID>x</Type_ID><Value>79000000012</Value>", "SAC-9305"),
        ("<Type_Class>Fax</Type_Class><Value>79000000012</Value>", "SAC-9305"),
        ("<Type_Code>fax</Type_Code><Value>79000000012</Value>", "SAC-9305"),
        ("<Value>abc</Value>", "SAC-9305"),
        ("<Type_ID>1</Type_ID>", "SAC-9009"),
        (f"<Value>{'9' * 129}</Value>", "SAC-9012"),
        ("<Contact_ID>5</Contact_ID><Value>79000000012</Value>", "SAC-9303"),
    ],
)
def test_bad_contacts_are_refused(till: Till, contact: str, code: str) -> None:
    inner = f"<Holder><Contacts><Contact>{contact}</Contact></Contacts></Holder>"
    assert till.refusal("Add holders", inner) == code
    assert till.shop.count(tables.holder) == 0


def test_the_type_of_a_contact_by_class_or_code(till: Till) -> None:
    kind = tables.contact_type
    till.shop.change(kind, kind.c.contact_type_id == 5, external_code="TG")
    contacts = (
        "<Contact><Type_Class>skype</Type_Class><Value>anna.s</Value></Contact>"
        "<Contact><Type_Code>TG</Type_Code><Value>@anna</Value><Notes>x</Notes></Contact>"
        "<Contact><Type_Code>TG</Type_Code><Value>@ANNA</Value></Contact>"
    )
    reply = add(till, f"<Contacts>{contacts}</Contacts>", "<Include>Holder_Contact</Include>")
    shown = [(n.findtext("Type_ID"), n.findtext("Value")) for n in reply.iter("Contact")]
    assert shown == [("3", "anna.s"), ("5", "@anna")], "an exact duplicate is skipped"


@pytest.mark.parametrize(
    ("field", "code"),
    [
        (f"<L_Name>{'x' * 61}</L_Name>", "SAC-9012"),
        (f"<F_Name>{'x' * 41}</F_Name>", "SAC-9012"),
        (f"<Full_Name>{'x' * 141}</Full_Name>", "SAC-9012"),
        (f"<INN>{'1' * 26}</INN>", "SAC-9012"),
        (f"<External_Code>{'1' * 61}</External_Code>", "SAC-9012"),
        ("<Group_ID>77</Group_ID>", "SAC-9305"),
        ("<Group_ID>bar</Group_ID>", "SAC-9305"),
        ("<Unpay_Type_ID>77</Unpay_Type_ID>", "SAC-9305"),
        ("<Gender>Robot</Gender>", "SAC-9010"),
        ("<Language_ID>#zz</Language_ID>", "SAC-9010"),
        ("<Holder_Image>!!</Holder_Image>", "SAC-9309"),
        ("<Holder_Image>R0lGODlh</Holder_Image>", "SAC-9309"),
    ],
)
def test_bad_fields_are_refused_by_name(till: Till, field: str, code: str) -> None:
    assert till.refusal("Add holders", f"<Holder>{field}</Holder>") == code


def test_source_and_remarks_are_cut(till: Till) -> None:
    reply = add(till, f"<Source>{'s' * 121}</Source><Remarks>{'r' * 501}</Remarks>")
    assert reply.findtext("Source") == "s" * 120
    assert reply.findtext("Remarks") == "r" * 500


def test_flags_in_all_their_spellings_r21(till: Till) -> None:
    for word, shown in (("yes", "Yes"), ("True", "Yes"), ("1", "Yes"), ("0", "No"), ("?", "No")):
        reply = add(till, f"<Smoke>{word}</Smoke><Verification>{word}</Verification>")
        assert (reply.findtext("Smoke"), reply.findtext("Verification")) == (shown, shown)


def test_a_password_is_kept_as_a_hash_only(till: Till) -> None:
    shop = till.shop
    free_card(shop, CARD)
    holder_id = int(
        add(
            till,
            f"<Cards><Card><Card_Code>{CARD}</Card_Code><Password>Пароль</Password></Card></Cards>",
        ).findtext("Holder_ID")
        or 0
    )
    stored = row(shop, tables.person, tables.person.c.holder_id == holder_id)["password_hash"]
    assert PasswordHasher().verify(stored, "Пароль")
    values = user_tables.change_value
    journal = shop.connection.execute(select(values.c.new_value)).scalars().all()
    shop.connection.rollback()
    assert not any("Пароль" in (value or "") or "argon2" in (value or "") for value in journal)


def test_a_free_card_is_bound_with_its_event(till: Till) -> None:
    shop = till.shop
    free_card(shop, CARD, state=2)
    terms = "<Expired>2027-01-15</Expired><Group_ID>12</Group_ID>"
    card = f"<Card><Card_Code>000{CARD}</Card_Code>{terms}</Card>"
    reply = add(till, f"<Cards>{card}</Cards>", "<Include>Holder_Card</Include>")
    shown = reply.find("Holders_Cards/Holder_Card/Card")
    assert shown is not None
    assert shown.findtext("Status") == "Inactive", "binding activates nothing"
    assert (shown.findtext("Expired"), shown.findtext("Group_ID")) == ("2027-01-15", "12")
    event = row(shop, card_tables.card_event)
    assert (event["card_code"], event["event"]) == (CARD, 2)
    assert event["classifier_id"] == shop.classifier_id
    assert str(event["new_holder_id"]) == reply.findtext("Holder_ID")


@pytest.mark.parametrize(
    ("state", "code"), [({"state": 3}, "SAC-9208"), ({"state": 4, "block_reason": "x"}, "SAC-9202")]
)
def test_a_card_in_a_wrong_state_is_not_bound(till: Till, state: dict[str, Any], code: str) -> None:
    free_card(till.shop, CARD, **state)
    inner = f"<Holder><Cards><Card><Card_Code>{CARD}</Card_Code></Card></Cards></Holder>"
    assert till.refusal("Add holders", inner) == code
    assert till.shop.count(tables.holder) == 0


def test_cards_that_cannot_be_given(till: Till) -> None:
    shop = till.shop
    shop.issue(CARD)

    def refusal(code: object, more: str = "") -> str:
        card = f"<Card><Card_Code>{code}</Card_Code>{more}</Card>"
        return till.refusal("Add holders", f"<Holder><Cards>{card}</Cards></Holder>")

    assert refusal(CARD) == "SAC-9204"
    assert refusal(CARD + 1) == "SAC-9212"
    assert refusal("abc") == "SAC-9201"
    assert refusal("") == "SAC-9009"
    add_range(shop)
    assert refusal(CARD + 1, "<Group_ID>99</Group_ID>") == "SAC-9305"
    assert refusal(CARD + 1, "<Expired>soon</Expired>") == "SAC-9010"
    assert refusal(20_000) == "SAC-9212"
    till.forbid("card.issue")
    assert refusal(CARD + 1) == "SAC-9201"


def test_addresses_make_their_dictionaries_and_no_doubles(till: Till) -> None:
    address = (
        "<Address><Type_ID>2</Type_ID><Country>Россия</Country><City>Нижний Новгород</City>"
        "<Street>Мира</Street><House>5</House><Apartments>7</Apartments><LAT>56,326887</LAT>"
        "<LNG>-44.0059</LNG></Address>"
    )
    double = address.replace("Нижний Новгород", "нижнийновгород").replace("Мира", " МИРА ")
    include = "<Include>Holder_Address</Include>"
    reply = add(till, f"<Addresses>{address}{double}</Addresses>", include)
    (shown,) = reply.findall("Holders_Addresses/Holder_Address/Address")
    names = ("Type_Name", "Country_ID", "City", "Street", "House", "Apartments", "LAT", "LNG")
    assert [shown.findtext(name) for name in names] == [
        "Рабочий", "1", "Нижний Новгород", "Мира", "5", "7", "56.3268870", "-44.0059000",
    ]  # fmt: skip
    assert till.shop.count(tables.city) == 1
    add(till, f"<Addresses>{double}</Addresses>")
    assert till.shop.count(tables.city) == 1
    assert till.shop.count(tables.street) == 1


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("<LAT>91</LAT>", "SAC-9010"),
        ("<LNG>east</LNG>", "SAC-9010"),
        (f"<House>{'1' * 11}</House>", "SAC-9012"),
        ("<Type_ID>9</Type_ID><City>A</City>", "SAC-9305"),
        ("<City_ID>9</City_ID>", "SAC-9305"),
        ("<Address_ID>9</Address_ID><City>A</City>", "SAC-9304"),
    ],
)
def test_bad_addresses_are_refused(till: Till, sent: str, code: str) -> None:
    inner = f"<Holder><Addresses><Address>{sent}</Address></Addresses></Holder>"
    assert till.refusal("Add holders", inner) == code


def test_a_picture_is_kept_with_a_small_one_for_the_till(till: Till) -> None:
    picture = png(300, 200)
    text = base64.b64encode(picture).decode()
    reply = add(till, f"<Holder_Image>{text[:60]}\n {text[60:]}</Holder_Image>")
    assert reply.findtext("Image") == "Yes"
    stored = row(till.shop, tables.person_photo)
    assert (bytes(stored["bytes"]), stored["mime"]) == (picture, "image/png")
    assert bytes(stored["thumb"])[:3] == b"\xff\xd8\xff"
    inner = f"<Holder_ID>{reply.findtext('Holder_ID')}</Holder_ID><Include>Holder_Image</Include>"
    bounds = '<Image_Format Width="30" Height="30">JPEG</Image_Format>'
    image = till.act("Get holder info", inner + bounds).find("Holder_Image")
    assert image is not None
    assert (image.get("Format"), image.get("Width"), image.get("Height")) == ("JPEG", "30", "20")


def test_without_a_licence_nobody_is_enrolled(till: Till) -> None:
    shop = till.shop
    free_card(shop, CARD)

    def licence(number: int, state: int) -> None:
        with shop.connection.begin():
            shop.connection.execute(
                insert(licence_tables.licence).values(
                    licence_id=number,
                    number=f"L{number}",
                    object_code="X",
                    metric=1,
                    quantity=100,
                    valid_from=shop.now.date(),
                    valid_to=shop.now.date(),
                    file_body=b"x",
                    loaded_at=shop.now,
                    state=state,
                )
            )

    licence(1, 5)
    assert till.refusal("Add holders", "<Holder/>") == "SAC-9905"
    licence(2, 6)
    assert till.refusal("Add holders", "<Holder/>") == "SAC-9905"
    licence(3, 2)
    assert till.act("Add holders", "<Holder/>").tag == "Holder"


def test_without_the_right_nobody_is_enrolled(till: Till) -> None:
    till.forbid("holder.add")
    assert till.refusal("Add holders", "<Holder/>") == "SAC-9101"
    assert till.shop.count(tables.holder) == 0
