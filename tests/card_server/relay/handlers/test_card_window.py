"""GetCardInfoEx, bytes to bytes (farcards.md 3, 4, 8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import insert, select, update

from card_server.accounts import tables as account_tables
from card_server.cards import tables as card_tables
from card_server.classifiers import tables as classifier_tables
from card_server.coupons import tables as coupon_tables
from card_server.divisions.repository import bump_rules_version, set_setting
from card_server.holders import tables as holder_tables
from card_server.ledger import tables
from card_server.schemes import tables as scheme_tables
from tests.helpers.coupons import make_coupon, make_type
from tests.helpers.printed import shape
from tests.helpers.shop import BONUS, DEBIT, DISCOUNT, SPENT, Shop
from tests.helpers.till import Till

CARD = 10007
PHONE = "79000000011"


def configure(till: Till, **settings: str) -> None:
    shop = till.shop
    with shop.connection.begin():
        for key, value in settings.items():
            set_setting(shop.connection, key.replace("__", "."), value, shop.now)
        bump_rules_version(shop.connection, shop.now)
    shop.ledger.forget_rules()


def query(card: object = CARD, check: str = "", **attributes: str) -> str:
    more = "".join(f' {name}="{value}"' for name, value in attributes.items())
    buffer = f'<INPBUF InpKind="1">{check}</INPBUF>' if check else ""
    return f'<ROOT><QRY Card="{card}" Restaurant="1" UnitNo="4"{more}>{buffer}</QRY></ROOT>'


def ask(till: Till, body: str) -> ET.Element:
    root = ET.fromstring(till.farcards("getcardinfoex.php", body))  # noqa: S314 - our own reply
    assert root.tag == "Root"
    assert root[0].tag == "GetCardInfoEx"
    return root[0]


@pytest.fixture
def holder(shop: Shop) -> int:
    return shop.issue(CARD)


def add_contact(shop: Shop, holder_id: int, value: str, type_id: int = 1) -> None:
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


def test_the_printed_card_is_answered_as_printed(till: Till, holder: int) -> None:
    """The reply of section 4, with this shop's numbers and both types that pay."""
    shop = till.shop
    scheme, level = scheme_tables.scheme, scheme_tables.level
    rows = shop.connection.execute(
        select(level.c.account_type_id, level.c.level_id, scheme.c.external_id)
        .join(scheme, scheme.c.scheme_id == level.c.scheme_id)
        .where(level.c.level_no == 2)
    ).all()
    shop.connection.rollback()
    codes = {}
    for row in rows:
        codes[row.account_type_id] = row.external_id
        account = shop.account(holder, row.account_type_id)
        with shop.connection.begin():
            shop.connection.execute(
                update(account_tables.account)
                .where(account_tables.account.c.account_id == account.account_id)
                .values(level_id=row.level_id)
            )
    shop.ok(CARD, [(2, 6200)])
    pos_number = shop.connection.execute(select(holder_tables.holder.c.pos_number)).scalar_one()
    shop.connection.rollback()
    expected = (
        f'<Root><GetCardInfoEx Result="0" CardCode="{CARD}" Deleted="0" Grab="0" Seize="0"'
        ' StopDate="0" Holy="0" Manager="0" Locked="0" WhyLock="" Holder="Гость 10007"'
        f' PersonID="{holder}" Account="{pos_number}" Unpay="0" Bonus="{codes[BONUS]}"'
        f' Discount="{codes[DISCOUNT]}" DiscLimit="99999999" Summa="0" Sum2="6200" Sum3="0"'
        ' Sum4="0" Sum5="0" Sum6="0" Sum7="0" Sum8="0" DopInfo="Друг"'
        ' ScrMessage="Гость 10007&#10;Бонусный: 62.00&#10;Дебетовый: 0.00" PrnMessage=""/></Root>'
    )
    before = shop.count(tables.operation)
    check = (
        '<CHECK stationcode="4" restaurantcode="100010001" chmode="5" locale="1049">'
        '<CHECKDATA checknum="0" orderguid="{0B1C2D3E-0000-4000-8000-00000000A057}"/></CHECK>'
    )
    body = query(check=check)
    assert shape(till.farcards("GetCardInfoEx", body)) == shape(expected)
    assert shop.count(tables.operation) == before, "the call changes no data"


def test_the_printed_refusal_is_answered_as_printed(till: Till) -> None:
    expected = (
        '<Root><GetCardInfoEx Result="1" ErrorText="Карта 10999 не найдена"'
        ' ErrorCode="SAC-9201"/></Root>'
    )
    assert shape(till.farcards("getcardinfoex", query(10999))) == shape(expected)


@pytest.mark.parametrize(
    ("change", "flags"),
    [
        ({"state": 2}, {"Holy": "1"}),
        ({"state": 3}, {"Deleted": "1"}),
        ({"state": 4, "block_reason": "потеря"}, {"Locked": "1", "WhyLock": "потеря"}),
        ({"valid_to": timedelta(days=-1)}, {"StopDate": "1"}),
        ({"valid_from": timedelta(days=1)}, {"Holy": "1"}),
        ({"seize": True}, {"Grab": "1", "Seize": "1"}),
        ({"confirm_manager": True}, {"Manager": "1"}),
        ({"holder_id": None}, {"Locked": "1", "WhyLock": "Карта не выдана", "PersonID": "0"}),
    ],
)
def test_every_state_goes_out_with_result_0(
    till: Till, holder: int, change: dict[str, Any], flags: dict[str, str]
) -> None:
    del holder
    shop = till.shop
    values = {
        name: shop.now.date() + value if isinstance(value, timedelta) else value
        for name, value in change.items()
    }
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, **values)
    reply = ask(till, query())
    plain = dict.fromkeys(
        ("Deleted", "Grab", "Seize", "StopDate", "Holy", "Manager", "Locked"), "0"
    )
    shown = {name: reply.get(name) for name in {**plain, **flags}}
    assert reply.get("Result") == "0"
    assert shown == {**plain, **flags}


@pytest.mark.parametrize(
    "body",
    [
        query(f"000{CARD}"),
        query("TRACK=1"),
        query(0, f'<CHECK><EXTINFO><INTERFACE cardcode="{CARD}"/></EXTINFO></CHECK>'),
        query(
            "",
            f'<CHECK><EXTINFO><INTERFACE cardcode="1"><HOLDERS><ITEM cardcode="{CARD}"/></HOLDERS>'
            '<ALLCARDS><ITEM cardcode="2"/></ALLCARDS></INTERFACE></EXTINFO></CHECK>',
        ),
        f'<Root><qry CARD="{CARD}"/></Root>',
        f'<ROOT><QRY Card="{CARD}"/><INPBUF InpKind="1"><CHECK chmode="5"/></INPBUF></ROOT>',
    ],
)
def test_a_card_is_found_by_all_its_names(till: Till, holder: int, body: str) -> None:
    shop = till.shop
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, carrier_data="TRACK=1")
    reply = ask(till, body)
    assert (reply.get("CardCode"), reply.get("PersonID")) == (str(CARD), str(holder))


def test_a_phone_is_a_card_only_where_it_may_be(till: Till, holder: int) -> None:
    add_contact(till.shop, holder, PHONE)
    check = '<CHECK><PROPERTY name="MAIN_PHONE_NUMBER" value="8 900 000-00-11"/></CHECK>'
    assert ask(till, query(PHONE)).get("ErrorCode") == "SAC-9201"
    configure(till, card__virtual_by_phone="on")
    for body in (query(PHONE), query("+7 (900) 000-00-11"), query("", check)):
        assert ask(till, body).get("CardCode") == str(CARD)
    add_contact(till.shop, till.shop.issue(10008), PHONE)
    assert ask(till, query(PHONE)).get("ErrorCode") == "SAC-9301"


def test_sums_are_what_can_be_spent_within_32_bits(till: Till, holder: int) -> None:
    shop = till.shop
    shop.ok(CARD, [(0, 99_999_999_999), (2, 6200)])
    reply = ask(till, query())
    assert (reply.get("Summa"), reply.get("Sum2")) == ("2147483647", "6200")
    account = shop.account(holder, BONUS)
    with shop.connection.begin():
        shop.connection.execute(
            update(account_tables.account)
            .where(account_tables.account.c.account_id == account.account_id)
            .values(state=2)
        )
    assert ask(till, query()).get("Sum2") == "0", "a blocked account pays nothing"


def test_a_limited_card_shows_only_its_accounts(till: Till, holder: int) -> None:
    shop = till.shop
    shop.ok(CARD, [(0, 5000), (2, 6200)])
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, limited_accounts=True)
    account_id = shop.account(holder, DEBIT).account_id
    with shop.connection.begin():
        shop.connection.execute(
            insert(card_tables.card_account).values(card_code=CARD, account_id=account_id)
        )
    reply = ask(till, query())
    assert (reply.get("Summa"), reply.get("Sum2")) == ("5000", "0")
    assert "62.00" not in (reply.get("ScrMessage") or "")


def test_the_texts_of_the_classifier_are_filled_in(till: Till, holder: int) -> None:
    del holder
    till.shop.ok(CARD, [(0, 1250)])
    configure(
        till,
        relay__screen_text="{name}: {balance} {unknown}",
        relay__printer_text="карта {card}\\nспасибо",
    )
    reply = ask(till, query())
    assert reply.get("ScrMessage") == "Гость 10007: Бонусный: 0.00, Дебетовый: 12.50 {unknown}"
    assert reply.get("PrnMessage") == "карта 10007\nспасибо"
    configure(till, relay__screen_text="x" * 400)
    assert len(ask(till, query()).get("ScrMessage") or "") == 255


# -------------------------------------------------------------------------- coupons


def test_one_usable_coupon_comes_with_its_content_as_printed(till: Till, holder: int) -> None:
    make_type(till.shop)
    make_coupon(till.shop, holder_id=holder)
    make_coupon(till.shop, 2, holder_id=holder, state=1)
    buffer = ask(till, query()).find("OutBuf")
    assert buffer is not None
    printed = (
        '<OutBuf OutKind="3"><ident_info><item_content><group name="Desserts"'
        ' printname="Desserts" order="1" maxquant="1"><item code="312" kind="percent" val="50"'
        ' order="1" max="1" default="0" disccode="31"/></group></item_content></ident_info>'
        "</OutBuf>"
    )
    assert shape(ET.tostring(buffer)) == shape(printed)


def test_several_usable_coupons_come_as_a_choice_as_printed(till: Till, holder: int) -> None:
    make_type(till.shop, name="Dessert 50 %")
    codes = [make_coupon(till.shop, n, holder_id=holder) for n in (1, 2)]
    configure(till, api__language="en")
    buffer = ask(till, query()).find("OutBuf")
    assert buffer is not None
    idents = "".join(f'<ident code="{code}" printname="Dessert 50 %"/>' for code in codes)
    printed = (
        '<OutBuf OutKind="4"><ident_list><hint>Choose a coupon</hint>'
        f'<group printname="Coupons" order="1">{idents}</group></ident_list></OutBuf>'
    )
    assert shape(ET.tostring(buffer)) == shape(printed)


def test_no_coupon_is_offered_without_the_right(till: Till, holder: int) -> None:
    make_type(till.shop)
    code = make_coupon(till.shop, holder_id=holder)
    till.forbid("coupon.read")
    reply = ask(till, query())
    assert (reply.get("Result"), reply.find("OutBuf")) == ("0", None)
    assert ask(till, query(code)).get("ErrorCode") == "SAC-9101"


def test_a_coupon_is_answered_as_an_impersonal_card(till: Till) -> None:
    make_type(till.shop, name="Dessert 50 %", pos_code=31, discount_limit=50000)
    code = make_coupon(till.shop)
    for sent in (code, f"922001{code}"):
        reply = ask(till, query(sent))
        shown = {name: reply.get(name) for name in ("CardCode", "Holder", "PersonID", "Locked")}
        assert shown == {
            "CardCode": code,
            "Holder": "Dessert 50 %",
            "PersonID": "0",
            "Locked": "0",
        }
        assert (reply.get("Discount"), reply.get("DiscLimit")) == ("31", "50000")
        buffer = reply.find("OutBuf")
        assert buffer is not None
        assert buffer.get("OutKind") == "3"


@pytest.mark.parametrize(
    ("values", "flags"),
    [
        ({"state": 3, "uses": 1}, {"Locked": "1"}),
        ({"state": 1}, {"Holy": "1"}),
        ({"state": 6}, {"Deleted": "1"}),
        ({"valid_to": timedelta(days=-1)}, {"StopDate": "1", "Locked": "0"}),
    ],
)
def test_an_unusable_coupon_says_so_by_its_flags(
    till: Till, values: dict[str, Any], flags: dict[str, str]
) -> None:
    shop = till.shop
    make_type(shop)
    given: dict[str, Any] = {
        name: shop.now.date() + value if isinstance(value, timedelta) else value
        for name, value in values.items()
    }
    code = make_coupon(shop, **given)
    reply = ask(till, query(code))
    assert {name: reply.get(name) for name in flags} == flags
    assert reply.find("OutBuf") is None
    table = coupon_tables.coupon
    assert shop.count(table) == 1


def test_the_right_is_needed_and_the_spent_slot_shows_a_balance(till: Till, holder: int) -> None:
    del holder
    shop = till.shop
    table = classifier_tables.classifier_account_type
    shop.change(table, table.c.account_type_id == SPENT, sum_slot=8)
    shop.ok(CARD, [(3, 124000)])
    assert ask(till, query()).get("Sum8") == "124000"
    till.forbid("card.read")
    assert ask(till, query()).get("ErrorCode") == "SAC-9101"
    till.forbid("relay")
    assert ask(till, query()).get("ErrorCode") == "SAC-9101"
