"""The Transaction action, bytes to bytes (crm-xml.md 8.6)."""

from __future__ import annotations

import re

import pytest

from card_server.cards import tables as card_tables
from shared.wire.ids import account_number
from tests.helpers.printed import shape
from tests.helpers.shop import BONUS, CODE, DEBIT, SPENT, Shop
from tests.helpers.till import Till

CARD = 10007


@pytest.fixture
def holder(shop: Shop) -> int:
    return shop.issue(CARD)


def number(shop: Shop, holder: int, type_id: int) -> str:
    return account_number(type_id, type_id, shop.account(holder, type_id).account_id)


def test_the_printed_message_is_answered_as_printed(till: Till, holder: int) -> None:
    shop = till.shop
    spent, bonus = number(shop, holder, SPENT), number(shop, holder, BONUS)
    message = (
        f'<Message Action="Transaction" Terminal_Type="{CODE}" Unit_ID="1" User_ID="1">'
        f"<Transaction><Account_Number>{spent}</Account_Number><Amount>1240.00</Amount>"
        "<External_ID>881</External_ID><External_Index>3</External_Index>"
        "<External_Date>2026-03-02</External_Date>"
        "<Transaction_Time>2026-03-02 11:40:11.25 +03:00</Transaction_Time>"
        "<Remarks>Table 7</Remarks></Transaction>"
        f"<Transaction><Account_Number>{bonus}</Account_Number><Amount>62.00</Amount>"
        "<External_ID>881</External_ID><External_Index>3</External_Index>"
        "<External_Date>2026-03-02</External_Date>"
        "<Transaction_Time>2026-03-02 11:40:11.25 +03:00</Transaction_Time>"
        "<Transaction_Life>2026-09-05</Transaction_Life></Transaction></Message>"
    )
    reply = till.xml(message)
    first, second = re.findall(r"<Transaction_ID>(\d+)</Transaction_ID>", reply.decode())
    expected = (
        '<Transactions Message_ID="0">'
        f"<Transaction><Account_Number>{spent}</Account_Number>"
        f"<Transaction_ID>{first}</Transaction_ID></Transaction>"
        f"<Transaction><Account_Number>{bonus}</Account_Number>"
        f"<Transaction_ID>{second}</Transaction_ID></Transaction></Transactions>"
    )
    assert shape(reply) == shape(expected)
    assert int(second) == int(first) + 1
    assert till.xml(message) == reply
    assert shop.balance(holder, SPENT) == 124000
    assert shop.balance(holder, BONUS) == 6200


@pytest.mark.parametrize("sent", [str(CARD), f"0000{CARD}", "TRACK;1"])
def test_a_card_is_found_by_number_and_carrier(till: Till, holder: int, sent: str) -> None:
    """R37 and 6.2."""
    shop = till.shop
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, carrier_data="TRACK;1")
    inner = (
        f"<Transaction><Card_Code>{sent}</Card_Code><Account_Type_ID>{DEBIT}</Account_Type_ID>"
        "<Amount>5.00</Amount><External_ID>1</External_ID></Transaction>"
    )
    assert till.act("Transaction", inner).tag == "Transactions"
    assert till.act("Transaction", inner).tag == "Transactions"
    assert shop.balance(holder, DEBIT) == 500


@pytest.mark.parametrize(
    ("inner", "code"),
    [
        ("", "SAC-9414"),
        ("<Transaction/>", "SAC-9009"),
        ("<Transaction><Amount>1</Amount></Transaction>", "SAC-9009"),
        (
            "<Transaction><Card_Code>10999</Card_Code><Amount>1</Amount></Transaction>",
            "SAC-9201",
        ),
        (
            "<Transaction><Card_Code>what?</Card_Code><Amount>1</Amount></Transaction>",
            "SAC-9201",
        ),
        (
            "<Transaction><Account_ID>undefined</Account_ID><Amount>1</Amount></Transaction>",
            "SAC-9401",
        ),
        (
            "<Transaction><Card_Code>10007</Card_Code><Amount>1e3</Amount></Transaction>",
            "SAC-9405",
        ),
        (
            "<Transaction><Card_Code>10007</Card_Code><Amount>1</Amount></Transaction>",
            "SAC-9413",
        ),
    ],
)
def test_what_cannot_be_booked_is_refused(till: Till, holder: int, inner: str, code: str) -> None:
    assert till.refusal("Transaction", inner) == code
    assert till.shop.balance(holder, DEBIT) == 0


def test_a_message_is_booked_whole_or_not_at_all(till: Till, holder: int) -> None:
    shop = till.shop
    good = (
        f"<Transaction><Account_Number>{number(shop, holder, DEBIT)}</Account_Number>"
        "<Amount>5.00</Amount><External_ID>1</External_ID></Transaction>"
    )
    bad = good.replace("5.00", "-500.00")
    assert till.refusal("Transaction", good + bad) == "SAC-9404"
    assert shop.balance(holder, DEBIT) == 0
    assert till.refusal("Transaction", good + good) == "SAC-9408"
    assert till.refusal("Transaction", good * 1001) == "SAC-9011"


def test_signs_and_quotes_come_back_as_sent(till: Till, holder: int) -> None:
    """R27 and R28: a lone ampersand is repaired, everything else stays."""
    shop = till.shop
    remark = 'O\'Hara & "Сыр" 🧀'
    inner = (
        f"<Transaction><Account_Number>{number(shop, holder, DEBIT)}</Account_Number>"
        f"<Amount>5.00</Amount><External_ID>1</External_ID><Remarks>{remark}</Remarks>"
        "</Transaction>"
    )
    assert till.act("Transaction", inner).tag == "Transactions"
    root = till.act(
        "Get transactions info", "<Transaction><External_ID>1</External_ID></Transaction>"
    )
    assert root[0].findtext("Remarks") == remark


def test_r02_a_declaration_with_a_blank_is_read(till: Till, holder: int) -> None:
    assert holder
    body = (
        f'<Message Action="Get card info" Terminal_Type="{CODE}"><Card_Code>{CARD}</Card_Code>'
        "<Include/></Message>"
    )
    plain = till.xml('<?xml version="1.0" encoding="utf-8"?>' + body)
    assert f"<Card_Code>{CARD}</Card_Code>".encode() in plain
    assert till.xml('<? xml version="1.0" encoding="utf-8"?>' + body) == plain
