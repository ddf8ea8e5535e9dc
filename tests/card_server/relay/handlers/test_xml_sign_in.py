"""Login, Registration and Authorization from bytes to bytes (crm-xml.md 8.8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, select

from card_server.cards import tables as card_tables
from card_server.classifiers import tables as classifier_tables
from card_server.db.engine import DatabaseAddress
from card_server.holders import tables
from card_server.messages import tables as message_tables
from card_server.messages.codes import QueuedCodeSender
from card_server.relay.handlers.context import Services
from tests.helpers.guests import add_contact
from tests.helpers.postbox import Postbox
from tests.helpers.shop import Shop
from tests.helpers.till import Till, open_till

CARD = 10007
PHONE = "79000000012"
AUTO = ' Auto_Registry="True"'
TIMEOUT = "<Include>Code_Timeout</Include>"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def till(shop: Shop, address: DatabaseAddress, postbox: Postbox) -> Iterator[Till]:
    with open_till(shop, address, services=Services(codes=postbox)) as till:
        yield till


def login(phone: str = PHONE, auto: str = "", more: str = "") -> str:
    return f"<Login{auto}>{phone}</Login>{more}"


def code(value: str) -> str:
    return f"<Auth_Code>{value}</Auth_Code>"


def ok(till: Till, action: str, inner: str) -> Element:
    root = till.act(action, inner)
    assert root.tag != "Data", (root.get("ErrorCode"), root.get("ErrorText"))
    return root


def wrong(value: str) -> str:
    return "00001" if value != "00001" else "00002"


def card_range(shop: Shop, *, is_active: bool = True) -> None:
    with shop.connection.begin():
        shop.connection.execute(
            insert(card_tables.card_range).values(
                range_id=5,
                name="App",
                start_code=500,
                end_code=501,
                current_code=499,
                division_id=1,
                card_group_id=13,
                is_active=is_active,
                created_at=shop.now,
                updated_at=shop.now,
            )
        )


def free_card(shop: Shop, number: int, **values: Any) -> None:
    with shop.connection.begin():
        shop.connection.execute(
            insert(card_tables.card).values(
                card_code=number, created_at=shop.now, updated_at=shop.now, **values
            )
        )


def test_a_known_guest_signs_in_by_a_code_r34(till: Till, postbox: Postbox) -> None:
    holder = till.shop.issue(CARD)
    contact = add_contact(till.shop, holder, "+7 (900) 000-00-12")
    first = ok(till, "Login", login("8 900 000-00-12", more=TIMEOUT))
    assert (first.tag, first.findtext("Code_Timeout")) == ("Login", "180")
    sent = postbox.messages[-1]
    assert (sent.address, sent.holder_id, sent.contact_id) == (PHONE, holder, contact)
    second = ok(till, "Login", login(more=code(postbox.code) + "<Include/>"))
    assert second.tag == "Holder"
    assert second.findtext("Holder_ID") == str(holder)
    assert [n.text for n in second.findall("Cards/Card/Card_Code")] == [str(CARD)]
    confirmed = till.shop.connection.execute(select(tables.contact.c.confirmed_at)).scalar()
    till.shop.connection.rollback()
    assert confirmed == till.shop.now


def test_without_the_include_word_no_timeout_is_shown(till: Till) -> None:
    add_contact(till.shop, till.shop.issue(CARD), PHONE)
    assert list(ok(till, "Login", login())) == []


def test_an_unknown_phone_is_enrolled_only_when_asked_for(till: Till, postbox: Postbox) -> None:
    shop = till.shop
    card_range(shop)
    till.set_setting("login.card_range", "5")
    assert till.refusal("Login", login()) == "SAC-9701"
    assert till.refusal("Login", login("none")) == "SAC-9701"
    assert ok(till, "Login", login(auto=AUTO)).tag == "Login"
    assert shop.count(tables.holder) == 0, "nobody is made before the phone is proven"
    reply = ok(till, "Login", login(more=code(postbox.code) + "<Include>Account</Include>"))
    assert [n.text for n in reply.iter("Card_Code")] == ["500"]
    assert len(reply.findall("Accounts/Account")) == 4
    contact = shop.connection.execute(select(tables.contact)).mappings().one()
    shop.connection.rollback()
    assert (contact["value_norm"], contact["confirmed_at"]) == (PHONE, shop.now)
    assert str(contact["holder_id"]) == reply.findtext("Holder_ID")
    card = shop.connection.execute(select(card_tables.card)).mappings().one()
    shop.connection.rollback()
    assert (card["kind"], card["state"], card["range_id"]) == (2, 1, 5)
    kept = shop.connection.execute(select(card_tables.card_range.c.current_code)).scalar()
    shop.connection.rollback()
    assert kept == 500


def test_a_range_without_numbers_enrols_nobody(till: Till, postbox: Postbox) -> None:
    card_range(till.shop)
    for number in (500, 501):
        free_card(till.shop, number)
    till.set_setting("login.card_range", "5")
    ok(till, "Login", login(auto=AUTO))
    assert till.refusal("Login", login(more=code(postbox.code))) == "SAC-9212"
    assert till.shop.count(tables.holder) == 0


def test_wrong_codes_are_counted_and_lock_the_phone(till: Till, postbox: Postbox) -> None:
    add_contact(till.shop, till.shop.issue(CARD), PHONE)
    ok(till, "Login", login())
    bad = login(more=code(wrong(postbox.code)))
    refusals = [till.refusal("Login", bad) for _ in range(4)]
    assert refusals == ["SAC-9702", "SAC-9702", "SAC-9704", "SAC-9704"]
    assert till.refusal("Login", login(more=code(postbox.code))) == "SAC-9704"
    assert till.refusal("Login", login()) == "SAC-9704"
    till.shop.pass_time(minutes=15)
    ok(till, "Login", login())
    assert ok(till, "Login", login(more=code(postbox.code))).tag == "Holder"


def test_a_code_expires_and_a_second_one_waits_a_minute(till: Till, postbox: Postbox) -> None:
    add_contact(till.shop, till.shop.issue(CARD), PHONE)
    ok(till, "Login", login())
    till.shop.pass_time(seconds=30)
    again = ok(till, "Login", login(more=TIMEOUT))
    assert again.findtext("Code_Timeout") == "150"
    assert len(postbox.messages) == 1
    till.shop.pass_time(minutes=3)
    assert till.refusal("Login", login(more=code(postbox.code))) == "SAC-9703"
    till.set_setting("login.code_minutes", "10")
    till.set_setting("login.code_digits", "6")
    assert ok(till, "Login", login(more=TIMEOUT)).findtext("Code_Timeout") == "600"
    assert len(postbox.code) == 6


def test_a_phone_of_several_holders_signs_nobody_in(till: Till) -> None:
    for number in (1, 2):
        add_contact(till.shop, till.shop.issue(number), PHONE)
    assert till.refusal("Login", login()) == "SAC-9301"


def test_without_a_channel_nothing_is_claimed_to_be_sent(
    shop: Shop, address: DatabaseAddress
) -> None:
    add_contact(shop, shop.issue(CARD), PHONE)
    for services in (Services(), Services(codes=QueuedCodeSender())):
        with open_till(shop, address, services=services) as till:
            assert till.refusal("Login", login()) == "SAC-9705"
    assert shop.count(classifier_tables.auth_code) == 0
    assert shop.count(message_tables.message) == 0


def test_registration_makes_the_guest_and_binds_the_card(till: Till, postbox: Postbox) -> None:
    shop = till.shop
    free_card(shop, CARD)
    fields = (
        "<Holder><L_Name>Ким</L_Name><Birth>1990-02-11</Birth><Group_ID>2</Group_ID>"
        "<Contacts><Contact><Value>kim@b.example</Value></Contact></Contacts></Holder>"
    )
    inner = f"{login()}<Card_Code>{CARD}</Card_Code>{fields}{TIMEOUT}"
    first = ok(till, "Registration", inner)
    assert (first.tag, first.findtext("Code_Timeout")) == ("Registration", "180")
    assert shop.count(tables.holder) == 0
    reply = ok(till, "Registration", login(more=code(postbox.code)))
    assert reply.tag == "Holder"
    names = ("L_Name", "Birth", "Group_ID", "Cards_Count", "Contacts_Count")
    assert [reply.findtext(n) for n in names] == ["Ким", "1990-02-11", "2", "1", "2"]
    assert len(reply.findall("Accounts/Account")) == 4, "with or without the Include word"
    bound = shop.connection.execute(select(card_tables.card.c.holder_id)).scalar()
    kept = shop.connection.execute(select(classifier_tables.auth_code.c.wishes)).scalar()
    shop.connection.rollback()
    assert str(bound) == reply.findtext("Holder_ID")
    assert kept is None


def test_registration_finds_the_guest_and_fills_only_what_is_empty(
    till: Till, postbox: Postbox
) -> None:
    holder = till.shop.issue(CARD, name="Анна")
    add_contact(till.shop, holder, PHONE)
    fields = "<Holder><Full_Name>Другая</Full_Name><Source>app</Source></Holder>"
    ok(till, "Registration", login(more=fields))
    reply = ok(till, "Registration", login(more=code(postbox.code)))
    names = ("Holder_ID", "Full_Name", "Source")
    assert [reply.findtext(n) for n in names] == [str(holder), "Анна", "app"]


def test_registration_refuses_cards_that_are_not_free(till: Till, postbox: Postbox) -> None:
    shop = till.shop
    holder = shop.issue(CARD)
    add_contact(shop, holder, PHONE)
    shop.issue(CARD + 1)
    free_card(shop, CARD + 2, state=3)
    free_card(shop, CARD + 3, state=4, block_reason="x")

    def refusal(number: object) -> str:
        return till.refusal("Registration", login(more=f"<Card_Code>{number}</Card_Code>"))

    found = [refusal(number) for number in (CARD, CARD + 1, CARD + 2, CARD + 3, 99, "x")]
    assert found == ["SAC-9706", "SAC-9204", "SAC-9208", "SAC-9202", "SAC-9201", "SAC-9201"]
    assert till.refusal("Registration", login("12345")) == "SAC-9306"
    assert postbox.messages == []


def test_a_card_that_was_taken_meanwhile_undoes_the_registration(
    till: Till, postbox: Postbox
) -> None:
    shop = till.shop
    free_card(shop, CARD)
    ok(till, "Registration", login(more=f"<Card_Code>{CARD}</Card_Code>"))
    other = shop.issue(CARD + 1)
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, holder_id=other)
    assert till.refusal("Registration", login(more=code(postbox.code))) == "SAC-9204"
    assert shop.count(tables.holder) == 1


def test_sign_in_needs_its_right_and_its_fields(till: Till) -> None:
    assert till.refusal("Login") == "SAC-9009"
    assert till.refusal("Authorization", "<Password>x</Password>") == "SAC-9009"
    assert till.refusal("Authorization", "<Phone>1</Phone>") == "SAC-9009"
    till.forbid("login")
    for action in ("Login", "Registration", "Authorization"):
        assert till.refusal(action, login()) == "SAC-9101"


@pytest.fixture
def guest(till: Till) -> int:
    """A guest with a card, a phone, a mail address and the password `demo`."""
    shop = till.shop
    holder = shop.issue(CARD)
    add_contact(shop, holder, PHONE)
    add_contact(shop, holder, "anna@b.example", kind=2)
    person = tables.person
    hashed = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("demo")
    shop.change(person, person.c.holder_id == holder, password_hash=hashed)
    return holder


@pytest.mark.parametrize(
    "name",
    [
        f"<Card_Code>00{CARD}</Card_Code>",
        "<Phone>+7 900 000-00-12</Phone>",
        "<EMail>Anna@B.example</EMail>",
    ],
)
def test_a_password_opens_a_session(till: Till, guest: int, name: str) -> None:
    reply = ok(till, "Authorization", f"{name}<Password>demo</Password>")
    assert (reply.tag, reply.findtext("Holder_ID")) == ("Holder", str(guest))
    session = reply.get("Session") or ""
    assert len(session) == 38
    mine = till.act("Get holder info", Session=session)
    assert mine.findtext("Holder_ID") == str(guest)


@pytest.mark.usefixtures("guest")
def test_unknown_names_and_wrong_passwords_get_the_same_answer(till: Till) -> None:
    till.shop.issue(CARD + 1)
    names = (
        f"<Card_Code>{CARD}</Card_Code>",
        f"<Card_Code>{CARD + 1}</Card_Code>",
        "<Card_Code>99</Card_Code>",
        "<Card_Code>x</Card_Code>",
        "<Phone>79999999999</Phone>",
        "<EMail>nobody</EMail>",
    )
    replies = {
        till.xml(
            '<Message Action="Authorization" Terminal_Type="12345678901234567890">'
            f"{name}<Password>wrong</Password></Message>"
        )
        for name in names
    }
    assert len(replies) == 1
    assert b"SAC-9702" in replies.pop()


@pytest.mark.usefixtures("guest")
def test_guessing_passwords_is_stopped(till: Till) -> None:
    name = f"<Phone>{PHONE}</Phone>"
    found = [till.refusal("Authorization", f"{name}<Password>{n}</Password>") for n in range(6)]
    assert found == ["SAC-9702"] * 5 + ["SAC-9704"]
    assert till.refusal("Authorization", f"{name}<Password>demo</Password>") == "SAC-9704"
    other = f"<Card_Code>{CARD}</Card_Code><Password>demo</Password>"
    assert till.act("Authorization", other).tag == "Holder"
