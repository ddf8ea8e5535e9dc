"""The JSON variant, bytes to bytes (farcards.md 11)."""

from __future__ import annotations

import base64
import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from card_server.divisions import tables as division_tables
from card_server.divisions.repository import bump_rules_version, set_setting
from card_server.relay.exchange import Answer
from tests.helpers.coupons import make_coupon, make_type
from tests.helpers.shop import BONUS, CODE, SPENT, Shop
from tests.helpers.till import Till

CARD = 10007
FIELDS = """Deleted Grab StopDate Holy Manager Locked WhyLock Holder PersonID Account Unpay Bonus
Discount DiscLimit Summa Sum2 Sum3 Sum4 Sum5 Sum6 Sum7 Sum8 DopInfo ScrMessage PrnMessage"""
UNIT_SCOPE = 2


def post(till: Till, function: str, document: Any, kind: str = "application/json") -> Answer:
    body = document if isinstance(document, (str, bytes)) else json.dumps(document)
    return till.answer(
        body,
        path=(function,),
        query={"qualifier": CODE},
        headers={"content-type": f"{kind}; charset=utf-8"},
    )


def ask(till: Till, function: str, document: Any) -> dict[str, Any]:
    answer = post(till, function, document)
    assert (answer.status, answer.content_type) == (200, "application/json; charset=utf-8")
    found: dict[str, Any] = json.loads(answer.body)
    return found


@pytest.fixture
def holder(shop: Shop) -> int:
    holder_id = shop.issue(CARD)
    with shop.connection.begin():
        set_setting(shop.connection, "relay.json", "on", shop.now, scope=UNIT_SCOPE, scope_id=1)
        bump_rules_version(shop.connection, shop.now)
    table = division_tables.unit
    shop.change(table, table.c.unit_id == 1, pos_number=1)
    return holder_id


def test_the_variant_is_off_until_its_unit_has_it(till: Till, holder: int) -> None:
    del holder
    call = {"Card": CARD, "Restaurant": 2, "UnitNo": 4, "InpBuf": None, "InpKind": 0}
    answer = post(till, "getcardinfoex", call)
    assert (answer.status, answer.content_type) == (415, "text/plain; charset=utf-8")
    assert post(till, "getcardinfoex", call | {"Restaurant": 1}).status == 200
    assert post(till, "getcardinfoex", call | {"Restaurant": 1}, "text/json").status == 200
    with till.shop.connection.begin():
        set_setting(
            till.shop.connection,
            "relay.json",
            "off",
            till.shop.now,
            scope=UNIT_SCOPE,
            scope_id=1,
        )
    till.shop.ledger.forget_rules()
    assert post(till, "getcardinfoex", call | {"Restaurant": 1}).status == 415


def test_an_unknown_function_is_not_found(till: Till, holder: int) -> None:
    del holder
    for name in ("getcardsex", "findcardsl"):
        answer = post(till, name, {})
        assert (answer.status, answer.content_type) == (404, "text/plain; charset=utf-8")


def test_the_printed_card(till: Till, holder: int) -> None:
    till.shop.ok(CARD, [(2, 6200)])
    reply = post(
        till,
        "getcardinfoex",
        '{"Card": 10007, "Restaurant": 1, "UnitNo": 4, "InpBuf": null, "InpKind": 0}',
    ).body
    found = json.loads(reply)
    info = found["CardInfo"]
    assert list(found) == ["Result", "CardInfo", "OutBuf", "OutKind"]
    assert list(info) == FIELDS.split()
    assert (found["Result"], found["OutBuf"], found["OutKind"]) == (0, None, 0)
    assert (info["Deleted"], info["PersonID"], info["Summa"]) == (False, holder, 0)
    assert b'"DiscLimit":999999.99' in reply
    assert b'"Sum2":62.00' in reply
    assert info["ScrMessage"].startswith("Гость 10007\n")


def test_the_printed_booking_in_currency_units(till: Till, holder: int) -> None:
    row = {
        "Card": CARD,
        "PersonID": holder,
        "Account": 4711,
        "Kind": 3,
        "Summa": 1240.00,
        "Restaurant": 1,
        "RKDate": "2026-03-02T00:00:00",
        "RKUni": 4,
        "RKCheck": 881,
    }
    call = {"Transactions": [row, row | {"Kind": 2, "Summa": 0.29}], "InpBuf": None, "InpKind": 0}
    assert ask(till, "transactionsex", call) == {"Result": 0, "OutBuf": None, "OutKind": 0}
    assert ask(till, "TransactionsEx.php", call) == {"Result": 0, "OutBuf": None, "OutKind": 0}
    assert till.shop.balance(holder, SPENT) == 124000
    assert till.shop.balance(holder, BONUS) == 29


def test_the_cheque_comes_in_base64(till: Till, holder: int) -> None:
    check = '<CHECK chmode="6"><CHECKDATA orderguid="{A}" checknum="1"/></CHECK>'
    row = {"card": CARD, "kind": 3, "summa": 5, "restaurant": 1, "unknown": {"x": []}}
    call = {
        "transactions": [row],
        "inpbuf": base64.b64encode(check.encode()).decode(),
        "inpkind": 1,
    }
    assert ask(till, "transactionsex", call)["Result"] == 0
    assert till.shop.balance(holder, SPENT) == 0, "chmode 6 books nothing"
    call["inpbuf"] = "no base64!"
    assert ask(till, "transactionsex", call)["ErrorCode"] == "SAC-9010"


def test_the_coupon_buffer_goes_out_in_base64(till: Till, holder: int) -> None:
    make_type(till.shop)
    make_coupon(till.shop, holder_id=holder)
    found = ask(till, "getcardinfoex", {"Card": CARD, "Restaurant": 1})
    assert found["OutKind"] == 3
    content = ET.fromstring(base64.b64decode(found["OutBuf"]))  # noqa: S314 - our own reply
    assert content.tag == "ident_info"


def test_failures_are_result_1(till: Till, holder: int) -> None:
    del holder
    lost = ask(till, "getcardinfoex", {"Card": 10999, "Restaurant": 1})
    assert lost == {
        "Result": 1,
        "ErrorText": "Карта 10999 не найдена",
        "ErrorCode": "SAC-9201",
    }
    row = {"Card": CARD, "Kind": 3, "Summa": 1.234, "Restaurant": 1}
    assert ask(till, "transactionsex", {"Transactions": [row]})["ErrorCode"] == "SAC-9010"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "SAC-9001"),
        ("{", "SAC-9002"),
        ("[1]", "SAC-9002"),
        ("[" * 5000, "SAC-9002"),
        (b"\xff\xfe{}", "SAC-9002"),
        ('{"Transactions": [{"Kind": 3, "Summa": 1e400}], "Restaurant": 1}', "SAC-9010"),
        ('{"Transactions": [{"Kind": 3, "Summa": true}]}', "SAC-9010"),
    ],
)
def test_rubbish_is_refused(till: Till, holder: int, body: str | bytes, code: str) -> None:
    del holder
    assert json.loads(post(till, "transactionsex", body).body)["ErrorCode"] == code


def test_a_mail_address_and_a_picture(till: Till, holder: int) -> None:
    del holder
    with till.shop.connection.begin():
        set_setting(till.shop.connection, "relay.json", "on", till.shop.now)
    till.shop.ledger.forget_rules()
    assert ask(till, "findemail", {"Email": "nobody@mail.example"})["ErrorCode"] == "SAC-0075"
    found = ask(till, "getcardimageex", {"Card": CARD, "Restaurant": 1})
    assert found == {"Result": 1, "ErrorText": "Изображения нет"}
