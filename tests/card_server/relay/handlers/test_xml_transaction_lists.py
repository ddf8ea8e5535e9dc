"""Get transactions info, bytes to bytes (crm-xml.md 8.7)."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, insert, select

from card_server.cards import tables as card_tables
from card_server.classifiers import tables as classifier_tables
from card_server.db.engine import DatabaseAddress, make_engine
from card_server.divisions.repository import bump_rules_version, set_setting
from card_server.ledger import tables
from card_server.ledger.transaction_list import ListFilter, count_listed, list_page
from card_server.relay.exchange import Transport
from card_server.relay.handlers.transaction_blocks import fitting
from card_server.relay.limits import Limits
from shared.wire.ids import account_number
from tests.helpers.coupons import make_coupon, make_type
from tests.helpers.printed import shape
from tests.helpers.shop import BONUS, CODE, SPENT, Shop
from tests.helpers.till import Till, open_till

CARD = 10007
DOP = "PENIRUNLLz4="


def number(shop: Shop, holder: int, type_id: int) -> str:
    account = shop.account(holder, type_id)
    return account_number(type_id, type_id, account.account_id)


def item(shop: Shop, holder: int, type_id: int, amount: str, **fields: str) -> str:
    given_fields = {"External_ID": "881", "External_Index": "3", **fields}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in given_fields.items())
    return (
        f"<Transaction><Account_Number>{number(shop, holder, type_id)}</Account_Number>"
        f"<Amount>{amount}</Amount>{inner}</Transaction>"
    )


def book(till: Till, inner: str) -> list[str]:
    root = till.act("Transaction", inner)
    assert root.tag == "Transactions", root.attrib
    return [node.findtext("Transaction_ID") or "" for node in root]


def ask(till: Till, inner: str, **attributes: str) -> ET.Element:
    root = till.act("Get transactions info", f"<Transaction>{inner}</Transaction>", **attributes)
    assert root.tag == "Transactions", root.attrib
    return root


def ids(root: ET.Element) -> list[str]:
    return [node.findtext("Transaction_ID") or "" for node in root]


@pytest.fixture
def holder(shop: Shop) -> int:
    return shop.issue(CARD)


def test_the_printed_list_is_answered_as_printed(till: Till, holder: int) -> None:
    """The example of 8.7, whole, with this shop's numbers."""
    shop = till.shop
    time = "<Transaction_Time>2026-03-02 11:40:11.25 +03:00</Transaction_Time>"
    sale = (
        item(shop, holder, SPENT, "1240.00", External_Date="2026-03-02")
        + item(
            shop,
            holder,
            BONUS,
            "62.00",
            External_Date="2026-03-02",
            Dop_Info=DOP,
            Transaction_Life="2026-09-05",
        )
    ).replace("</Transaction>", f"{time}</Transaction>")
    _, bonus_id = book(till, sale)
    message = (
        f'<Message Action="Get transactions info" Terminal_Type="{CODE}"><Transaction>'
        f"<Account_Number>{number(shop, holder, BONUS)}</Account_Number>"
        "<Date_From>2026-03-01</Date_From><Date_To>2026-03-31</Date_To><Count>100</Count>"
        "<Include>Transaction_DopInfo</Include></Transaction></Message>"
    )
    expected = (
        '<Transactions Message_ID="0" IndexFrom="1" IndexTo="1" Count="1"><Transaction>'
        f"<Division_ID>1</Division_ID><Transaction_ID>{bonus_id}</Transaction_ID>"
        "<Transaction_Time>2026-03-02 11:40:11.25 +03:00</Transaction_Time>"
        "<Summ>62.00</Summ><Transaction_Type>12</Transaction_Type>"
        "<Operation_Type>2</Operation_Type>"
        "<Operation_Type_Name>Начисление</Operation_Type_Name>"
        f"<Account_Number>{number(shop, holder, BONUS)}</Account_Number>"
        f"<Holder_ID>{holder}</Holder_ID><Client_ID>{shop.classifier_id}</Client_ID>"
        "<Client_Type>RK7</Client_Type><Client_Name>RK7</Client_Name>"
        "<External_ID>881</External_ID><External_Index>3</External_Index>"
        "<External_Date>2026-03-02T00:00:00</External_Date>"
        f'<Remarks></Remarks><Dop_Info Encoding="Base64">{DOP}</Dop_Info>'
        "</Transaction></Transactions>"
    )
    assert shape(till.xml(message)) == shape(expected)
    with_all = ask(
        till,
        f"<Holder_ID>{holder}</Holder_ID><Include>Transaction_Life, Transaction_Bonuses</Include>",
    )
    newest = next(node for node in with_all if node.findtext("Transaction_ID") == bonus_id)
    assert newest.findtext("Transaction_Life") == "2026-09-05"
    assert [node.tag for node in newest][2:5] == [
        "Transaction_Time",
        "Transaction_Bonuses",
        "Summ",
    ]
    assert newest.findtext("Transaction_Bonuses") == "62.00"


def test_a_cheque_of_the_till_is_sent_as_base64(till: Till, holder: int) -> None:
    check = '<CHECK stationcode="4" chmode="1"><CHECKDATA orderguid="{A}" checknum="1"/></CHECK>'
    one = f'<TransactionsEx Card="{CARD}" Kind="3" Summa="100"/>'
    till.farcards("transactionsex", f"<ROOT>{one}<INPBUF>{check}</INPBUF></ROOT>")
    root = ask(till, f"<Holder_ID>{holder}</Holder_ID><Include>Transaction_DopInfo</Include>")
    node = root[0].find("Dop_Info")
    assert node is not None
    assert node.attrib == {"Encoding": "Base64"}
    assert base64.b64decode(node.text or "").decode() == check


def test_free_text_says_that_it_is_text(till: Till, holder: int) -> None:
    book(till, item(till.shop, holder, BONUS, "5.00", Dop_Info="стол 7"))
    root = ask(till, f"<Card_Code>{CARD}</Card_Code><Holder_ID>{holder}</Holder_ID>")
    assert ids(root) == [], "the item named no card"
    root = ask(till, f"<Holder_ID>{holder}</Holder_ID><Include>Transaction_DopInfo</Include>")
    node = root[0].find("Dop_Info")
    assert node is not None
    assert (node.get("Encoding"), node.text) == ("Text", "стол 7")


def test_one_filter_is_needed(till: Till) -> None:
    assert till.refusal("Get transactions info") == "SAC-9410"
    dates = "<Transaction><Date_From>2026-03-01</Date_From><Client_ID/></Transaction>"
    assert till.refusal("Get transactions info", dates) == "SAC-9410"
    till.forbid("txn.read", "txn.read_all")
    assert till.refusal("Get transactions info") == "SAC-9101"


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ("<Transaction_ID>10000000009999</Transaction_ID>", "SAC-9411"),
        ("<Transaction_ID>abc</Transaction_ID>", "SAC-9411"),
        ("<Transaction_ID>9999999999999999999</Transaction_ID>", "SAC-9411"),
        ("<Account_Number>undefined</Account_Number>", "SAC-9401"),
        ("<Account_Number>01.00001.00000099.0001</Account_Number>", "SAC-9401"),
        ("<Account_Number>0.0.4600000000015.922001</Account_Number>", "SAC-9501"),
        ("<Card_Code>no such card</Card_Code>", "SAC-9201"),
        ("<Holder_ID>x</Holder_ID>", "SAC-0075"),
        ("<External_ID>1</External_ID><Date_From>soon</Date_From>", "SAC-9010"),
        ("<Transaction_Life/>", "SAC-9009"),
    ],
)
def test_what_cannot_be_meant_is_refused(till: Till, filters: str, code: str) -> None:
    inner = f"<Transaction>{filters}</Transaction>"
    assert till.refusal("Get transactions info", inner) == code


def test_class_and_type_must_fit_the_account(till: Till, holder: int) -> None:
    good = number(till.shop, holder, BONUS)
    assert ask(till, f"<Account_Number>{good}</Account_Number>").get("Count") == "0"
    bad = f"<Account_Number>{good.replace('00001.', '00002.', 1)}</Account_Number>"
    refused = f"<Transaction>{bad}</Transaction>"
    assert till.refusal("Get transactions info", refused) == "SAC-9401"
    bare = till.shop.account(holder, BONUS).account_id
    assert ask(till, f"<Account_Number>{bare}</Account_Number>").attrib == {
        "Message_ID": "0",
        "Count": "0",
    }


def test_a_card_is_found_by_number_carrier_and_phone(till: Till, holder: int) -> None:
    del holder
    shop = till.shop
    shop.ok(CARD, [(3, 100)])
    shop.change(card_tables.card, card_tables.card.c.card_code == CARD, carrier_data="TRACK-1")
    for sent in (str(CARD), f"000{CARD}", "TRACK-1"):
        assert ask(till, f"<Card_Code>{sent}</Card_Code>").get("Count") == "1", sent
    assert ask(till, "<Card_Code>10999</Card_Code>").get("Count") == "0"


def test_own_unit_and_parent_narrow_the_list(till: Till, holder: int) -> None:
    shop = till.shop
    (paid,) = book(till, item(shop, holder, BONUS, "9.00", External_ID="1"))
    other = shop.classifier_id + 1
    row = dict(
        shop.connection.execute(
            select(classifier_tables.classifier).where(
                classifier_tables.classifier.c.classifier_id == shop.classifier_id
            )
        )
        .one()
        ._mapping
    )
    shop.connection.rollback()
    row |= {"classifier_id": other, "code": "OTHER", "name": "Other"}
    with shop.connection.begin():
        shop.connection.execute(insert(classifier_tables.classifier).values(**row))
        for right in ("txn.read", "txn.read_all"):
            shop.connection.execute(
                insert(classifier_tables.classifier_right).values(
                    classifier_id=other, right_code=right
                )
            )
        bump_rules_version(shop.connection, shop.now)
    shop.ledger.forget_rules()
    who = f"<Holder_ID>{holder}</Holder_ID>"
    assert ids(ask(till, who, Terminal_Type="OTHER")) == [paid]
    assert ids(ask(till, f"{who}<Client_ID/>", Terminal_Type="OTHER")) == []
    assert ids(ask(till, f"{who}<Client_ID/>")) == [paid]
    assert ids(ask(till, f"{who}<Unit_ID/>", Unit_ID="1")) == [paid]
    assert ids(ask(till, f"{who}<Unit_ID/>", Unit_ID="77")) == []
    table = classifier_tables.classifier_right
    with shop.connection.begin():
        shop.connection.execute(
            table.delete().where(
                table.c.classifier_id == other, table.c.right_code == "txn.read_all"
            )
        )
    shop.ledger.forget_rules()
    assert ids(ask(till, who, Terminal_Type="OTHER")) == []


def test_returns_point_at_what_they_return(till: Till, holder: int) -> None:
    shop = till.shop
    (spent, bonus) = book(
        till,
        item(shop, holder, SPENT, "10.00") + item(shop, holder, BONUS, "1.00"),
    )
    back = book(till, item(shop, holder, SPENT, "-10.00") + item(shop, holder, BONUS, "-1.00"))
    who = f"<Holder_ID>{holder}</Holder_ID>"
    root = ask(till, who)
    assert root.get("Count") == "4"
    parents = {n.findtext("Transaction_ID"): n.findtext("Transaction_Parent") for n in root}
    assert parents == {spent: None, bonus: None, back[0]: spent, back[1]: bonus}
    types = {n.findtext("Transaction_ID"): n.findtext("Operation_Type") for n in root}
    assert types == {spent: "2", bonus: "2", back[0]: "4", back[1]: "4"}
    assert set(ids(ask(till, f"{who}<Transaction_Parent/>"))) == {spent, bonus}
    child = f"{who}<Transaction_Parent>{bonus}</Transaction_Parent>"
    assert ids(ask(till, child)) == [back[1]]


def test_days_are_those_of_the_callers_zone(till: Till, holder: int) -> None:
    shop = till.shop
    late = "<Transaction_Time>2026-03-01 23:59:59.90 +03:00</Transaction_Time>"
    early = "<Transaction_Time>2026-03-02 00:00:00 +03:00</Transaction_Time>"
    made = [
        book(
            till,
            item(shop, holder, BONUS, "1.00", External_ID=ext).replace(
                "</Transaction>", f"{time}</Transaction>"
            ),
        )[0]
        for ext, time in (("1", late), ("2", early))
    ]
    who = f"<Holder_ID>{holder}</Holder_ID>"
    first = f"{who}<Date_From>2026-03-01</Date_From><Date_To>2026-03-01</Date_To>"
    assert ids(ask(till, first)) == [made[0]]
    assert ids(ask(till, f"{who}<Date_From>02.03.2026</Date_From>")) == [made[1]]


def test_an_item_that_moved_nothing_exists_but_is_in_no_list(till: Till, holder: int) -> None:
    (zero,) = book(till, item(till.shop, holder, BONUS, "0"))
    root = ask(till, f"<Transaction_ID>{zero}</Transaction_ID>")
    assert (root.get("Count"), len(root)) == ("0", 0)


def test_coupon_uses_stand_where_they_belong(till: Till, holder: int) -> None:
    shop = till.shop
    make_type(shop)
    code = make_coupon(shop, holder_id=holder)
    account = f"0.0.{code}.922001"
    use = (
        f"<Transaction><Account_Number>{account}</Account_Number><Amount>1240.00</Amount>"
        "<External_ID>0881</External_ID></Transaction>"
    )
    (used,) = book(till, use)
    (bonus,) = book(till, item(shop, holder, BONUS, "1.00", External_ID="882"))
    (back,) = book(till, use.replace("1240.00", "-1240.00"))
    root = ask(till, f"<Account_Number>{account}</Account_Number>")
    assert ids(root) == [back, used]
    assert root[1].findtext("Account_Number") == account
    assert root[1].findtext("Operation_Type") == "16"
    assert [n.findtext("Summ") for n in root] == ["-1240.00", "1240.00"]
    assert root[0].findtext("Transaction_Parent") == used
    assert set(ids(ask(till, f"<Holder_ID>{holder}</Holder_ID>"))) == {back, bonus, used}
    assert ids(ask(till, "<External_ID>000881</External_ID>")) == [back, used]
    assert ids(ask(till, f"<Transaction_ID>{used}</Transaction_ID>")) == [used]
    bonus_only = f"<Account_Number>{number(shop, holder, BONUS)}</Account_Number>"
    assert ids(ask(till, bonus_only)) == [bonus]


def test_pages_join_to_the_whole_list(till: Till, holder: int) -> None:
    shop = till.shop
    make_type(shop, max_uses=10)
    code = make_coupon(shop, holder_id=holder)
    for number_ in range(7):
        shop.ok(CARD, [(2, 100), (3, 1000)])
        book(
            till,
            f"<Transaction><Account_Number>0.0.{code}.922001</Account_Number><Amount>1.00</Amount>"
            f"<External_ID>{number_}</External_ID></Transaction>",
        )
    who = f"<Holder_ID>{holder}</Holder_ID>"
    whole = ids(ask(till, who))
    assert len(set(whole)) == 21
    pages: list[str] = []
    for first in range(1, 22, 4):
        root = ask(till, f"{who}<Index>{first}</Index><Count>4</Count>")
        assert root.get("IndexFrom") == str(first)
        assert root.get("IndexTo") == str(first + len(root) - 1)
        pages += ids(root)
    assert pages == whole
    beyond = ask(till, f"{who}<Index>22</Index>")
    assert (beyond.get("IndexFrom"), beyond.get("Count")) == (None, "21")
    assert len(ask(till, f"{who}<Count>10000</Count>")) == 21


def test_a_count_of_ten_thousand_is_served_r35(till: Till, holder: int) -> None:
    book(till, item(till.shop, holder, SPENT, "1240.00"))
    root = ask(till, f"<Holder_ID>{holder}</Holder_ID><Count>10000</Count>")
    assert (root.get("IndexTo"), root.get("Count"), len(root)) == ("1", "1", 1)


def test_the_settings_bound_a_page(till: Till, holder: int) -> None:
    shop = till.shop
    for _ in range(4):
        shop.ok(CARD, [(3, 100)])
    with shop.connection.begin():
        set_setting(shop.connection, "api.page_size", "2", shop.now)
        set_setting(shop.connection, "api.page_max", "3", shop.now)
    shop.ledger.forget_rules()
    who = f"<Holder_ID>{holder}</Holder_ID>"
    assert len(ask(till, who)) == 2
    root = ask(till, f"{who}<Count>10000</Count>")
    assert (root.get("IndexTo"), root.get("Count")) == ("3", "4")


def test_a_raw_reply_is_cut_by_whole_items_and_says_where(
    shop: Shop, address: DatabaseAddress, holder: int
) -> None:
    for _ in range(10):
        shop.ok(CARD, [(3, 100)])
    message = (
        f'<Message Action="Get transactions info" Terminal_Type="{CODE}"><Transaction>'
        f"<Holder_ID>{holder}</Holder_ID><Index>{{first}}</Index></Transaction></Message>"
    )
    with open_till(shop, address) as till:
        till.dispatch._limits = msgspec.structs.replace(Limits(), raw_reply_bytes=4000)
        found: list[str] = []
        while True:
            body = till.xml(message.format(first=len(found) + 1), Transport.RAW)
            assert len(body) <= 4000
            root = ET.fromstring(body)  # noqa: S314 - our own reply
            if not len(root):
                break
            assert root.get("IndexTo") == str(len(found) + len(root))
            assert root.get("Count") == "10"
            found += ids(root)
        assert len(set(found)) == 10
        whole = ET.fromstring(till.xml(message.format(first=1)))  # noqa: S314 - our own reply
        assert ids(whole) == found, "HTTP has no such limit"


@given(st.lists(st.text(max_size=20), max_size=20), st.integers(0, 200), st.booleans())
def test_what_fits_is_the_longest_beginning(
    blocks: list[str], limit: int, windows_1251: Any
) -> None:
    charset = "cp1251" if windows_1251 else "utf-8"
    sizes = [len(one.encode(charset, "xmlcharrefreplace")) for one in blocks]
    shown = fitting(blocks, limit, windows_1251=windows_1251)
    assert shown == blocks[: len(shown)]
    assert sum(sizes[: len(shown)]) <= limit
    assert len(shown) == len(blocks) or sum(sizes[: len(shown) + 1]) > limit


def test_the_burning_list_merges_equal_days(till: Till, holder: int) -> None:
    shop = till.shop
    lives = [("1", "10.00", "2026-09-05"), ("2", "5.00", "2026-05-01"), ("3", "2.00", "2026-09-05")]
    made = [
        book(
            till,
            item(shop, holder, BONUS, amount, External_ID=ext, Transaction_Life=life),
        )[0]
        for ext, amount, life in lives
    ]
    book(till, item(shop, holder, BONUS, "-6.00", External_ID="4"))
    account = f"<Account_Number>{number(shop, holder, BONUS)}</Account_Number>"
    root = ask(till, f"{account}<Transaction_Life/>")
    assert [[(node.tag, node.text) for node in one] for one in root] == [
        [
            ("Transaction_ID", f"{made[0]},{made[2]}"),
            ("Summ", "12.00"),
            ("Summ_Spend", "1.00"),
            ("Transaction_Life", "2026-09-05"),
        ]
    ], "the lot of May is spent"
    until = "<Transaction_Life_To>2026-08-01</Transaction_Life_To>"
    assert ask(till, f"{account}<Transaction_Life/>{until}").attrib == {
        "Message_ID": "0",
        "Count": "0",
    }


def test_no_list_walks_through_a_whole_table(
    shop: Shop, address: DatabaseAddress, holder: int
) -> None:
    """Every filter that may stand alone finds its rows by an index."""
    if not address.is_embedded:
        pytest.skip("plans are those of SQLite")
    shop.ok(CARD, [(3, 100)])
    entry_id = shop.connection.execute(select(tables.entry.c.entry_id)).scalar_one()
    shop.connection.rollback()
    engine = make_engine(address, read_only=True)
    plans: list[str] = []
    with engine.connect() as connection:

        def explain(_: Any, cursor: Any, statement: str, parameters: Any, *__: Any) -> None:
            if statement.startswith("SELECT"):
                cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
                plans.extend(row[3] for row in cursor.fetchall())

        event.listen(engine, "before_cursor_execute", explain)
        for wanted in (
            ListFilter(account_id=shop.account(holder, SPENT).account_id),
            ListFilter(card_code=CARD),
            ListFilter(holder_id=holder, since=shop.now - timedelta(days=1)),
            ListFilter(ext_id="881"),
            ListFilter(transaction_id=entry_id),
            ListFilter(coupon_id=9220014600000000015),
        ):
            totals = count_listed(connection, wanted)
            list_page(connection, wanted, totals, 1, 50)
    engine.dispose()
    assert plans
    assert [plan for plan in plans if plan.startswith("SCAN")] == []
