"""FindEmail and GetCardImageEx, bytes to bytes (farcards.md 9, 10)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import insert, select, update

from card_server.cards import tables as card_tables
from card_server.holders import tables as holder_tables
from card_server.relay.handlers.finding import contact_sought
from tests.helpers.printed import shape
from tests.helpers.shop import CODE, Shop
from tests.helpers.till import Till

CARD = 10007
EMAIL_TYPE = 2


@pytest.fixture
def holder(shop: Shop) -> int:
    holder_id = shop.issue(CARD)
    add_contact(shop, holder_id, "anna@mail.example", EMAIL_TYPE)
    add_contact(shop, holder_id, "79000000011", 1)
    return holder_id


def add_contact(shop: Shop, holder_id: int, value: str, type_id: int) -> None:
    with shop.connection.begin():
        shop.connection.execute(
            insert(holder_tables.contact).values(
                contact_id=shop.ledger.ids.take("contact"),
                holder_id=holder_id,
                contact_type_id=type_id,
                value=value,
                value_norm=value,
                created_at=shop.now,
                updated_at=shop.now,
            )
        )


def find(till: Till, email: str) -> ET.Element:
    body = f'<ROOT><QRY Email="{email}"/></ROOT>'
    root = ET.fromstring(till.farcards("findemail.php", body))  # noqa: S314 - our own reply
    return root[0]


def test_the_printed_answers(till: Till, holder: int) -> None:
    pos_number = till.shop.connection.execute(
        select(holder_tables.holder.c.pos_number).where(holder_tables.holder.c.holder_id == holder)
    ).scalar_one()
    till.shop.connection.rollback()
    found = (
        f'<Root><FindEmail Result="0" Account="{pos_number}" CardCode="10007"'
        ' Name="Гость 10007"/></Root>'
    )
    lost = (
        '<Root><FindEmail Result="1" ErrorText="Владелец не найден" ErrorCode="SAC-0075"/></Root>'
    )
    ask = '<ROOT><QRY Email="{}"/></ROOT>'
    for sent in ("anna@mail.example", " ANNA@Mail.Example ", "8 (900) 000-00-11"):
        assert shape(till.farcards("findemail", ask.format(sent))) == shape(found)
    for sent in ("bob@mail.example", "", "900000011", "Анна"):
        assert shape(till.farcards("findemail", ask.format(sent))) == shape(lost)
    by_root = till.answer(ask.format("anna@mail.example"), query={"qualifier": CODE})
    assert shape(by_root.body) == shape(found), "the root ROOT with Email decides"


def test_several_holders_and_no_active_card_are_refused(till: Till, holder: int) -> None:
    del holder
    shop = till.shop
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, state=4)
    assert find(till, "anna@mail.example").get("ErrorCode") == "SAC-9205"
    add_contact(shop, shop.issue(10008), "anna@mail.example", EMAIL_TYPE)
    assert find(till, "anna@mail.example").get("ErrorCode") == "SAC-9301"


def test_erased_and_deleted_people_are_not_found(till: Till, holder: int) -> None:
    shop = till.shop
    table = holder_tables.holder
    with shop.connection.begin():
        shop.connection.execute(update(table).where(table.c.holder_id == holder).values(state=3))
    assert find(till, "anna@mail.example").get("ErrorCode") == "SAC-0075"


def test_the_right_is_needed(till: Till, holder: int) -> None:
    del holder
    till.forbid("holder.read", "holder.image")
    assert find(till, "anna@mail.example").get("ErrorCode") == "SAC-9101"
    refused = till.farcards("getcardimageex", f'<ROOT><QRY CardCode="{CARD}"/></ROOT>')
    assert b"SAC-9101" in refused


def test_a_picture_comes_as_its_bytes(till: Till, holder: int) -> None:
    shop = till.shop
    body = f'<ROOT><QRY CardCode="{CARD}"/></ROOT>'
    none = '<Root><GetCardImageEx Result="1" ErrorText="Изображения нет"/></Root>'
    answer = till.answer(body, path=("getcardimageex",), query={"qualifier": CODE})
    assert shape(answer.body) == shape(none)
    assert (answer.status, answer.content_type) == (200, "text/xml; charset=utf-8")
    picture = b"\xff\xd8\xff\xe0 not a real picture"
    with shop.connection.begin():
        shop.connection.execute(
            insert(holder_tables.person_photo).values(
                holder_id=holder, mime="image/jpeg", bytes=picture, thumb=picture
            )
        )
    for name in ("CardCode", "Card"):
        sent = f'<ROOT><QRY {name}="{CARD}"/></ROOT>'
        found = till.answer(sent, path=("getcardimageex",), query={"qualifier": CODE})
        assert (found.body, found.content_type) == (picture, "image/jpeg")
    lost = till.farcards("getcardimageex", '<ROOT><QRY CardCode="10999"/></ROOT>')
    assert b"SAC-9201" in lost


@pytest.mark.parametrize(
    ("sent", "sought"),
    [
        ("Anna@Mail.example", ("anna@mail.example", 2)),
        ("89000000011", ("79000000011", 1)),
        ("123", None),
        ("", None),
    ],
)
def test_what_is_sought(sent: str, sought: tuple[str, int] | None) -> None:
    assert contact_sought(sent, "RU") == sought
